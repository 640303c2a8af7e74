import type { WebClient } from '@slack/web-api';
import { describe, expect, test } from 'vitest';
import { Channels } from '../../../src/adapters/slack/channels.ts';

const PER_PAGE = 1_000;

/** A workspace with so many channels, of which the bot is in a few; it counts what it is asked. */
function workspace(all: number, own: readonly string[]) {
  const calls: string[] = [];
  const names = Array.from({ length: all }, (_, index) => `room-${index}`);
  const answer = (method: string, list: readonly string[]) => async (args: { readonly cursor?: string }) => {
    calls.push(method);
    const start = Number(args.cursor ?? 0);
    const next = start + PER_PAGE < list.length ? `${start + PER_PAGE}` : '';
    return {
      ok: true,
      channels: list.slice(start, start + PER_PAGE).map((name) => ({ id: `C-${name}`, name })),
      response_metadata: { next_cursor: next },
    };
  };
  const client = {
    auth: { test: async () => ({ team_id: 'T0ONE', url: 'https://one.slack.com/', user_id: 'U0BOT' }) },
    users: { conversations: answer('users.conversations', own) },
    conversations: { list: answer('conversations.list', [...names, ...own]) },
  };
  return { client: client as unknown as WebClient, calls };
}

describe('the channel that the config names', () => {
  test('is found in one call where the bot is in it, however many there are', async () => {
    const { client, calls } = workspace(21_000, ['ship']);
    const channels = new Channels(client);
    expect(await channels.idOf('#ship')).toBe('C-ship');
    expect(await channels.idOf('ship')).toBe('C-ship');
    expect(calls).toEqual(['users.conversations']);
  });

  test('trap: users.conversations has only the channels of the bot: where it is in none of that name the workspace is looked through, once an hour', async () => {
    const { client, calls } = workspace(3_000, ['ship']);
    let now = 0;
    const channels = new Channels(client, () => now);
    expect(await channels.idOf('#room-2999')).toBe('C-room-2999');
    expect(await channels.idOf('#gone')).toBeNull();
    const before = calls.filter((method) => method === 'conversations.list').length;
    now += 5 * 60_000;
    expect(await channels.idOf('#gone')).toBeNull();
    expect(calls.filter((method) => method === 'conversations.list')).toHaveLength(before);
    now += 60 * 60_000;
    expect(await channels.idOf('#gone')).toBeNull();
    expect(calls.filter((method) => method === 'conversations.list').length).toBeGreaterThan(before);
  });

  test('is found at once when the bot was invited meanwhile', async () => {
    const own: string[] = [];
    const { client } = workspace(10, own);
    const channels = new Channels(client, () => 0);
    expect(await channels.idOf('#new')).toBeNull();
    own.push('new');
    expect(await channels.idOf('#new')).toBe('C-new');
  });

  test('keeps its place under another id: of whichever Slack said so, by name or by id', async () => {
    const { client, calls } = workspace(10, ['ship']);
    let now = 0;
    const moved = new Map<string, string>();
    const channels = new Channels(
      client,
      () => now,
      async () => moved,
    );
    expect(await channels.idOf('#ship')).toBe('C-ship');
    moved.set('C-ship', 'C0SHARED').set('G0OLD', 'C0MID').set('C0MID', 'C0NEW');
    now += 10_000;
    expect(await channels.idOf('#ship')).toBe('C0SHARED');
    expect(await channels.idOf('G0OLD')).toBe('C0NEW');
    expect(await channels.idOf('C0OTHER')).toBe('C0OTHER');
    // Whoever makes a channel of that name afterwards does not get what is said there.
    expect(calls).toEqual(['users.conversations']);
  });
});
