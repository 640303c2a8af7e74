import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { git } from '../../../demo/shop/fast-import.ts';
import { createShopRemote, HOSTILE_TITLE, STATE_PATH } from '../../../demo/shop/remote.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shop-remote-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const subjects = async (path: string, range: string) =>
  (await git(path, ['log', '--format=%s', range])).trim().split('\n');

describe('the sample remote', () => {
  test('has a release that waits to be shipped, and is sound', async () => {
    const remote = await createShopRemote(dir);
    await git(remote.path, ['fsck', '--strict']);
    const live = await remote.resolve('v1.2.0');
    expect(await remote.resolve('production')).toBe(live);
    expect((await git(remote.path, ['cat-file', '-t', 'v1.2.0'])).trim()).toBe('tag');
    expect(await subjects(remote.path, 'v1.2.0..main')).toEqual([
      'chore(specs): 014-coupons, staging validation approved',
      'docs: how coupons work',
      HOSTILE_TITLE,
      'fix(cart): round totals half up',
      'feat(cart): coupons at checkout',
      'chore(specs): 013-wish-list is shipped',
    ]);
    expect(await remote.read('v1.2.0', 'package.json')).toContain('"version": "1.2.0"');
    const state = (await remote.read('main', STATE_PATH)) ?? '';
    expect(state).toContain(`commit_sha: ${remote.validated}`);
    expect(state).toContain('current_phase: ship-prod');
    expect(await git(remote.path, ['diff', '--name-only', remote.validated, 'main'])).toBe(`${STATE_PATH}\n`);
  });

  test('is the same each time', async () => {
    const one = await createShopRemote(join(dir, 'one'));
    const two = await createShopRemote(join(dir, 'two'));
    expect(await one.resolve('main')).toBe(await two.resolve('main'));
  });

  test('can be mended by a teammate', async () => {
    const remote = await createShopRemote(dir, { staging: 'pending', rollbackGate: 'failed' });
    expect(await remote.read('main', STATE_PATH)).toMatch(/staging_validation:\n {4}status: pending/);
    const before = await remote.resolve('main');
    const after = await remote.setState({ staging: 'approved', rollbackGate: 'passed' });
    expect(after).toBe(await remote.resolve('main'));
    expect(await remote.resolve('main^')).toBe(before);
    expect(await remote.read('main', STATE_PATH)).toMatch(/staging_validation:\n {4}status: approved/);
  });

  test('begins elsewhere when asked', async () => {
    const empty = await createShopRemote(join(dir, 'empty'), { empty: true });
    expect(await empty.resolve('main')).toBeNull();
    const untagged = await createShopRemote(join(dir, 'untagged'), { tags: false, production: 'missing' });
    expect(await git(untagged.path, ['tag'])).toBe('');
    expect(await untagged.resolve('production')).toBeNull();
    const diverged = await createShopRemote(join(dir, 'diverged'), { production: 'diverged' });
    await expect(git(diverged.path, ['merge-base', '--is-ancestor', 'production', 'main'])).rejects.toThrow();
    const drifted = await createShopRemote(join(dir, 'drifted'), { drift: true });
    expect(await git(drifted.path, ['diff', '--name-only', drifted.validated, 'main'])).toContain(
      'src/late.js',
    );
    const bare = await createShopRemote(join(dir, 'bare'), { unreleased: false });
    expect(await bare.read('main', 'CHANGELOG.md')).not.toContain('## [Unreleased]');
    const broken = await createShopRemote(join(dir, 'broken'), { breaking: true });
    expect(await subjects(broken.path, 'v1.2.0..main')).toContain(
      'feat(api)!: prices come from the catalogue',
    );
  });
});
