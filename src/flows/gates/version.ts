import type { GateAnswer } from '../../domain/gates/gate.ts';
import { explain } from '../../domain/refusals/explain.ts';
import { whenRefusedOrAway } from '../../domain/refusals/refusal.ts';
import { compareVersions } from '../../domain/release/version-key.ts';
import type { Facts } from '../plan/facts.ts';
import { asPolicyHas, inAnEmergency } from './overrides.ts';
import type { Gate } from './port.ts';

/** So many files that stay as they are get a sentence of their own. */
const MOST_LEFT = 3;

/** The version can be decided: refused bumps, tags that exist and changelogs that cannot be read end here. */
export const version: Gate = {
  id: 'version',
  title: 'Version',
  askedAgain: false,
  async check(facts) {
    const release = await facts.release();
    const { current, next, bump } = release.version;
    const below = await belowProduction(facts, next);
    if (below !== null) return below;
    const reason =
      release.release.kind === 'existing'
        ? `${release.version.tag} is tagged and complete, but not live: it would be deployed as it is.${await wasRolledBack(facts)}`
        : current === null
          ? `First release: ${next}.`
          : `${current} → ${next} (${bump}).`;
    const left = (release.cut?.left ?? []).map((refusal) => ` ${explain(refusal).text}`);
    return { verdict: 'passed', reason: reason + left.slice(0, MOST_LEFT).join('') };
  },
};

/** A version below the one that is live would read as a rollback to everybody who looks at it. */
async function belowProduction(facts: Facts, next: string): Promise<GateAnswer | null> {
  // Whether what is live can be told at all is said by other gates.
  const live = await facts.rollbackTo().catch(whenRefusedOrAway(null));
  if (live === null || live.tag === '' || compareVersions(next, live.version) >= 0) return null;
  const { branch, policy } = facts.ports.service;
  return asPolicyHas(
    {
      verdict: 'failed' as const,
      reason: `Production runs ${live.version}, which is above ${next}: it was released from another line than ${branch}.`,
      remedy: `Merge ${live.tag} into ${branch}, or choose a bump that goes above it, then re-check.${inAnEmergency(policy)}`,
      barriers: [`version:below:${live.version}`],
    },
    policy,
  );
}

async function wasRolledBack(facts: Facts): Promise<string> {
  const production = await facts.feature().then(
    ({ reading }) => reading.production,
    () => null, // Other gates say what is wrong with the feature.
  );
  const back = production?.kind === 'value' && production.value.rolledBack;
  return back ? ' It was rolled back before: its incident says why.' : '';
}
