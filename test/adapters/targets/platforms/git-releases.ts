import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TargetContext } from '../../../../src/adapters/targets/context.ts';
import type { Release } from '../../../../src/domain/release/release.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';
import { targetContext } from '../../../support/all-adapters.ts';

/** Two releases that are tagged in a repository, for targets that find them there. */
export interface GitReleases {
  readonly first: Release;
  readonly second: Release;
  contextOf(env: Readonly<Record<string, string>>, now: () => number): TargetContext;
  /** The git host does not answer any more. */
  hostIsAway(): void;
  remove(): void;
}

export function gitReleases(): GitReleases {
  const remote = new GitRemote();
  const releaseOf = (version: string): Release => {
    const commit = remote.push('main', `chore(release): v${version}`, { VERSION: version });
    remote.tag(`v${version}`, commit);
    return { version, tag: `v${version}`, commit };
  };
  const [first, second] = [releaseOf('1.0.0'), releaseOf('1.1.0')];
  const dataDir = mkdtempSync(join(tmpdir(), 'slipway-data-'));
  return {
    first,
    second,
    contextOf: (env, now) =>
      targetContext(adapterContext({ dataDir, env, now }), { use: 'git', url: remote.path }),
    hostIsAway: () => rmSync(remote.folder, { recursive: true, force: true, maxRetries: 3 }),
    remove: () => {
      for (const folder of [dataDir, remote.folder])
        rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
