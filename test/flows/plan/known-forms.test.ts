import { describe, expect, test } from 'vitest';
import { parseLive } from '../../../src/adapters/targets/shared/live-answer.ts';
import type { Service } from '../../../src/domain/policy/service.ts';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { liveRelease, releaseOf } from '../../../src/flows/plan/known-releases.ts';
import { mustNotBeNewer } from '../../../src/flows/plan/shipped-release.ts';
import { promote } from '../../../src/flows/promote.ts';
import { drive, MemoryRun } from '../../fakes/memory-run.ts';
import { House } from '../house.ts';

function houseOf(form: Partial<Service>, ...tags: readonly string[]): House {
  const house = new House({}, undefined, form);
  house.repository.tags.clear();
  const tip = house.repository.branches.get('main') ?? '';
  for (const tag of tags) house.repository.tag(tag, tip);
  return house;
}

describe('a release is found by what people and production call it', () => {
  test.each<[form: Partial<Service>, tag: string, called: string[], version: string]>([
    [{ tagPrefix: 'api/v' }, 'api/v1.2.0', ['1.2.0', 'v1.2.0', 'api/v1.2.0'], '1.2.0'],
    [{ tagPrefix: 'api@' }, 'api@1.2.0', ['1.2.0', 'v1.2.0', 'api@1.2.0'], '1.2.0'],
    [{ tagPrefix: '' }, '1.2.0', ['1.2.0', 'v1.2.0'], '1.2.0'],
    [{ tagPrefix: 'api-', tagSuffix: '-prod' }, 'api-1.2.0-prod', ['1.2.0', 'api-1.2.0-prod'], '1.2.0'],
    [{ scheme: 'major.minor' }, 'v1.9', ['1.9', 'v1.9', '1.9.0'], '1.9'],
    [{ scheme: 'YYYY.0M.MICRO' }, 'v2026.05.1', ['2026.05.1', 'v2026.05.1', '2026.5.1'], '2026.05.1'],
    [{ scheme: 'YYYY.0M.0D' }, 'v2026.05.01.1', ['2026.05.01.1'], '2026.05.01.1'],
  ])('%j: %s', async (form, tag, called, version) => {
    const { ports, repository } = houseOf(form, tag, 'other/v1.2.0', 'nightly');
    for (const name of called) {
      expect(await releaseOf(ports, name), name).toMatchObject({ version, tag });
      // Production knows only its version.
      const answer = parseLive(
        name.includes('/') || name.includes('@') || name.includes('prod') ? version : name,
        [],
      );
      if (answer.kind !== 'live' || answer.live === null) throw new Error(`not understood: ${name}`);
      expect(await liveRelease(ports, await repository.refs(), answer.live), name).toMatchObject({
        version,
        tag,
      });
    }
    if (form.tagPrefix !== '') await expect(releaseOf(ports, 'nightly')).rejects.toBeInstanceOf(Refusal);
    await expect(releaseOf(ports, '7.7.7')).rejects.toBeInstanceOf(Refusal);
  });

  test('with SemVer 1.2 is not 1.2.0', async () => {
    await expect(releaseOf(houseOf({}, 'v1.2.0').ports, '1.2')).rejects.toBeInstanceOf(Refusal);
  });
});

test('a rollback never goes forward, however versions are written', () => {
  const release = (version: string) => ({ version, tag: `v${version}`, commit: 'a'.repeat(40) });
  for (const [to, live] of [
    ['2026.04.9', '2026.05.0'],
    ['1.9', '1.10'],
    ['2026.05.01', '2026.05.01.1'],
    ['3.2.0rc1', '3.2.0'],
  ]) {
    expect(() => mustNotBeNewer('shop', release(to ?? ''), live)).not.toThrow();
    expect(() => mustNotBeNewer('shop', release(live ?? ''), to)).toThrow(Refusal);
  }
});

test('a promotion by the calendar ships, with what it is called in everything that is written', async () => {
  const house = new House({}, undefined, { tagPrefix: 'shop/v', scheme: 'YYYY.0M.MICRO' });
  house.repository.tags.clear();
  let first = '';
  for await (const { sha } of house.repository.commits(null, house.repository.branches.get('main') ?? ''))
    first = sha;
  house.repository.tag('shop/v1.2.0', first);
  const run: MemoryRun = new MemoryRun({
    id: 'shop-0001',
    clock: house.clock,
    script: async () => {
      if ((await house.state('shop-0001')) !== 'awaiting-approval') return null;
      return (await house.approveOnce('shop-0001')) ? { kind: 'vote' } : null;
    },
  });
  await house.open();
  await drive(run, (running) => promote(running, house.ports, 'shop-0001'));
  const { state, data } = await house.ledger.get('shop-0001');
  expect(state).toBe('shipped');
  const version = data.release?.version ?? '';
  expect(version).toMatch(/^20\d\d\.[01]\d\.0$/);
  expect(data.release?.tag).toBe(`shop/v${version}`);
  expect([...house.repository.tags.keys()]).toContain(`shop/v${version}`);
  expect(house.repository.text('main', 'CHANGELOG.md')).toContain(`## [${version}] - `);
  const [major, minor, micro] = version.split('.').map(Number);
  expect(house.repository.text('main', 'package.json')).toContain(`"version": "${major}.${minor}.${micro}"`);
  expect([...house.repository.pages.keys()]).toEqual([`shop/v${version}`]);
});
