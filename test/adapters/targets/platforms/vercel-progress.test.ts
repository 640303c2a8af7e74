import { describe, expect, test } from 'vitest';
import { progressOf } from '../../../../src/adapters/targets/platforms/vercel-progress.ts';
import type {
  VercelDeployment,
  VercelProject,
} from '../../../../src/adapters/targets/platforms/vercel-shapes.ts';

const STARTED = 1_700_000_000_000;
const DOMAIN = 'shop.example.com';

/** How far `dpl_1` is; the domain points at another one unless it is said otherwise. */
function progress(
  deployment: Partial<VercelDeployment>,
  job: VercelProject['lastAliasRequest'] = null,
  aliased: string | null = 'dpl_0',
) {
  return progressOf(
    { id: 'dpl_1', readyState: 'READY', ...deployment },
    { id: 'prj', name: 'shop', lastAliasRequest: job },
    { domain: DOMAIN, aliased },
    STARTED,
  );
}

const job = (toDeploymentId: string, jobStatus: string, requestedAt = STARTED) => ({
  toDeploymentId,
  jobStatus,
  requestedAt,
});

describe('a deployment on its way to the domain', () => {
  test('is live once the domain points at it, whatever else is said', () => {
    expect(progress({ readyState: 'ERROR' }, job('dpl_1', 'failed'), 'dpl_1')).toEqual({ kind: 'live' });
  });

  test.each([
    [{ readyState: 'QUEUED' }, 'running', 'dpl_1 is queued'],
    [{ readyState: 'BUILDING' }, 'running', 'dpl_1 is building'],
    [{ readyState: 'CANCELED' }, 'failed', 'dpl_1 was cancelled.'],
    [{ readyState: 'ERROR' }, 'failed', 'The build of dpl_1 failed.'],
    [{ readyState: 'ERROR', errorMessage: 'exit 1' }, 'failed', 'The build of dpl_1 failed: exit 1'],
    [{ readyState: 'DELETED' }, 'failed', 'dpl_1 is deleted and cannot become live.'],
    [{ readyState: 'PAUSED' }, 'running', 'Vercel says “PAUSED” of dpl_1, which Slipway does not know'],
    [{ aliasError: { message: 'taken' } }, 'failed', 'The domains were not moved: taken'],
  ] as const)('built as %j', (deployment, kind, words) => {
    expect(progress(deployment)).toMatchObject({ kind, words: expect.stringContaining(words) });
  });

  test.each([
    ['pending', 'running', /^dpl_1 is ready; Vercel moves/],
    ['in-progress', 'running', /^dpl_1 is ready; Vercel moves/],
    ['failed', 'failed', /^Vercel could not point all production domains at dpl_1/],
    ['skipped', 'failed', /^Vercel has skipped moving the domains to dpl_1/],
    ['succeeded', 'failed', /but shop\.example\.com points at dpl_0\.$/],
  ] as const)('asked for, and that is %s', (status, kind, words) => {
    expect(progress({}, job('dpl_1', status))).toMatchObject({ kind, words: expect.stringMatching(words) });
  });

  test('an earlier try that failed is not this one', () => {
    expect(progress({}, job('dpl_1', 'failed', STARTED - 60_001))).toEqual({ kind: 'ready' });
  });

  test('fails when somebody asks for another one after it began, as far as clocks can tell', () => {
    expect(progress({}, job('dpl_2', 'pending', STARTED + 60_001))).toMatchObject({
      kind: 'failed',
      words: 'Somebody else had the domains moved to dpl_2 meanwhile.',
    });
    expect(progress({}, job('dpl_2', 'pending', STARTED + 60_000))).toEqual({ kind: 'ready' });
  });

  test('is ready while nobody has asked for the domains', () => {
    expect(progress({})).toEqual({ kind: 'ready' });
  });
});
