import type { CommandDeclaration } from './declaration.ts';
import { bareWord, isCourtesy, refuseMore, serviceFirst } from './words.ts';

interface HotfixCommand {
  readonly kind: 'hotfix';
  readonly service: string;
  /** Branch or commit of the fix; empty: what is on the branch of the service. */
  readonly fix: string;
}

export const hotfix = {
  word: 'hotfix',
  usage: 'hotfix shop [commit]',
  meaning: 'mend the release that is live, by a commit or branch, with all gates and approvals',
  parse: ({ rest, services }): HotfixCommand => {
    const { service, others } = serviceFirst(rest, services);
    const [fix = '', ...more] = others.filter((word) => !isCourtesy(word));
    refuseMore(more);
    return { kind: 'hotfix', service, fix: bareWord(fix) };
  },
} satisfies CommandDeclaration;
