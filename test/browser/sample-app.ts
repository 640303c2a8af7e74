import type { AllMiddlewareArgs, SlackActionMiddlewareArgs } from '@slack/bolt';
import { App, LogLevel } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import type { Workspace } from '../../demo/workspace/server/start.ts';
import { sampleCard, sampleElements, sampleText } from './sample-blocks.ts';

/** A tiny app that uses everything the page has to show. */

export const sampleManifest = {
  display_information: {
    name: 'Sample',
    description: 'Shows what the page can do',
    background_color: '#2b6c8f',
  },
  features: {
    app_home: { home_tab_enabled: true, messages_tab_enabled: true },
    bot_user: { display_name: 'Sample' },
    slash_commands: [
      {
        command: '/sample',
        description: 'Posts a sample',
        usage_hint: 'card | text | elements | modal | files | whisper [words]',
      },
      { command: '/slow', description: 'Never answers in time', usage_hint: '' },
    ],
    shortcuts: [
      { name: 'Ship to production', type: 'global', callback_id: 'ship', description: 'Opens the modal' },
      { name: 'Report a problem', type: 'message', callback_id: 'report', description: 'About this message' },
    ],
  },
  oauth_config: {
    scopes: {
      bot: [
        'commands',
        'chat:write',
        'files:read',
        'files:write',
        'app_mentions:read',
        'channels:history',
        'users:read',
        'im:history',
      ],
    },
  },
  settings: { event_subscriptions: { bot_events: ['app_home_opened', 'app_mention', 'message.channels'] } },
};

const plain = (text: string) => ({ type: 'plain_text', text }) as const;

function sampleModal(channel: string): ModalView {
  return {
    type: 'modal',
    callback_id: 'ship_modal',
    private_metadata: channel,
    title: plain('Ship to production'),
    submit: plain('Show the plan'),
    blocks: [
      {
        type: 'input',
        block_id: 'service',
        label: plain('Service'),
        element: {
          type: 'static_select',
          action_id: 'value',
          placeholder: plain('Choose a service'),
          options: ['shop', 'search'].map((name) => ({ text: plain(name), value: name })),
        },
      },
      {
        type: 'input',
        block_id: 'bump',
        label: plain('Bump'),
        element: {
          type: 'radio_buttons',
          action_id: 'value',
          initial_option: { text: plain('auto'), value: 'auto' },
          options: ['auto', 'minor', 'major'].map((name) => ({ text: plain(name), value: name })),
        },
      },
      {
        type: 'input',
        block_id: 'note',
        optional: true,
        label: plain('Note'),
        hint: plain('People see it on the card.'),
        element: { type: 'plain_text_input', action_id: 'value', multiline: true, max_length: 60 },
      },
      { type: 'alert', level: 'warning', text: { type: 'mrkdwn', text: 'Production is *not* frozen.' } },
      {
        type: 'actions',
        block_id: 'deeper',
        elements: [{ type: 'button', action_id: 'push', text: plain('Details') }],
      },
    ],
  };
}

export async function startSampleApp(workspace: Workspace): Promise<App> {
  const app = new App({
    token: workspace.botToken,
    appToken: workspace.appToken,
    socketMode: true,
    clientOptions: { slackApiUrl: workspace.apiUrl },
    logLevel: LogLevel.ERROR,
  });

  app.command('/sample', async ({ ack, command, client, body, say }) => {
    await ack();
    const [what = '', ...words] = command.text.split(' ');
    if (what === 'card') await say({ text: 'A card', blocks: sampleCard(Date.now()) });
    if (what === 'text') await say({ text: 'Formatted', blocks: sampleText() });
    if (what === 'elements') await say({ text: 'Elements', blocks: sampleElements() });
    if (what === 'modal') {
      await client.views.open({ trigger_id: body.trigger_id, view: sampleModal(command.channel_id) });
    }
    if (what === 'whisper') {
      const { channel_id: channel, user_id: user } = command;
      await client.chat.postEphemeral({ channel, user, text: `Only for you: ${words.join(' ')}` });
    }
    if (what === 'files') {
      const report = `# Ship report\n\n| check | result |\n|---|---|\n| health | **passed** |\n\n${'- a line of the report\n'.repeat(40)}\nThe last line.`;
      await client.filesUploadV2({
        channel_id: command.channel_id,
        initial_comment: 'The report',
        file_uploads: [
          { content: report, filename: 'production-ship-report.md', title: 'Ship report of 1.5.0' },
          { file: onePixel(), filename: 'chart.png', title: 'Error rate', alt_text: 'a chart' },
        ],
      });
    }
  });
  app.command('/slow', async () => {});

  const reply = async ({ ack, body, client, action }: SlackActionMiddlewareArgs & AllMiddlewareArgs) => {
    await ack();
    const channel = body.channel?.id;
    const ts = 'message' in body ? body.message?.ts : undefined;
    if (channel === undefined || ts === undefined) return;
    const { action_id: id } = action as { action_id: string };
    const said = JSON.stringify(action).slice(0, 400);
    await client.chat.postMessage({
      channel,
      thread_ts: ts,
      text: `<@${body.user.id}> used ${id}: \`${said}\``,
    });
  };
  for (const id of [
    'approve',
    'reject',
    'more',
    'bump',
    'who',
    'day',
    'time',
    'radio',
    'boxes',
    'feedback',
    'open',
  ]) {
    app.action(id, reply);
  }
  app.action('slow', async ({ ack }) => {
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    await ack();
  });
  app.action('dead', async () => {});
  app.action('push', async ({ ack, body, client }) => {
    await ack();
    if (!('trigger_id' in body)) return;
    await client.views.push({
      trigger_id: body.trigger_id,
      view: {
        type: 'modal',
        callback_id: 'details',
        title: plain('Details'),
        blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'Everything there is to *know*.' } }],
      },
    });
  });
  app.view('ship_modal', async ({ ack, view, client, body }) => {
    const note = view.state.values['note']?.['value']?.value ?? '';
    if (note.includes('!')) {
      await ack({ response_action: 'errors', errors: { note: 'Calm words only, please.' } });
      return;
    }
    await ack();
    const service = view.state.values['service']?.['value']?.selected_option?.value;
    await client.chat.postMessage({
      channel: view.private_metadata,
      text: `<@${body.user.id}> ships ${service}: ${note}`,
    });
  });
  app.shortcut('ship', async ({ ack, shortcut, client }) => {
    await ack();
    await client.views.open({ trigger_id: shortcut.trigger_id, view: sampleModal('C0GENERAL') });
  });
  app.shortcut('report', async ({ ack, shortcut, client }) => {
    await ack();
    if (shortcut.type !== 'message_action') return;
    await client.chat.postEphemeral({
      channel: shortcut.channel.id,
      user: shortcut.user.id,
      text: `Reported: ${shortcut.message.text ?? ''}`,
    });
  });
  app.event('app_home_opened', async ({ event, client }) => {
    if (event.tab !== 'home') return;
    await client.views.publish({
      user_id: event.user,
      view: {
        type: 'home',
        blocks: [
          { type: 'header', text: plain('Open promotions') },
          {
            type: 'section',
            text: { type: 'mrkdwn', text: `Hello <@${event.user}>, nothing is under way.` },
          },
          { type: 'divider' },
          { type: 'section', text: { type: 'mrkdwn', text: '*Last shipped*\nshop `1.4.2`, 3 days ago' } },
        ],
      },
    });
  });
  app.event('app_mention', async ({ event, say }) => {
    await say({ text: `You said: ${event.text}`, thread_ts: event.ts });
  });

  await app.start();
  return app;
}

/** A PNG, as small as they get. */
function onePixel(): Buffer {
  return Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
}
