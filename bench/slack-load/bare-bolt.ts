import { App, HTTPReceiver, SocketModeReceiver } from '@slack/bolt';

// The least that a Bolt app can do: it acknowledges everything and nothing else. A process of its own.
const {
  SLACK_API_URL = '',
  SLACK_BOT_TOKEN = '',
  SLACK_APP_TOKEN,
  SLACK_SIGNING_SECRET = '',
  PORT,
} = process.env;

const clientOptions = { slackApiUrl: SLACK_API_URL };
const receiver =
  SLACK_APP_TOKEN === undefined
    ? new HTTPReceiver({ signingSecret: SLACK_SIGNING_SECRET })
    : new SocketModeReceiver({ appToken: SLACK_APP_TOKEN, installerOptions: { clientOptions } });
const app = new App({ token: SLACK_BOT_TOKEN, receiver, clientOptions });
app.command('/ship-prod', ({ ack }) => ack());
app.action(/.*/, ({ ack }) => ack());
await app.start(Number(PORT ?? 0));
const button = {
  type: 'button',
  action_id: 'details',
  text: { type: 'plain_text', text: 'Details' },
} as const;
await app.client.chat.postMessage({
  channel: process.env['CHANNEL'] ?? '',
  text: 'a card',
  blocks: [{ type: 'actions', elements: [button] }],
});
