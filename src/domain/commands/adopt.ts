import { Refusal } from '../refusals/refusal.ts';
import type { CommandDeclaration } from './declaration.ts';
import { refuseMore, serviceFirst, versionIn } from './words.ts';

export const adopt = {
  word: 'adopt',
  usage: 'adopt shop 2.6.0',
  meaning: 'let rollbacks return to a release that was shipped before Slipway',
  parse: ({ rest, services }) => {
    const { service, others } = serviceFirst(rest, services);
    const [version, ...more] = others;
    if (version === undefined) throw new Refusal('version-missing', { service });
    refuseMore(more);
    return { kind: 'adopt' as const, service, version: versionIn(version) };
  },
} satisfies CommandDeclaration;
