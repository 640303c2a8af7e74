import type { ImageBlock } from '@slack/types';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Judgement } from '../../../src/domain/judge/verdict.ts';
import * as fixtures from '../../blocks/fixtures.ts';
import { platformError } from './fake-slack.ts';
import { OutboxStage } from './outbox-stage.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

describe('the chart in a card', () => {
  let stage: OutboxStage;
  let revision = 0;
  const image = () =>
    stage.slack.cards[0]?.blocks.find((block): block is ImageBlock => block.type === 'image');
  const file = () => {
    const shown = image();
    return shown && 'slack_file' in shown && shown.slack_file && 'id' in shown.slack_file
      ? shown.slack_file.id
      : undefined;
  };
  const watch = (tick: number, judgement: Judgement, state: 'monitoring' | 'shipped' = 'monitoring') => {
    revision += 1;
    const data = {
      plan: fixtures.plan,
      release: fixtures.release,
      deployment: fixtures.deployment,
      monitor: fixtures.monitor({ tick, judgement }),
    };
    return stage.show(stage.promotion(state, revision, { data }));
  };

  beforeEach(() => {
    stage = new OutboxStage();
    stage.start();
    stage.store.samples = [
      { at: new Date(fixtures.T0).toISOString(), phase: 'baseline', total: 100, errors: 0 },
      { at: new Date(fixtures.T0 + 15 * MINUTE).toISOString(), phase: 'after', total: 100, errors: 30 },
    ];
  });
  afterEach(() => stage.close());

  it('comes once Slack has looked through it, says its numbers, and is no message of its own', async () => {
    await watch(1, fixtures.judgement('critical'));
    await stage.clock.pass(SECOND);
    expect(image()).toBeUndefined();
    await stage.clock.pass(10 * SECOND);
    expect(image()?.alt_text).toBe(
      'Error rate, v2.7.0: 30 % now, 0.2 % before the deploy, the limit is 1.2 %.',
    );
    expect(stage.slack.replies).toEqual([]);
    expect(stage.slack.cards).toHaveLength(1);
  });

  it('is another one when there is something new to see, every three minutes at most', async () => {
    for (let tick = 1; tick <= 40; tick += 1) {
      const [first, ...others] = fixtures.judgement().findings;
      const findings = first ? [{ ...first, now: tick / 100 }, ...others] : [];
      await watch(tick, { verdict: 'healthy', findings });
      await stage.clock.pass(30 * SECOND);
    }
    expect(stage.slack.times('files.upload')).toBeGreaterThan(3);
    expect(stage.slack.times('files.upload')).toBeLessThanOrEqual(7);
    const before = stage.slack.times('files.upload');
    // Nothing new: nothing is given.
    for (let at = 0; at < 20; at += 1) {
      await watch(40, fixtures.judgement());
      await stage.clock.pass(MINUTE);
    }
    expect(stage.slack.times('files.upload')).toBe(before + 1);
  });

  it('does not wait for its turn when an alarm begins', async () => {
    await watch(1, fixtures.judgement());
    await stage.clock.pass(10 * SECOND);
    const first = file();
    await watch(2, fixtures.judgement('critical'));
    await stage.clock.pass(10 * SECOND);
    expect(file()).not.toBe(first);
    expect(stage.slack.times('files.upload')).toBe(2);
  });

  it('goes when the watch is over', async () => {
    await watch(1, fixtures.judgement());
    await stage.clock.pass(10 * SECOND);
    expect(image()).toBeDefined();
    await watch(30, fixtures.judgement(), 'shipped');
    await stage.clock.pass(10 * SECOND);
    expect(image()).toBeUndefined();
  });

  it.each([
    'invalid_blocks',
    'slack_connect_file_link_sharing_blocked',
    'file_deleted',
    'what_slack_says_next_year',
  ])('keeps no card back that Slack does not take with it: %s', async (code) => {
    stage.slack.fault = (method, args) =>
      method === 'chat.update' && JSON.stringify(args).includes('slack_file')
        ? { when: 'before', error: platformError(code) }
        : null;
    await watch(1, fixtures.judgement());
    await stage.clock.pass(20 * SECOND);
    expect(image()).toBeUndefined();
    await watch(2, fixtures.judgement('critical'));
    await stage.clock.pass(10 * MINUTE);
    expect(JSON.stringify(stage.slack.cards[0]?.blocks)).toContain('critical');
    expect(stage.slack.times('files.upload')).toBe(1);
  });

  it('stays in a card that Slack did not let in for another reason', async () => {
    await watch(1, fixtures.judgement());
    await stage.clock.pass(10 * SECOND);
    expect(image()).toBeDefined();
    stage.slack.fault = (method) =>
      method === 'chat.update' ? { when: 'before', error: platformError('is_archived') } : null;
    await watch(2, fixtures.judgement('critical'));
    await stage.clock.pass(10 * SECOND);
    stage.slack.fault = () => null;
    await stage.clock.pass(3 * MINUTE);
    expect(JSON.stringify(stage.slack.cards[0]?.blocks)).toContain('critical');
    expect(image()).toBeDefined();
  });

  it('keeps no card back when Slack does not take files', async () => {
    stage.slack.fault = (method) =>
      method === 'files.upload' ? { when: 'before', error: platformError('internal_error') } : null;
    await watch(1, fixtures.judgement());
    await stage.clock.pass(MINUTE);
    await watch(2, fixtures.judgement('critical'));
    await stage.clock.pass(MINUTE);
    expect(JSON.stringify(stage.slack.cards[0]?.blocks)).toContain('critical');
    expect(await stage.store.waiting(10)).toEqual([]);
    expect(stage.slack.times('files.upload')).toBeLessThanOrEqual(3);
  });

  it('is found again by the next process', async () => {
    const first = stage.start();
    await watch(1, fixtures.judgement());
    await stage.clock.pass(10 * SECOND);
    const shown = file();
    await stage.end(first);
    stage.start();
    await watch(2, fixtures.judgement());
    await stage.clock.pass(10 * SECOND);
    expect(file()).toBe(shown);
    expect(stage.slack.times('files.upload')).toBe(1);
  });
});
