import { RespondError, type RespondFn } from '@slack/bolt';
import { WebAPIPlatformError } from '@slack/web-api';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { sealOf } from '../../../src/domain/text/seal.ts';
import { answerIn } from '../../../src/handlers/support/answer.ts';
import type { HandlerContext } from '../../../src/handlers/support/context.ts';

const seal = sealOf(Buffer.alloc(32, 1), 'T0SLIPWAY');

/** Whoever asked in #ship, and the ways on which they get an answer; each says what it does the next times. */
function place(ways: {
  respond?: readonly (number | 'silent')[];
  ephemeral?: Error;
  direct?: Error;
  takesOnlyText?: boolean;
}) {
  const said: string[] = [];
  const statuses = [...(ways.respond ?? [])];
  const respond = (async () => {
    const status = statuses.shift() ?? 200;
    said.push(`respond ${status}`);
    if (status === 'silent') await new Promise(() => undefined);
    if (status !== 200) throw new RespondError('no', Number(status));
  }) as unknown as RespondFn;
  const by = (name: string, error: Error | undefined) => async (args: { blocks?: unknown }) => {
    if (ways.takesOnlyText && args.blocks !== undefined) {
      said.push(`${name} refuses`);
      throw new WebAPIPlatformError({ ok: false, error: 'invalid_blocks' });
    }
    said.push(error ? `${name} fails` : name);
    if (error) throw error;
  };
  const client = {
    chat: { postEphemeral: by('ephemeral', ways.ephemeral), postMessage: by('direct', ways.direct) },
  };
  const context = { client, log: pino({ level: 'silent' }), seal: async () => seal };
  const answer = answerIn(
    context as unknown as HandlerContext,
    { user: 'U1', channel: 'C1' },
    ways.respond && respond,
    50,
  );
  return { said, answer: () => answer({ text: 'Done.', blocks: [] }) };
}

describe('an answer to a person', () => {
  test('goes to the address that came with the question, again when Slack is busy', async () => {
    const { said, answer } = place({ respond: [503, 429, 200] });
    await answer();
    expect(said).toEqual(['respond 503', 'respond 429', 'respond 200']);
  });

  test('trap: respond() throws when it is refused; it goes another way at once when the address is no longer good', async () => {
    const { said, answer } = place({ respond: [404] });
    await answer();
    expect(said).toEqual(['respond 404', 'ephemeral']);
  });

  test('goes to the person directly when they cannot be reached in the channel', async () => {
    const { said, answer } = place({ respond: [404], ephemeral: new Error('user_not_in_channel') });
    await answer();
    expect(said).toEqual(['respond 404', 'ephemeral fails', 'direct']);
  });

  test('goes another way when nothing answers at the address that came with the question', async () => {
    const { said, answer } = place({ respond: ['silent'] });
    await answer();
    expect(said).toEqual(['respond silent', 'ephemeral']);
  });

  test('is said in plain text when Slack does not take how it looks', async () => {
    const { said, answer } = place({ takesOnlyText: true });
    await answer();
    expect(said).toEqual(['ephemeral refuses', 'direct refuses', 'ephemeral']);
  });

  test('is said in plain text to who has left the channel, too', async () => {
    const left = new Error('user_not_in_channel');
    const { said, answer } = place({ respond: [400, 404], takesOnlyText: true, ephemeral: left });
    await answer();
    expect(said.at(-1)).toBe('direct');
  });

  test('is lost without a throw when there is no way at all', async () => {
    const gone = new Error('account_inactive');
    const { said, answer } = place({ ephemeral: gone, direct: gone });
    await answer();
    expect(said).toEqual(['ephemeral fails', 'direct fails']);
  });
});
