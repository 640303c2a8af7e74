import type { CommandDeclaration } from './declaration.ts';
import { refuseMore, serviceFirst, versionIn } from './words.ts';

interface RollbackCommand {
  readonly kind: 'rollback';
  readonly service: string;
  readonly to?: string;
}

export const rollback = {
  word: 'rollback',
  usage: 'rollback shop [2.6.0]',
  meaning: 'go back to the release before, or to that one',
  parse: ({ rest, services }): RollbackCommand => {
    const { service, others } = serviceFirst(rest, services);
    const [to, ...more] = others;
    refuseMore(more);
    return { kind: 'rollback', service, ...(to === undefined ? {} : { to: versionIn(to) }) };
  },
} satisfies CommandDeclaration;
