import { describe, expect, test } from 'vitest';
import type { Sample } from '../../../src/domain/judge/sample.ts';
import type { RollbackRecord } from '../../../src/domain/promotion/promotion.ts';
import { comparable, comparableFrom, judgeRulesOf } from '../../../src/flows/run/baseline.ts';
import { MemoryMetrics } from '../../fakes/memory-metrics.ts';
import { House } from '../house.ts';

const MINUTE = 60_000;
const at = (ms: number, phase: Sample['phase'] = 'baseline'): Sample => ({
  at: new Date(ms).toISOString(),
  phase,
});

test('what is counted late is judged as such', () => {
  const house = new House();
  const rules = (more: object) =>
    judgeRulesOf({ ...house.ports, metrics: Object.assign(new MemoryMetrics(), more) });
  expect(rules({})).not.toHaveProperty('late');
  expect(rules({ isLate: true }).late).toEqual(['error rate']);
  expect(rules({ counts: { crashes: { isLate: true }, jobs: {} } }).late).toEqual(['crashes']);
});

describe('what a release is compared with', () => {
  test('is the time that a baseline has, however long people took to approve', async () => {
    const house = new House();
    const now = house.clock.now();
    const old = at(now - 3 * 60 * MINUTE);
    const kept = [
      at(now - 59 * MINUTE),
      at(now),
      at(now - 5 * 60 * MINUTE, 'history'),
      at(now + MINUTE, 'after'),
    ];
    expect(await comparable(house.ports, [old, ...kept])).toEqual(kept);
    expect(await comparable(house.ports, [])).toEqual([]);
  });

  test('begins when the last rollback was over: what was rolled back is not how production usually is', async () => {
    const house = new House();
    const id = await house.open();
    const finishedAt = house.clock.now() - 10 * MINUTE;
    const rollback = { startedAt: finishedAt - MINUTE, finishedAt } as RollbackRecord;
    await house.ledger.change(id, { to: 'rolled-back', data: { rollback } });
    const now = house.clock.now();
    expect(await comparableFrom(house.ports, now)).toBe(finishedAt);
    expect(await comparableFrom(house.ports, now + 5 * 60 * MINUTE)).toBe(now + 4 * 60 * MINUTE);
  });
});
