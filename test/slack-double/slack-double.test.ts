import { WebClient } from '@slack/web-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SlackDouble } from './slack-double.ts';

/** What the stories rely on: the double says no where Slack does. */
describe('the second Slack double', () => {
  let double: SlackDouble;
  let client: WebClient;

  beforeEach(async () => {
    double = await SlackDouble.start();
    client = new WebClient(double.botToken, {
      slackApiUrl: double.apiUrl,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
    });
  });
  afterEach(() => double.close());

  const post = (more: object = {}) => client.chat.postMessage({ channel: 'C0SHIP', text: 'hello', ...more });
  const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
  const row = (...ids: readonly string[]) => ({
    type: 'actions',
    elements: ids.map((id) => ({ type: 'button', action_id: id, text: { type: 'plain_text', text: id } })),
  });

  it.each([
    ['no text', { text: '' }, 'no_text'],
    ['blocks without a text', { text: '', blocks: [section('x')] }, 'missing_text_in_message'],
    ['a text that is too long', { text: 'x'.repeat(40_001) }, 'msg_too_long'],
    ['a section that is too long', { blocks: [section('x'.repeat(3_001))] }, 'invalid_blocks'],
    ['too many blocks', { blocks: Array(51).fill(section('x')) }, 'invalid_blocks'],
    ['one action_id twice', { blocks: [row('a', 'a')] }, 'invalid_blocks'],
    ['a channel that is not there', { channel: 'C0NOWHERE' }, 'channel_not_found'],
    ['a thread that is not there', { thread_ts: '1.1' }, 'thread_not_found'],
  ])('refuses %s', async (_what, args, code) => {
    await expect(post(args)).rejects.toMatchObject({ data: { error: code } });
  });

  it('wants the arguments that a method needs, and a token that it knows', async () => {
    await expect(client.chat.update({ channel: 'C0SHIP', text: 'x' } as never)).rejects.toMatchObject({
      data: { error: 'invalid_arguments' },
    });
    await expect(
      new WebClient('xoxb-other', { slackApiUrl: double.apiUrl }).auth.test(),
    ).rejects.toMatchObject({ data: { error: 'invalid_auth' } });
  });

  it('takes a message a second and channel after a burst, and says how long to wait', async () => {
    for (let n = 0; n < 10; n += 1) await post();
    await expect(post()).rejects.toMatchObject({ retryAfter: 1 });
  });

  it('gives histories once a minute and fifteen at a time to apps that are not internal', async () => {
    for (let n = 0; n < 20; n += 1) double.as('ada').say('#ship', `${n}`);
    double.api.limits.scarceHistory = true;
    const { messages, has_more: more } = await client.conversations.history({
      channel: 'C0SHIP',
      limit: 200,
    });
    expect([messages?.length, more]).toEqual([15, true]);
    await expect(client.conversations.history({ channel: 'C0SHIP' })).rejects.toMatchObject({
      retryAfter: 60,
    });
  });

  it('shares a file some moments after it took it, or never', async () => {
    const { ts = '' } = await post();
    const upload = () =>
      client.filesUploadV2({
        channel_id: 'C0SHIP',
        thread_ts: ts,
        filename: 'a.txt',
        file: Buffer.from('words'),
      });
    const { files } = (await upload()) as unknown as { files: { files: { id: string; shares: object }[] }[] };
    const [file] = files[0]?.files ?? [];
    expect(file?.shares).toEqual({});
    const shared = await double.waitForMessage((message) => message.files !== undefined);
    expect([shared.thread_ts, shared.files?.[0]?.bytes.toString()]).toEqual([ts, 'words']);
    expect((await client.files.info({ file: file?.id ?? '' })).file?.channels).toEqual(['C0SHIP']);
  });

  it('opens a form once for each trigger, and replaces it only where it is still the one that was seen', async () => {
    const view = { type: 'modal' as const, title: { type: 'plain_text' as const, text: 'A' }, blocks: [] };
    const trigger_id = double.state.trigger('U0ADA');
    const opened = await client.views.open({ trigger_id, view });
    await expect(client.views.open({ trigger_id, view })).rejects.toMatchObject({
      data: { error: 'invalid_trigger_id' },
    });
    const id = opened.view?.id ?? '';
    await expect(client.views.update({ view_id: id, hash: 'old', view })).rejects.toMatchObject({
      data: { error: 'hash_conflict' },
    });
    await client.views.update({ view_id: id, hash: opened.view?.hash ?? '', view });
  });

  it('takes a response_url five times', async () => {
    double.delivery.requestUrl = 'http://127.0.0.1:9/';
    await expect(double.as('ada').command('/ship-prod help')).rejects.toThrow('operation_timeout');
    const [id = ''] = double.state.responses.keys();
    const url = `${new URL(double.apiUrl).origin}/response/${id}`;
    const respond = () => fetch(url, { method: 'POST', body: JSON.stringify({ text: 'hello' }) });
    const answers = [];
    for (let n = 0; n < 6; n += 1) answers.push((await respond()).status);
    expect(answers).toEqual([200, 200, 200, 200, 200, 404]);
    expect(double.ephemerals('ada')).toHaveLength(5);
  });
});
