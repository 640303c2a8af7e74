import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import { Channels } from '../../../src/adapters/slack/channels.ts';
import { promptSender } from '../../../src/adapters/slack/send-prompt.ts';
import type { Prompt } from '../../../src/domain/promotion/asking/prompt.ts';
import { settlePrompts } from '../../../src/flows/jobs/settle-prompts.ts';
import { MemoryLedger } from '../../fakes/memory-ledger.ts';
import { FakeSlack, noAnswer, platformError } from './fake-slack.ts';

const START = Date.parse('2026-11-20T07:35:00Z');
const MINUTE = 60_000;
const OFFER: Prompt = { kind: 'offer', service: 'shop', feature: '014-coupons', because: 'phase: ship-prod' };

describe('messages with buttons outside of threads', () => {
  let now = START;
  let slack: FakeSlack;
  let ledger: MemoryLedger;

  beforeEach(async () => {
    now = START;
    slack = new FakeSlack(() => now);
    ledger = new MemoryLedger(() => now);
    await ledger.putPrompt({ key: 'a', place: { channel: '#ship' }, prompt: OFFER });
  });

  /** One look of a process that has just been started. */
  const look = () => {
    const log = pino({ level: 'silent' });
    const { client } = slack;
    const channels = new Channels(client);
    const channelId = (name: string) => channels.idOf(name);
    const sender = promptSender({ client, log, channelId, elapsed: () => now, clockAhead: async () => 0 });
    return settlePrompts({ ledger }, sender);
  };
  const start = (id: string, feature?: string) =>
    ledger.open({
      id,
      request: {
        service: 'shop',
        bump: 'auto',
        by: 'U0LINUS',
        ...(feature === undefined ? {} : { feature }),
      },
      channel: 'C0SHIP',
    });
  const shown = () => slack.messages.map(({ blocks }) => JSON.stringify(blocks));
  const hasButtons = () => shown().map((blocks) => blocks.includes('"type":"actions"'));

  test('lose their buttons once somebody has started it, and say who and when', async () => {
    await look();
    await look();
    expect(hasButtons()).toEqual([true]);
    now += MINUTE;
    await start('shop-1');
    await look();
    expect(hasButtons()).toEqual([false]);
    expect(shown()[0]).toMatch(/"user_id":"U0LINUS".* started it, /);
    expect(shown()[0]).toContain(String((START + MINUTE) / 1_000));
    expect(shown()[0]).toContain('014-coupons');
    expect(shown()[0]).not.toContain('presses a button');
    await look();
    expect(slack.times('chat.update')).toBe(1);
  });

  test('keep them while another feature is shipped', async () => {
    await look();
    await start('shop-1', '015-gifts');
    await look();
    expect(hasButtons()).toEqual([true]);
  });

  test('are not posted at all when that was started before they could be', async () => {
    await start('shop-1');
    await look();
    expect(slack.messages).toEqual([]);
    expect(await ledger.openPrompts()).toEqual([]);
  });

  test('are posted once, whoever dies after Slack has taken them', async () => {
    slack.fault = (method) => (method === 'chat.postMessage' ? { when: 'after', error: noAnswer() } : null);
    await expect(look()).rejects.toThrow();
    slack.fault = () => null;
    await look();
    now += 2 * MINUTE;
    await look();
    expect(slack.messages).toHaveLength(1);
    await start('shop-1');
    await look();
    expect(hasButtons()).toEqual([false]);
  });

  test('that a mention asked for are found in its thread', async () => {
    await look();
    const thread = slack.messages[0]?.ts ?? '';
    await ledger.putPrompt({ key: 'b', place: { channel: 'C0SHIP', thread }, prompt: OFFER });
    slack.fault = (method) => (method === 'chat.postMessage' ? { when: 'after', error: noAnswer() } : null);
    await expect(look()).rejects.toThrow();
    slack.fault = () => null;
    now += 2 * MINUTE;
    await look();
    expect(slack.replies).toHaveLength(1);
  });

  test('are updated by a later look, whoever dies before or after Slack has taken that', async () => {
    await look();
    await start('shop-1');
    for (const when of ['before', 'after'] as const) {
      slack.fault = (method) => (method === 'chat.update' ? { when, error: noAnswer() } : null);
      await expect(look()).rejects.toThrow();
    }
    slack.fault = () => null;
    await look();
    expect(hasButtons()).toEqual([false]);
    expect(await ledger.openPrompts()).toEqual([]);
  });

  test('say the first thing that became of them, whatever comes later', async () => {
    await look();
    await ledger.settlePrompt('a', { kind: 'offered-anew', at: now });
    await start('shop-1');
    await look();
    expect(shown()[0]).toContain('see the newer message');
  });

  test('stay as they are where somebody deleted them or nobody may edit them', async () => {
    await look();
    slack.delete(slack.messages[0]?.ts ?? '');
    await start('shop-1');
    await look();
    expect(await ledger.openPrompts()).toEqual([]);
  });

  test('to a person who cannot be reached are given up, and keep nobody else waiting', async () => {
    await ledger.putPrompt({
      key: 'b',
      place: { channel: 'U0GONE' },
      prompt: { kind: 'turn', service: 'shop', user: 'U0GONE' },
    });
    slack.fault = (method, { channel }) =>
      method === 'chat.postMessage' && channel === 'U0GONE'
        ? { when: 'before', error: platformError('channel_not_found') }
        : null;
    await look();
    expect((await ledger.openPrompts()).map(({ key }) => key)).toEqual(['a']);
    expect(slack.messages).toHaveLength(1);
  });
});
