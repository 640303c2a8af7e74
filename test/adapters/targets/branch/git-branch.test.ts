import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openRemote, RemoteSettings } from '../../../../src/adapters/repositories/git/remote.ts';
import { GitBranchSettings, openGitBranch } from '../../../../src/adapters/targets/branch/git-branch.ts';
import type { DeployOrder, Target } from '../../../../src/adapters/targets/port.ts';
import type { Release } from '../../../../src/domain/release/release.ts';
import { type TargetWorld, targetContract } from '../../../contracts/target.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';

interface GitWorld extends TargetWorld {
  readonly clock: { ms: number };
  readonly remote: GitRemote;
  readonly production: GitRemote;
}

function release(remote: GitRemote, version: string): Release {
  const commit = remote.push('main', `chore(release): v${version}`, { VERSION: version });
  remote.tag(`v${version}`, commit);
  return { version, tag: `v${version}`, commit };
}

async function world(elsewhere: boolean): Promise<GitWorld> {
  const remote = new GitRemote();
  const production = elsewhere ? new GitRemote() : remote;
  const folders: string[] = [];
  const clock = { ms: 1_900_000_000_000 };
  const open = (): Target => {
    const dataDir = mkdtempSync(join(tmpdir(), 'slipway-data-'));
    folders.push(dataDir);
    const settings = GitBranchSettings.parse({
      use: 'git-branch',
      url: 'https://shop.test',
      ...(elsewhere ? { remote: { url: production.path } } : {}),
    });
    const context = adapterContext({ dataDir, now: () => clock.ms });
    return openGitBranch(settings, context, openRemote(RemoteSettings.parse({ url: remote.path }), context));
  };
  return {
    clock,
    remote,
    production,
    target: open(),
    another: open,
    first: release(remote, '1.0.0'),
    second: release(remote, '1.1.0'),
    unknown: { version: '9.0.0', tag: 'v9.0.0', commit: 'deadbeef'.repeat(5) },
    loseNextAnswer: () => production.loseNextAnswer(),
    intrude: async () => {
      production.push('production', 'fix: by hand', { hand: 'made' });
    },
    remove: async () => {
      for (const folder of [...folders, remote.folder, production.folder]) {
        rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
      }
    },
  };
}

targetContract({ name: 'git-branch in the repository of the service', make: () => world(false) });
targetContract({ name: 'git-branch in a repository of its own', make: () => world(true) });

describe('git-branch', () => {
  let shop: GitWorld;
  beforeEach(async () => {
    shop = await world(false);
  });
  afterEach(() => shop.remove());

  const order = (
    release: Release,
    from: Release | null,
    kind: DeployOrder['kind'] = 'deploy',
  ): DeployOrder => ({
    kind,
    service: 'shop',
    release,
    from,
  });

  test('makes the branch with the first deployment, exactly at the release', async () => {
    await shop.target.start(order(shop.second, null), 'k');
    expect(shop.remote.tip('production')).toBe(shop.second.commit);
    expect(shop.remote.tip('main')).toBe(shop.second.commit);
  });

  test('a deployment never moves the branch back', async () => {
    await shop.target.start(order(shop.second, null), 'k1');
    await expect(shop.target.start(order(shop.first, shop.second), 'k2')).rejects.toMatchObject({
      code: 'target-diverged',
    });
    expect(shop.remote.tip('production')).toBe(shop.second.commit);
  });

  test('a rollback moves only away from what the order says was live', async () => {
    await shop.target.start(order(shop.first, null), 'k1');
    const third = release(shop.remote, '1.2.0');
    await shop.target.start(order(third, shop.first), 'k2');
    await expect(shop.target.start(order(shop.first, shop.second, 'rollback'), 'k3')).rejects.toMatchObject({
      code: 'target-diverged',
      facts: { expected: shop.second.commit, found: third.commit },
    });
    expect(shop.remote.tip('production')).toBe(third.commit);
  });

  test('says what protects the branch when a push is refused', async () => {
    shop.remote.hook('update', 'echo "production is frozen until Monday"; exit 1');
    await expect(shop.target.start(order(shop.first, null), 'k')).rejects.toMatchObject({
      code: 'not-writable',
      facts: { branch: 'production', reason: expect.stringContaining('production is frozen until Monday') },
    });
    expect(shop.remote.tip('production')).toBeNull();
  });

  test('a tag that was moved makes its release undeployable', async () => {
    shop.remote.git('tag', '-f', 'v1.0.0', shop.second.commit);
    await expect(shop.target.deployable(shop.first)).rejects.toMatchObject({
      code: 'release-not-deployable',
      facts: { reason: expect.stringContaining(shop.second.commit.slice(0, 8)) },
    });
  });

  test('follow says where the branch went when somebody moved it', async () => {
    const handle = await shop.target.start(order(shop.first, null), 'k');
    await shop.intrude?.();
    expect(await shop.target.follow(order(shop.first, null), handle)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining(shop.remote.tip('production')?.slice(0, 8) ?? ''),
    });
  });

  test('a host that shows it where it stood before is asked again for a minute', async () => {
    for (const [to, from] of [
      [shop.first, null],
      [shop.second, shop.first],
    ] as const) {
      const handle = await shop.target.start(order(to, from), to.version);
      const ref = 'refs/heads/production';
      shop.remote.git('update-ref', ...(from ? [ref, from.commit] : ['-d', ref]));
      const look = () => shop.another().follow(order(to, from), JSON.parse(JSON.stringify(handle)));
      expect(await look()).toMatchObject({
        kind: 'running',
        detail: `production is not shown at ${to.commit.slice(0, 8)} yet`,
      });
      shop.remote.git('update-ref', ref, to.commit);
      expect(await look()).toMatchObject({ kind: 'succeeded' });
      shop.remote.git('update-ref', ...(from ? [ref, from.commit] : ['-d', ref]));
      shop.clock.ms += 60_000;
      expect(await look()).toMatchObject({
        kind: 'failed',
        reason: expect.stringMatching(from ? /stands at/ : /is gone/),
      });
      shop.remote.git('update-ref', ref, to.commit);
    }
  });

  test('the minute begins after the push, and after a crash too', async () => {
    await shop.target.start(order(shop.first, null), 'k1');
    const second = order(shop.second, shop.first);
    const starting = shop.target.start(second, 'k2');
    shop.clock.ms += 120_000;
    const handles = [await starting];
    shop.clock.ms += 600_000;
    const again = await shop.another().start(second, 'k2');
    expect(again.state).toEqual(handles[0]?.state);
    for (const handle of [...handles, again]) {
      shop.clock.ms = handle.startedAt + 1_000;
      shop.remote.git('update-ref', 'refs/heads/production', shop.first.commit);
      expect(await shop.target.follow(second, handle)).toMatchObject({ kind: 'running' });
      shop.clock.ms += 59_000;
      expect(await shop.target.follow(second, handle)).toMatchObject({ kind: 'failed' });
    }
    expect([handles[0]?.startedAt, again.startedAt]).toEqual([1_900_000_120_000, 1_900_000_720_000]);
    // As it was written by earlier versions.
    const old = { ...again, state: { from: shop.second.commit } };
    expect(await shop.target.follow(second, old)).toMatchObject({ kind: 'failed' });
    shop.remote.git('update-ref', 'refs/heads/production', shop.second.commit);
    expect(await shop.target.follow(second, old)).toMatchObject({ kind: 'succeeded' });
  });

  test('refuses branch names that are no names', () => {
    for (const branch of ['', '-d', 'a..b', 'a b', 'a:b', 'refs/heads/', 'x.lock', '@{u}']) {
      expect(GitBranchSettings.safeParse({ use: 'git-branch', branch }).success, branch).toBe(false);
    }
    for (const branch of ['production', 'env/live', 'release-1.x', 'ünï']) {
      expect(GitBranchSettings.safeParse({ use: 'git-branch', branch }).success, branch).toBe(true);
    }
  });
});
