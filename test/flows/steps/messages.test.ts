import { describe, expect, test } from 'vitest';
import { notice } from '../../../src/blocks/thread/notice.ts';
import { promote } from '../../../src/flows/promote.ts';
import type { RunMessage } from '../../../src/flows/run/port.ts';
import * as fixtures from '../../blocks/fixtures.ts';
import { drive, MemoryRun } from '../../fakes/memory-run.ts';
import { House } from '../house.ts';

const ID = 'shop-0001';

/** What the thread holds when a person acts for the first time, or at the end; as it reads now. */
async function thread(house: House, people: (minute: number) => RunMessage | null = () => null) {
  await house.open();
  let before = Number.POSITIVE_INFINITY;
  const begin = house.clock.now();
  const script = async () => {
    if ((await house.state(ID)) === 'awaiting-approval')
      return (await house.approveOnce(ID)) ? ({ kind: 'vote' } as const) : null;
    const said = people((house.clock.now() - begin) / 60_000);
    if (said !== null) before = Math.min(before, house.slack.said.length);
    return said;
  };
  const run = new MemoryRun({ id: ID, clock: house.clock, script });
  await drive(run, (journal) => promote(journal, house.ports, ID));
  const promotion = await house.ledger.get(ID);
  return house.slack.said
    .slice(0, before)
    .map(({ notice: one }) => notice(one, { promotion, service: fixtures.service }).text);
}

describe('the thread of a promotion', () => {
  test('has at most eight messages when all goes well, and no two that say the same', async () => {
    const texts = await thread(new House({}, 30 * 60_000));
    expect(texts.length).toBeLessThanOrEqual(8);
    expect(new Set(texts).size).toBe(texts.length);
  });

  test('has at most twelve when nobody answers an alarm for an hour, and no two that say the same', async () => {
    const house = new House({ automaticRollback: 'never' }, 120 * 60_000);
    house.metrics.weather((_end, phase) => ({
      total: 600,
      errors: phase === 'after' ? 30 : 0,
      latencyMs: 20,
    }));
    const texts = await thread(house, (minute) =>
      minute > 65 ? { kind: 'rollback', by: 'U_LINUS', reason: 'errors' } : null,
    );
    expect(texts.length).toBeGreaterThan(6);
    expect(texts.length).toBeLessThanOrEqual(12);
    expect(new Set(texts).size).toBe(texts.length);
  });
});
