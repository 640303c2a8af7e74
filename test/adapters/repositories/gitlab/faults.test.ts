import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Fault } from '../../../../demo/platform/fake-platform.ts';
import { Refusal, Unavailable } from '../../../../src/domain/refusals/refusal.ts';
import { sampled } from '../../../support/whole.ts';
import { type GitlabRepositoryWorld, gitlabWorld } from './gitlab-world.ts';

/** What a release on a protected branch, its page and its deployment ask for, each once. */
const CALLS: readonly (readonly [method: string, path: RegExp])[] = [
  ['GET', /repository\/tags\/v1/],
  ['GET', /repository\/branches\//],
  ['GET', /\/merge_requests$/],
  ['POST', /\/merge_requests$/],
  ['GET', /\/merge_requests\/1$/],
  ['GET', /\/statuses$/],
  ['GET', /\/pipelines$/],
  ['GET', /\/projects\/[^/]+$/],
  ['PUT', /\/merge$/],
  ['POST', /repository\/tags$/],
  ['POST', /\/releases$/],
  ['GET', /\/deployments$/],
  ['POST', /\/deployments$/],
];
const FAULTS: readonly Fault[] = [
  'reset-before',
  'reset-after',
  { status: 500 },
  { status: 502 },
  { status: 429, headers: { 'retry-after': '1' } },
];
const ROWS = CALLS.flatMap(([method, path]) => FAULTS.map((fault) => ({ method, path, fault })));
const rows = sampled(ROWS, ({ method, path, fault }) => [`${method} ${path.source}`, JSON.stringify(fault)]);

describe('a release on GitLab meets a fault at any of its calls', () => {
  let world: GitlabRepositoryWorld;
  beforeEach(async () => {
    world = await gitlabWorld();
  });
  afterEach(() => world.remove());

  /** As a process that was killed at the fault, and those after it, which know nothing of it. */
  async function untilDone<T>(work: () => Promise<T>): Promise<T> {
    for (let process = 1; ; process++) {
      const done = await work().catch((error: unknown) => error);
      if (!(done instanceof Unavailable)) {
        expect(done).not.toBeInstanceOf(Refusal);
        return done as T;
      }
      expect(process).toBeLessThan(4);
    }
  }

  test.each(rows)('$method $path: $fault', async ({ method, path, fault }) => {
    const base = world.push('main', 'chore: start', { VERSION: '1.0.0\n' });
    world.protect('main');
    const cut = {
      base,
      branch: 'main',
      version: '1.1.0',
      tag: 'v1.1.0',
      message: 'chore(release): v1.1.0',
      tagMessage: 'Release v1.1.0\n',
      files: [{ path: 'VERSION', text: '1.1.0\n' }],
    };
    const before = world.gitlab.requests.length;
    world.gitlab.inject(fault, { method, path });
    const release = await untilDone(() => world.open().cutRelease(cut, 'p1'));
    const page = { title: 'v1.1.0', body: 'Coupons', withheld: false };
    await untilDone(async () => world.open().publishRelease?.(release, page));
    const record = { kind: 'deploy', commit: release.commit, tag: 'v1.1.0', description: 'x' } as const;
    await untilDone(async () => world.open().recordDeployment?.({ ...record, state: 'running' }, 'p1'));
    await untilDone(async () => world.open().recordDeployment?.({ ...record, state: 'succeeded' }, 'p1'));

    const met = world.gitlab.requests.slice(before).filter((one) => one.startsWith(`${method} `));
    expect(met.some((one) => path.test(one))).toBe(true);
    expect(world.remote.tip('main')).toBe(release.commit);
    expect(world.remote.git('rev-parse', 'v1.1.0^{commit}')).toBe(release.commit);
    expect(world.remote.count(`${base}..main`)).toBe(2);
    expect(world.remote.git('for-each-ref', '--format=%(refname:short)', 'refs/heads')).toBe('main');
    expect(world.gitlab.merging.all).toHaveLength(1);
    expect(world.gitlab.records.releases.size).toBe(1);
    expect(world.gitlab.records.deployments.map(({ status }) => status)).toEqual(['success']);
  });
});
