import { describe, expect, it } from 'vitest';
import { rollbackTakesMs, usualDurations } from '../../../../src/domain/promotion/earlier/usual-durations.ts';
import * as fixtures from '../../../blocks/fixtures.ts';

const { before, deployment, promotion } = fixtures;
const rolledBack = (seconds: number) =>
  promotion('rolled-back', {
    rollback: { to: before, by: null, reason: '', startedAt: 1_000, finishedAt: 1_000 + seconds * 1_000 },
  });
const deployed = (seconds: number) =>
  promotion('shipped', { deployment: { ...deployment, startedAt: 0, finishedAt: seconds * 1_000 } });

describe('how long a service takes', () => {
  it('is the median of the last five', () => {
    const all = [40, 50, 30, 45, 35, 9_000, 9_000].map(rolledBack);
    expect(usualDurations([...all, ...[60, 20, 90].map(deployed)])).toEqual({
      rollbackMs: 40_000,
      deployMs: 60_000,
    });
  });

  it('is not said where nothing was measured, or a rollback was never proven', () => {
    const { finishedAt: _, ...unproven } = rolledBack(3).data.rollback ?? { finishedAt: 0 };
    expect(usualDurations([promotion('failed', { rollback: unproven as never }), deployed(-5)])).toEqual({});
    expect(usualDurations([])).toEqual({});
  });

  it('of a rollback: as the ones before, else as what it undoes', () => {
    expect(rollbackTakesMs({ usual: { rollbackMs: 7_000, deployMs: 8_000 }, deployment })).toBe(7_000);
    expect(rollbackTakesMs({ usual: { deployMs: 8_000 }, deployment })).toBe(120_000);
    expect(rollbackTakesMs({ usual: { deployMs: 8_000 } })).toBe(8_000);
    expect(rollbackTakesMs({ usual: { deployMs: 8 } })).toBeNull();
    expect(rollbackTakesMs({})).toBeNull();
  });
});
