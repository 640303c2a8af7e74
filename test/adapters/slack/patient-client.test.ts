import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRequestError, WebClient } from '@slack/web-api';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startWorkspace, type Workspace } from '../../../demo/workspace/server/start.ts';
import { PatientClient } from '../../../src/adapters/slack/patient-client.ts';
import { Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { sealOf } from '../../../src/domain/text/seal.ts';

const seal = sealOf(Buffer.alloc(32, 1), 'T0SLIPWAY');

describe('what is said to people at once', () => {
  let workspace: Workspace;
  beforeEach(async () => {
    workspace = await startWorkspace();
  });
  afterEach(() => workspace.close());

  const client = (usefulMs?: Record<string, number>) =>
    new PatientClient(
      workspace.botToken,
      { apiUrl: workspace.apiUrl, log: pino({ level: 'silent' }), seal: async () => seal },
      usefulMs,
    );
  const told = { channel: 'C0SHIP', user: 'U0ADA', text: 'Rolled back.' };

  test('arrives, once, though Slack is busy and then broken', async () => {
    workspace.control.rateLimit('chat.postEphemeral', 1, 1);
    workspace.control.failHttp('chat.postEphemeral', 2, 503);
    await client().chat.postEphemeral(told);
    const seen = await workspace.waitForEphemeral('ada', ({ text }) => text === 'Rolled back.', 5_000);
    expect(seen.text).toBe('Rolled back.');
    workspace.control.rateLimit('chat.postMessage', 1, 1);
    await client().chat.postMessage({ channel: 'C0SHIP', text: 'Locked.' });
    expect(workspace.messages('#ship').filter(({ text }) => text === 'Locked.')).toHaveLength(1);
  });

  test('a message that Slack may have taken is not posted again: it did not answer in time, or only with a fault', async () => {
    const posted = () => workspace.messages('#ship').filter(({ text }) => text === 'Locked.').length;
    const answers = [
      new WebAPIRequestError(new Error('The operation timed out')),
      new WebAPIHTTPError(500, '', {}, ''),
    ];
    for (const error of answers) {
      const before = posted();
      const web = client();
      const call = vi.spyOn(WebClient.prototype, 'apiCall').mockImplementationOnce(async function (
        this: WebClient,
        ...args
      ) {
        call.mockRestore();
        await WebClient.prototype.apiCall.apply(this, args);
        throw error;
      });
      await expect(web.chat.postMessage({ channel: 'C0SHIP', text: 'Locked.' })).rejects.toBeInstanceOf(
        Unavailable,
      );
      expect(posted() - before).toBe(1);
    }
  });

  test.each(['ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT', 'EAI_AGAIN'])(
    'a message that never left is posted once there is a connection: %s',
    async (code) => {
      const cause = Object.assign(new Error(code), { code });
      const error = new WebAPIRequestError(new TypeError('fetch failed', { cause }));
      const call = vi.spyOn(WebClient.prototype, 'apiCall').mockRejectedValueOnce(error);
      try {
        await client().chat.postMessage({ channel: 'C0SHIP', text: 'Locked.' });
      } finally {
        call.mockRestore();
      }
      expect(workspace.messages('#ship').filter(({ text }) => text === 'Locked.')).toHaveLength(1);
    },
  );

  test.each([
    'service_unavailable',
    'request_timeout',
    'accesslimited',
    'team_added_to_org',
    'external_channel_migrating',
  ])('a message that Slack says it did not take is posted once it takes it: %s', async (code) => {
    const error = new WebAPIPlatformError({ ok: false, error: code });
    const call = vi.spyOn(WebClient.prototype, 'apiCall').mockRejectedValueOnce(error);
    try {
      await client().chat.postMessage({ channel: 'C0SHIP', text: 'Locked.' });
    } finally {
      call.mockRestore();
    }
    expect(workspace.messages('#ship').filter(({ text }) => text === 'Locked.')).toHaveLength(1);
  });

  test('a message to one person is sent again, also where Slack may have taken it', async () => {
    const error = new WebAPIPlatformError({ ok: false, error: 'internal_error' });
    const call = vi.spyOn(WebClient.prototype, 'apiCall').mockRejectedValueOnce(error);
    try {
      await client().chat.postMessage({ channel: 'U0ADA', text: 'Your lock was taken over.' });
      expect(call).toHaveBeenCalledTimes(2);
    } finally {
      call.mockRestore();
    }
  });

  test('what is of no use any more is given up in a sentence', async () => {
    workspace.control.failHttp('chat.postEphemeral', 99, 503);
    const late = client({ 'chat.postEphemeral': 700 }).chat.postEphemeral(told);
    await expect(late).rejects.toBeInstanceOf(Unavailable);
    await expect(late).rejects.toThrow('Slack: it does not take this now');
  });

  test('is given up in time, and no earlier, when somebody sets the clock', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      workspace.control.failHttp('chat.postEphemeral', 1, 503);
      const sent = client().chat.postEphemeral(told);
      vi.setSystemTime(Date.now() + 3_600_000);
      await sent;
      workspace.control.failHttp('chat.postEphemeral', 99, 503);
      const late = client({ 'chat.postEphemeral': 700 }).chat.postEphemeral(told);
      vi.setSystemTime(Date.now() - 7_200_000);
      await expect(late).rejects.toBeInstanceOf(Unavailable);
    } finally {
      vi.useRealTimers();
    }
  });

  test('what Slack refuses is not tried again', async () => {
    const calls = () =>
      workspace.control.calls().filter(({ method }) => method === 'chat.postMessage').length;
    const before = calls();
    await expect(client().chat.postMessage({ channel: 'C0NOWHERE', text: 'x' })).rejects.toMatchObject({
      data: { error: 'channel_not_found' },
    });
    expect(calls() - before).toBe(1);
  });
});
