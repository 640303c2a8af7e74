import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Notice } from '../../../src/domain/promotion/notice.ts';
import type { Promotion, PromotionData } from '../../../src/domain/promotion/promotion.ts';
import * as fixtures from '../../blocks/fixtures.ts';
import { noAnswer, platformError } from './fake-slack.ts';
import { OutboxStage } from './outbox-stage.ts';

const { T0, MIN } = fixtures;
const SECOND = 1_000;

const alarm = (verdict: 'warning' | 'critical' = 'warning'): Notice => ({
  kind: 'monitor',
  judgement: fixtures.judgement(verdict),
  until: T0 + 30 * MIN,
  alarm: true,
});

describe('buttons of a notice', () => {
  let stage: OutboxStage;
  let revision = 0;

  beforeEach(() => {
    stage = new OutboxStage();
    revision = 0;
  });
  afterEach(() => stage.close());

  const data: PromotionData = {
    plan: fixtures.plan,
    release: fixtures.release,
    deployment: fixtures.deployment,
    monitor: fixtures.monitor(),
    decision: 'warning',
  };
  /** Shows the promotion as it is now; nothing of `decision` where that is over. */
  const becomes = async (
    state: Promotion['state'],
    more: Partial<PromotionData> = {},
    turn = revision,
  ): Promise<void> => {
    revision += 1;
    const { decision: _decision, ...rest } = data;
    const all = state === 'monitoring' && !('decision' in more) ? data : rest;
    await stage.show({ ...stage.promotion(state, revision), turn, data: { ...all, ...more } });
    await stage.clock.pass(5 * SECOND);
  };
  const say = async (key: string, notice: Notice): Promise<void> => {
    await stage.store.put('p1', key, notice);
    await stage.clock.pass(5 * SECOND);
  };
  const reply = (key: string) =>
    stage.slack.replies.find(({ metadata }) => metadata?.event_payload['key'] === key);
  const buttons = (key: string) => JSON.stringify(reply(key)?.blocks).includes('"type":"actions"');

  it('give way to what became of them, once, and say who pressed and when', async () => {
    stage.start();
    await becomes('monitoring');
    await say('a', alarm());
    expect(buttons('a')).toBe(true);

    const { before: to } = fixtures;
    const rollback = { to, by: 'U0LINUS', reason: 'slow', startedAt: T0 + 20 * MIN };
    await becomes('rolling-back', { rollback });
    expect(buttons('a')).toBe(false);
    expect(reply('a')?.text).toContain('Rolled back by <@U0LINUS>');
    expect(reply('a')?.text).toContain(`<!date^${(T0 + 20 * MIN) / 1_000}`);
    expect(reply('a')?.text).not.toContain('Roll back if users are affected');

    const updates = stage.slack.times('chat.update');
    await becomes('rolling-back', { rollback: { ...rollback, finishedAt: T0 + 22 * MIN } });
    // The card shows something new, the notice does not.
    expect(stage.slack.times('chat.update')).toBe(updates + 1);
    expect(await stage.store.waiting(10)).toEqual([]);
  });

  it('of an alarm that is over, or that is asked again below, are gone; those of the newest stay', async () => {
    stage.start();
    await becomes('monitoring');
    await say('a', alarm());
    await say('b', alarm('critical'));
    expect([buttons('a'), buttons('b')]).toEqual([false, true]);
    expect(reply('a')?.text).toContain('Asked again below');
    const { decision: _decision, ...over } = data;
    revision += 1;
    await stage.show({ ...stage.promotion('monitoring', revision), data: over });
    await stage.clock.pass(5 * SECOND);
    expect(buttons('b')).toBe(false);
    expect(reply('b')?.text).toContain('Over since');
  });

  it('of an alarm say who kept the release, or that it shipped', async () => {
    stage.start();
    await becomes('monitoring');
    await say('a', alarm());
    const accepted = { by: 'U0KIM', verdict: 'warning', what: [] } as const;
    await becomes('shipped', { accepted, closedAt: T0 + 40 * MIN });
    expect(reply('a')?.text).toContain('Kept by <@U0KIM>');
  });

  it('of a failed deployment say who tried again', async () => {
    stage.start();
    await becomes('deploying', { decision: 'retry-deploy' }, 4);
    await say('a', { kind: 'deploy-failed', reason: 'no space left' });
    expect(buttons('a')).toBe(true);
    stage.store.decide('p1', [{ turn: 4, kind: 'retry', by: 'U0ALEX', at: T0 + 3 * MIN }]);
    await becomes('deploying', {}, 5);
    expect(buttons('a')).toBe(false);
    expect(reply('a')?.text).toContain('Tried again by <@U0ALEX>');
  });

  it('of a promotion that is over say who started the next one, and of a broken glass who acknowledged it', async () => {
    stage.start();
    await becomes('cancelled', { overrides: [fixtures.override] });
    await say('a', { kind: 'closed', state: 'cancelled', by: 'U0ALEX', reason: 'not today' });
    await say('b', { kind: 'override', override: fixtures.override, approvers: 'dana' });
    expect([buttons('a'), buttons('b')]).toEqual([true, true]);
    stage.store.decide('p1', [], { by: 'U0DANA', at: T0 + 50 * MIN });
    const acknowledged = { by: 'U0KIM', at: T0 + 51 * MIN };
    await becomes('cancelled', { overrides: [{ ...fixtures.override, acknowledged }] });
    expect(reply('a')?.text).toContain('Started by <@U0DANA>');
    expect(reply('b')?.text).toContain('Acknowledged by <@U0KIM>');
    expect([buttons('a'), buttons('b')]).toEqual([false, false]);
  });

  it('are taken away by the next process when this one dies, or Slack takes nothing, in between', async () => {
    const worker = stage.start();
    await becomes('monitoring');
    await say('a', alarm());
    // Slack takes the card, and then nothing more.
    let updates = 0;
    stage.slack.fault = (method) => {
      if (method !== 'chat.update') return null;
      updates += 1;
      return updates > 1 ? { when: 'before', error: noAnswer() } : null;
    };
    await becomes('shipped', { closedAt: T0 + 40 * MIN });
    expect(buttons('a')).toBe(true);
    expect(await stage.store.waiting(10)).toEqual(['p1']);
    await stage.end(worker);
    stage.slack.fault = () => null;
    stage.start();
    await stage.clock.pass(5 * SECOND);
    expect(buttons('a')).toBe(false);
    expect(await stage.store.waiting(10)).toEqual([]);
  });

  it('of a message that a dead process sent are found and taken away too', async () => {
    const worker = stage.start();
    await becomes('monitoring');
    stage.store.losing = 'notice';
    await say('a', alarm());
    expect(buttons('a')).toBe(true);
    await stage.end(worker);
    stage.store.losing = null;
    stage.start();
    await becomes('shipped', { closedAt: T0 + 40 * MIN });
    expect(stage.slack.replies).toHaveLength(1);
    expect(buttons('a')).toBe(false);
  });

  it('of a message that is gone keep nothing else from being shown', async () => {
    stage.start();
    await becomes('monitoring');
    await say('a', alarm());
    const { ts } = reply('a') ?? { ts: '' };
    stage.slack.fault = (method, args) =>
      method === 'chat.update' && args['ts'] === ts
        ? { when: 'before', error: platformError('message_not_found') }
        : null;
    await becomes('shipped', { closedAt: T0 + 40 * MIN });
    expect(await stage.store.waiting(10)).toEqual([]);
    expect(stage.log.join('')).toContain('keeps buttons that decide nothing');
  });
});
