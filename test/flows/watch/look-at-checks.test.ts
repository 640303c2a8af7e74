import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Check } from '../../../src/adapters/checks/port.ts';
import type { CheckStandings } from '../../../src/domain/judge/checks.ts';
import { healthVerdict } from '../../../src/domain/promotion/health.ts';
import { PromotionRun } from '../../../src/flows/run/promotion-run.ts';
import { lookAtChecks, runChecks } from '../../../src/flows/watch/checks.ts';
import { MemoryCheck } from '../../fakes/memory-check.ts';
import { MemoryRun } from '../../fakes/memory-run.ts';
import { House } from '../house.ts';

const RELEASE = { version: '1.3.0', tag: 'v1.3.0', commit: 'c'.repeat(40) };
const DOWN = { ok: false, detail: 'connection refused' };
const UP = { ok: true, detail: '200 in 5 ms' };

let house: House;
beforeEach(async () => {
  house = new House();
  await house.open();
});

/** Answers after so many ms, unless it is stopped before. */
function slowCheck(afterMs: number, timeoutMs: number): Check {
  const attempt: Check['attempt'] = (_release, signal) =>
    new Promise((resolve) => {
      const answered = setTimeout(() => resolve(UP), afterMs);
      signal.addEventListener('abort', () => {
        clearTimeout(answered);
        resolve(DOWN);
      });
    });
  return { name: 'slow', kind: 'x', critical: true, timeoutMs, attempt };
}

/** So many ticks with these checks; the findings of each. */
async function ticks(count: number, ...checks: readonly Check[]) {
  const { tickMs } = house.ports.service.monitoring;
  const service = { ...house.ports.service, monitoring: { ...house.ports.service.monitoring, tickMs } };
  const ports = { ...house.ports, service, checks };
  const run = new PromotionRun(new MemoryRun({ id: 'shop-0001', clock: house.clock }), ports, 'shop-0001');
  let known: CheckStandings | null = null;
  const all = [];
  for (let tick = 0; tick < count; tick++) {
    const judged = await lookAtChecks(run, known, RELEASE);
    known = judged.standings;
    all.push(judged.findings.map(({ metric, verdict }) => `${metric} ${verdict}`));
  }
  return all;
}

describe('the checks of a tick', () => {
  test('are asked once, and once more when one fails', async () => {
    const [well, blip, dead] = [
      new MemoryCheck('a'),
      new MemoryCheck('b').script(DOWN),
      new MemoryCheck('c', { always: DOWN }),
    ];
    expect(await ticks(1, well, blip, dead)).toEqual([['check c watching']]);
    expect([well, blip, dead].map(({ asked }) => asked.length)).toEqual([1, 2, 2]);
  });

  test('that fail in two ticks in a row are an alarm', async () => {
    const dead = new MemoryCheck('db', { always: DOWN });
    const minor = new MemoryCheck('search', { always: DOWN, critical: false });
    expect(await ticks(2, dead, minor)).toEqual([
      ['check db watching', 'check search watching'],
      ['check db critical', 'check search warning'],
    ]);
  });

  test('that prove the release are no reason to roll back what somebody else shipped', async () => {
    const version = Object.assign(new MemoryCheck('version', { always: DOWN }), {
      provesRelease: true as const,
    });
    expect((await ticks(2, version))[1]).toEqual(['check version warning']);
  });

  test('that only warn, or are not to be watched, are no alarm', async () => {
    const expiring = new MemoryCheck('tls', { always: { ...DOWN, warning: true } });
    const once = Object.assign(new MemoryCheck('once', { always: DOWN }), { watch: false as const });
    expect(await ticks(2, expiring, once)).toEqual([[], []]);
    expect(once.asked).toEqual([]);
  });

  test('that cannot be asked, break or hang are never healthy', async () => {
    const unasked = new MemoryCheck('a', { always: { ...DOWN, unasked: true } });
    const broken = new MemoryCheck('b', {
      always: () => {
        throw new TypeError('s3cret');
      },
    });
    const found = await ticks(2, unasked, broken);
    expect(found).toEqual(new Array(2).fill(['check a inconclusive', 'check b inconclusive']));
  });

  test('that never end do not hold up the tick', async () => {
    const attempt = () => new Promise<never>(() => {});
    const hanging: Check = { name: 'db', kind: 'x', critical: true, timeoutMs: 20, attempt };
    expect(await ticks(1, hanging)).toEqual([['check db watching']]);
  });

  test('take the time that they were given, however short the tick is', async () => {
    Object.assign(house.ports.service.monitoring, { tickMs: 400 });
    const slow = slowCheck(1_300, 5_000);
    expect(await ticks(2, slow)).toEqual([[], []]);
  });

  test('that used up their time are asked again only where the tick has room for it', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      Object.assign(house.ports.service.monitoring, { tickMs: 10_000 });
      let asked = 0;
      const attempt = async () => {
        asked++;
        vi.advanceTimersByTime(9_000);
        return DOWN;
      };
      const slow: Check = { name: 'db', kind: 'x', critical: true, timeoutMs: 9_000, attempt };
      await ticks(1, slow);
      expect(asked).toBe(1);
      Object.assign(house.ports.service.monitoring, { tickMs: 20_000 });
      await ticks(1, slow);
      expect(asked).toBe(3);
    } finally {
      vi.useRealTimers();
    }
  });

  test('that failed when people went on are known to them', async () => {
    const result = { kind: 'x', critical: true, attempts: 1, detail: 'down' };
    await house.ledger.change('shop-0001', {
      key: 'test',
      data: {
        health: [
          { ...result, name: 'db', ok: false },
          { ...result, name: 'web', ok: true },
        ],
      },
    });
    const found = await ticks(
      2,
      new MemoryCheck('db', { always: DOWN }),
      new MemoryCheck('web', { always: DOWN }),
    );
    expect(found[1]).toEqual(['check web critical']);
    expect(await ticks(1, new MemoryCheck('db', { always: UP }))).toEqual([[]]);
    // Nobody has ever seen it: that is not healthy.
    const unasked = new MemoryCheck('db', { always: { ...DOWN, unasked: true } });
    expect(await ticks(1, unasked)).toEqual([['check db inconclusive']]);
  });

  test('that could not be asked after the deploy are an alarm when they fail', async () => {
    const unasked = { ok: false, unasked: true, detail: 'the name could not be looked up just now' } as const;
    const timing = { settleMs: 0, intervalMs: 1_000, inARow: 1, timeoutMs: 1_000 };
    const db = new MemoryCheck('db', { always: unasked });
    const health = await runChecks([db], timing, RELEASE, {
      now: house.clock.now,
      sleep: (ms) => house.clock.advance(ms),
    });
    expect(healthVerdict(health)).toBe('degraded');
    await house.ledger.change('shop-0001', { key: 'test', data: { health } });
    db.always(DOWN);
    expect(await ticks(2, db)).toEqual([['check db watching'], ['check db critical']]);
  });

  test('that fail are not excused by a second attempt that could not be asked', async () => {
    const unasked = { ...DOWN, unasked: true } as const;
    const db = new MemoryCheck('db').script(DOWN, unasked, DOWN, unasked);
    expect(await ticks(2, db)).toEqual([['check db watching'], ['check db critical']]);
  });
});
