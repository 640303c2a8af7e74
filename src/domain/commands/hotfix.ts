import type { CommandDeclaration } from './declaration.ts';
import { bareWord, isCourtesy, refuseMore, serviceFirst } from './words.ts';

export const hotfix = {
  word: 'hotfix',
  usage: 'hotfix shop [commit]',
  meaning: 'mend the release that is live, by a commit or branch, with all gates and approvals',
  /** `fix`: branch or commit of the fix; empty: what is on the branch of the service. */
  parse: ({ rest, services }) => {
    const { service, others } = serviceFirst(rest, services);
    const [fix = '', ...more] = others.filter((word) => !isCourtesy(word));
    refuseMore(more);
    return { kind: 'hotfix' as const, service, fix: bareWord(fix) };
  },
} satisfies CommandDeclaration;
