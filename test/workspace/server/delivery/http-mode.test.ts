import { createHmac } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { App, HTTPReceiver, LogLevel } from '@slack/bolt';
import { expect, onTestFinished, test } from 'vitest';
import type { Workspace } from '../../../../demo/workspace/server/start.ts';
import { workspace } from '../setup.ts';

async function httpApp(slack: Workspace, prepare: (app: App) => void, signingSecret = slack.signingSecret) {
  const receiver = new HTTPReceiver({ signingSecret, endpoints: '/slack/events', logLevel: LogLevel.ERROR });
  const app = new App({
    token: slack.botToken,
    receiver,
    clientOptions: { slackApiUrl: slack.apiUrl },
    logLevel: LogLevel.ERROR,
  });
  prepare(app);
  const server = (await app.start(0)) as Server;
  onTestFinished(async () => {
    await app.stop();
  });
  slack.control.setRequestUrl(`http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`);
}

test('the HTTP receiver takes signed commands, clicks and events', async () => {
  const slack = await workspace();
  const heard: unknown[] = [];
  await httpApp(slack, (app) => {
    app.command('/ship-prod', async ({ ack, command }) => {
      await ack({ text: `got ${command.text}` });
      await app.client.chat.postMessage({
        channel: command.channel_id,
        text: 'card',
        blocks: [
          {
            type: 'actions',
            elements: [{ type: 'button', action_id: 'go', text: { type: 'plain_text', text: 'Go' } }],
          },
        ],
      });
    });
    app.action('go', async ({ ack, respond }) => {
      await ack();
      await respond({ text: 'gone', replace_original: false });
    });
    app.event('message', async ({ event }) => {
      if (!('bot_id' in event)) heard.push((event as { text: string }).text);
    });
  });
  const ada = slack.as('ada');
  expect((await ada.command('/ship-prod shop & co'))?.text).toBe('got shop & co');
  await ada.click(await slack.waitForMessage(/Go/), 'go');
  await slack.waitForEphemeral('ada', /gone/);
  ada.say('#ship', 'hello');
  await slack.quiet();
  expect(heard).toEqual(['hello']);
});

test('a wrong signing secret is refused by the app, and shown as Slack shows it', async () => {
  const slack = await workspace();
  await httpApp(
    slack,
    (app) => {
      app.command('/ship-prod', async ({ ack }) => ack('never'));
    },
    'another-secret',
  );
  await expect(slack.as('ada').command('/ship-prod')).rejects.toThrow('dispatch_failed');
  const [entry] = slack.control.journal().filter(({ type }) => type === 'slash_commands');
  expect(entry?.response).toEqual({ error: 'http-error' });
});

test('the signature is HMAC-SHA256 over version, time and body', async () => {
  const { HttpMode } = await import('../../../../demo/workspace/server/delivery/http-mode.ts');
  const transport = new HttpMode('http://127.0.0.1:1', 'secret', () => 1_531_420_618_900);
  const expected = createHmac('sha256', 'secret').update('v0:1531420618:a=b').digest('hex');
  expect(transport.sign('a=b')).toEqual({
    'x-slack-request-timestamp': '1531420618',
    'x-slack-signature': `v0=${expected}`,
  });
});
