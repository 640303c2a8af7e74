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
  const left = ['U_GRACE', 'U_LINUS'].slice(0, house.ports.service.policy.approvals);
  const script = async () => {
    if ((await house.state(ID)) === 'awaiting-approval') {
      const by = left.shift();
      if (by === undefined) return null;
      const { digest } = await house.ledger.get(ID);
      await house.ledger.vote(ID, { by, digest: digest ?? '', decision: 'approve' });
      return { kind: 'vote' } as const;
    }
    const said = people((house.clock.now() - begin) / 60_000);
    if (said !== null) before = Math.min(before, house.slack.said.length);
    return said;
  };
  const run = new MemoryRun({ id: ID, clock: house.clock, script });
  await drive(run, (journal) => promote(journal, house.ports, ID));
  const promotion = await house.ledger.get(ID);
  return house.slack.said.slice(0, before).flatMap(({ notice: one }) => {
    const { text, file, chart } = notice(one, { promotion, service: fixtures.service });
    // Slack makes one more message of all files of a notice.
    return file === undefined && chart === undefined ? [text] : [text, ''];
  });
}

/** Sentences that more than one message has; mentions and buttons are no sentences. */
function saidTwice(texts: readonly string[]): readonly string[] {
  const sentences = texts.flatMap((text) => [
    ...new Set(
      text
        .split(/\n|(?<=[.!?]) /)
        .map((one) => one.trim())
        .filter((one) => one.split(' ').length >= 4 && !/^(Buttons?:|For )/.test(one)),
    ),
  ]);
  return sentences.filter((one, index) => sentences.indexOf(one) !== index);
}

describe('the thread of a promotion', () => {
  test.each([1, 2])('has at most eight messages when all goes well, with %s approvals', async (approvals) => {
    const texts = await thread(new House({ approvals }, 30 * 60_000));
    expect(texts.findLast((text) => text !== '')).toContain('Shipped');
    // Each approval is one more.
    expect(texts.length + approvals).toBeLessThanOrEqual(8);
    expect(saidTwice(texts)).toEqual([]);
  });

  test('says once why it is rolled back', async () => {
    const house = new House({}, 30 * 60_000);
    house.metrics.weather((_end, phase) => ({
      total: 600,
      errors: phase === 'after' ? 590 : 0,
      latencyMs: 20,
    }));
    const texts = await thread(house);
    expect(texts.findLast((text) => text !== '')).toContain('is rolled back');
    expect(texts.length).toBeLessThanOrEqual(12);
    expect(saidTwice(texts)).toEqual([]);
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
    expect(saidTwice(texts)).toEqual([]);
  });
});
