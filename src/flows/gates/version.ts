import { explain } from '../../domain/refusals/explain.ts';
import type { Facts } from '../plan/facts.ts';
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

async function wasRolledBack(facts: Facts): Promise<string> {
  const production = await facts.feature().then(
    ({ reading }) => reading.production,
    () => null, // Other gates say what is wrong with the feature.
  );
  const back = production?.kind === 'value' && production.value.rolledBack;
  return back ? ' It was rolled back before: its incident says why.' : '';
}
