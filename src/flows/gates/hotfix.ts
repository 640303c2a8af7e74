import { hotfixGate } from '../../domain/gates/hotfix.ts';
import type { Mended } from '../../domain/promotion/hotfix.ts';
import { whenRefused } from '../../domain/refusals/refusal.ts';
import type { Sha } from '../../domain/release/release.ts';
import type { Facts } from '../plan/facts.ts';
import { commitsOf, oursBy } from '../plan/service-commits.ts';
import type { Gate } from './port.ts';

/** So many commits are counted. */
const MOST_COMMITS = 200;

/** Only a hotfix has it: the fix that was named is part of what would be shipped. */
export const hotfix: Gate = {
  id: 'hotfix',
  title: 'Hotfix',
  askedAgain: false,
  applies: (_ports, request) => request?.hotfix !== undefined,
  async check(facts) {
    const { hotfix: asked } = facts.request;
    if (asked === undefined) return { verdict: 'passed', reason: 'This is no hotfix.' };
    const { service, repository } = facts.ports;
    const base = await facts.base();
    const { of, fix } = asked;
    const isIn = fix === undefined || (await isPartOf(facts, base, fix.commit));
    return hotfixGate({
      service: service.name,
      branch: service.branch,
      version: of.version,
      ...(fix === undefined ? {} : { fix }),
      isIn,
      commits: await commitsSince(facts, of, base),
      compareUrl: repository.links.compare(of.commit, base),
    });
  },
};

/** False also for a commit that the repository does not have. */
async function isPartOf({ ports: { repository } }: Facts, base: Sha, commit: Sha): Promise<boolean> {
  return (await repository.firstAncestor(base, [commit]).catch(whenRefused(null))) !== null;
}

/** What touches the service since the mended release, without what Slipway committed itself. */
async function commitsSince(
  { ports: { repository, service, ledger } }: Facts,
  { commit }: Pick<Mended, 'commit'>,
  base: Sha,
): Promise<{ sha: Sha; subject: string }[]> {
  const ours = oursBy(ledger);
  const found: { sha: Sha; subject: string }[] = [];
  for await (const one of commitsOf(repository, service, commit, base)) {
    if (!one.isOurs || (await ours(one.commit)) !== null) continue;
    found.push({ sha: one.commit.sha, subject: one.commit.message.split('\n', 1)[0] ?? '' });
    if (found.length >= MOST_COMMITS) break;
  }
  return found;
}
