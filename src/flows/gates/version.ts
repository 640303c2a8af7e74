import type { Gate } from './gate.ts';

/** The version can be decided: refused bumps, tags that exist and changelogs that cannot be read end here. */
export const version: Gate = {
  id: 'version',
  title: 'Version',
  async check(facts) {
    const release = await facts.release();
    const { current, next, bump } = release.version;
    const reason =
      release.release.kind === 'existing'
        ? `${release.version.tag} is tagged and complete, but not live: it would be deployed as it is.`
        : current === null
          ? `First release: ${next}.`
          : `${current} → ${next} (${bump}).`;
    return { verdict: 'passed', reason };
  },
};
