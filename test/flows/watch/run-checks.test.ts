import { describe, expect, test, vi } from 'vitest';
import type { Check } from '../../../src/adapters/checks/port.ts';
import { healthVerdict } from '../../../src/domain/promotion/health.ts';
import { runChecks } from '../../../src/flows/watch/checks.ts';
import { EXPECTED } from '../../contracts/check.ts';
import { MemoryCheck } from '../../fakes/memory-check.ts';
import { MemoryClock } from '../../fakes/memory-run.ts';

const TIMING = { settleMs: 5_000, intervalMs: 2_000, inARow: 2, timeoutMs: 20_000 };

async function run(...checks: readonly Check[]) {
  const clock = new MemoryClock();
  const began = clock.now();
  const results = await runChecks(checks, TIMING, EXPECTED, {
    now: clock.now,
    sleep: (ms) => clock.advance(ms),
  });
  return { results, tookMs: clock.now() - began };
}

describe('checks after a deploy', () => {
  test('are well after so many successes in a row', async () => {
    const check = new MemoryCheck('db').script({ ok: false, detail: 'starting' });
    expect((await run(check)).results).toMatchObject([{ name: 'db', ok: true, attempts: 3 }]);
  });

  test('may take as long as they were given', async () => {
    const limits: number[] = [];
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
      limits.push(ms);
      return new AbortController().signal;
    });
    const cold = Object.assign(new MemoryCheck('cold'), { timeoutMs: 30_000 });
    const [result] = (await run(cold)).results;
    timeout.mockRestore();
    expect(result).toMatchObject({ ok: true });
    expect(limits).toEqual([30_000, 30_000]);
  });

  test('have failed when their time is over', async () => {
    const { results, tookMs } = await run(new MemoryCheck('db', { always: { ok: false, detail: 'gone' } }));
    expect(results).toMatchObject([{ ok: false, critical: true, detail: 'gone' }]);
    expect(tookMs).toBeGreaterThanOrEqual(TIMING.settleMs + TIMING.timeoutMs - TIMING.intervalMs);
  });

  test('that only warn are not waited for, and never critical', async () => {
    const { results, tookMs } = await run(
      new MemoryCheck('tls', { always: { ok: false, warning: true, detail: 'expires in 9 days' } }),
    );
    expect(results).toMatchObject([{ ok: false, critical: false, detail: 'expires in 9 days', attempts: 2 }]);
    expect(tookMs).toBe(TIMING.settleMs + TIMING.intervalMs);
    expect(healthVerdict(results)).toBe('degraded');
  });

  test('that could not be asked are no success, and no reason to roll back', async () => {
    const { results } = await run(
      new MemoryCheck('db', { always: { ok: false, unasked: true, detail: 'no module' } }),
    );
    expect(results).toMatchObject([{ ok: false, critical: false, unasked: true, detail: 'no module' }]);
    expect(healthVerdict(results)).toBe('degraded');
  });

  test('that failed are not excused by a last attempt that could not be asked', async () => {
    const refused = { ok: false, detail: 'connection refused' };
    const unasked = { ok: false, unasked: true, detail: 'the name could not be looked up just now' } as const;
    const check = new MemoryCheck('db', { always: unasked }).script(unasked, refused, unasked, refused);
    const [result] = (await run(check)).results;
    expect(result).toMatchObject({ ok: false, critical: true, detail: 'connection refused', attempts: 2 });
    expect(result).not.toHaveProperty('unasked');
    const late = new MemoryCheck('db', { always: refused }).script(unasked, unasked);
    expect((await run(late)).results).toMatchObject([{ ok: false, critical: true, attempts: 9 }]);
  });

  test('that failed once, as in a restart, and could not be asked from then on are unknown', async () => {
    const check = new MemoryCheck('db', {
      always: { ok: false, unasked: true, detail: 'the name could not be looked up just now' },
    }).script({ ok: false, detail: 'answered 503' });
    expect((await run(check)).results).toMatchObject([
      { ok: false, critical: false, unasked: true, attempts: 1 },
    ]);
  });
});
