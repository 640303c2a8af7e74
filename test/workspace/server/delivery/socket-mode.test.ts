import { describe, expect, test } from 'vitest';
import { controls, textOf } from '../../../../demo/workspace/server/control/reading.ts';
import { boltApp, workspace } from '../setup.ts';

const button = (actionId: string, text: string, value: string) => ({
  type: 'button' as const,
  action_id: actionId,
  text: { type: 'plain_text' as const, text },
  value,
});

const modal = {
  type: 'modal' as const,
  callback_id: 'ship-form',
  title: { type: 'plain_text' as const, text: 'Ship' },
  submit: { type: 'plain_text' as const, text: 'Go' },
  blocks: [
    {
      type: 'input' as const,
      block_id: 'service',
      label: { type: 'plain_text' as const, text: 'Service' },
      element: {
        type: 'static_select' as const,
        action_id: 'service',
        options: ['shop', 'mail'].map((name) => ({
          text: { type: 'plain_text' as const, text: name.toUpperCase() },
          value: name,
        })),
      },
    },
    {
      type: 'input' as const,
      block_id: 'note',
      optional: true,
      label: { type: 'plain_text' as const, text: 'Note' },
      element: { type: 'plain_text_input' as const, action_id: 'note' },
    },
  ],
};

describe('a Bolt app in Socket Mode', () => {
  test('takes a command, and its ephemeral answer reaches one person', async () => {
    const slack = await workspace();
    await boltApp(slack, (app) => {
      app.command('/ship-prod', async ({ ack, command, respond }) => {
        await ack();
        await respond({ text: `plan of ${command.text} by ${command.user_name}` });
      });
    });
    await slack.as('ada').command('/ship-prod shop', { channel: '#ship' });
    const answer = await slack.waitForEphemeral('ada', /plan of shop by ada/);
    expect(answer.channel).toBe('C0SHIP');
    expect(slack.ephemerals('grace')).toEqual([]);
    expect(slack.messages('#ship')).toEqual([]);
  });

  test('may answer inside the acknowledgement', async () => {
    const slack = await workspace();
    await boltApp(slack, (app) => {
      app.command('/ship-prod', async ({ ack }) => ack({ response_type: 'in_channel', text: 'everybody' }));
    });
    const answer = await slack.as('ada').command('/ship-prod');
    expect(answer?.text).toBe('everybody');
    expect(slack.messages('#ship').map((message) => message.text)).toEqual(['everybody']);
  });

  test('sees a faithful click: message, container, value, response_url', async () => {
    const slack = await workspace();
    const clicks: unknown[] = [];
    await boltApp(slack, (app) => {
      app.action('approve', async ({ ack, body, action, respond }) => {
        await ack();
        clicks.push({ body, action });
        await respond({ replace_original: true, text: 'approved', blocks: [] });
      });
    });
    const app = slack.control;
    const posted = await fetch(`${slack.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${slack.botToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        channel: 'C0SHIP',
        text: 'card',
        blocks: [
          { type: 'actions', elements: [button('approve', 'Approve', 'p1'), button('deny', 'Deny', 'p1')] },
        ],
      }),
    });
    expect(await posted.json()).toMatchObject({ ok: true, channel: 'C0SHIP' });
    const card = await slack.waitForMessage((message) => message.text === 'card');
    expect(controls(card).map(({ actionId, label, value }) => [actionId, label, value])).toEqual([
      ['approve', 'Approve', 'p1'],
      ['deny', 'Deny', 'p1'],
    ]);

    await slack.as('grace').click(card, 'Approve');
    await slack.waitForMessage((message) => message.text === 'approved');
    expect(clicks).toMatchObject([
      {
        body: {
          type: 'block_actions',
          user: { id: 'U0GRACE', username: 'grace' },
          channel: { id: 'C0SHIP', name: 'ship' },
          container: { type: 'message', message_ts: card.ts, channel_id: 'C0SHIP', is_ephemeral: false },
          message: { ts: card.ts, text: 'card' },
          response_url: expect.stringContaining(`${slack.url}/actions/`),
          trigger_id: expect.any(String),
        },
        action: { type: 'button', action_id: 'approve', value: 'p1', action_ts: expect.any(String) },
      },
    ]);
    expect(app.violations()).toEqual([]);
    await expect(slack.as('ada').click(card, 'merge')).rejects.toThrow('approve "Approve", deny "Deny"');
  });

  test('opens a modal, complains about it, and closes it', async () => {
    const slack = await workspace();
    const submissions: unknown[] = [];
    await boltApp(slack, (app) => {
      app.command('/ship-prod', async ({ ack, client, body }) => {
        await ack();
        await client.views.open({ trigger_id: body.trigger_id, view: modal });
      });
      app.view('ship-form', async ({ ack, view }) => {
        submissions.push(view.state.values);
        const service = view.state.values['service']?.['service']?.selected_option?.value;
        if (service === 'mail') await ack({ response_action: 'errors', errors: { service: 'not that one' } });
        else await ack();
      });
    });
    const ada = slack.as('ada');
    await ada.command('/ship-prod');
    const view = await slack.waitForView('ada');
    expect(textOf(view)).toContain('Service');

    expect(await ada.submit(view, {})).toEqual({
      kind: 'errors',
      errors: { service: 'Please complete this required field.' },
    });
    expect(submissions).toEqual([]);
    expect(await ada.submit(view, { service: 'mail' })).toEqual({
      kind: 'errors',
      errors: { service: 'not that one' },
    });
    expect(slack.views('ada')).toHaveLength(1);
    expect(await ada.submit(view, { service: 'shop', note: 'now' })).toEqual({ kind: 'closed' });
    expect(slack.views('ada')).toEqual([]);
    expect(submissions.at(-1)).toMatchObject({
      service: { service: { type: 'static_select', selected_option: { value: 'shop' } } },
      note: { note: { type: 'plain_text_input', value: 'now' } },
    });
    await expect(ada.submit(view, { colour: 'red' })).rejects.toThrow('there are: service, note');
  });

  test('hears messages, replies, mentions, edits and broadcasts', async () => {
    const slack = await workspace();
    const heard: { subtype?: unknown; text?: unknown; thread_ts?: unknown; type: string }[] = [];
    await boltApp(slack, (app) => {
      app.event('app_mention', async ({ event }) => void heard.push(event));
      app.event('message', async ({ event }) => void heard.push(event as never));
    });
    const ada = slack.as('ada');
    const parent = ada.say('#ship', `<@${slack.botUser}> ship shop to prod`);
    await slack.quiet();
    ada.say('#ship', 'rollback', { thread_ts: parent.ts });
    ada.say('#ship', 'status', { thread_ts: parent.ts, broadcast: true });
    await slack.quiet();
    ada.edit(parent, 'never mind');
    await slack.quiet();
    const seen = heard.map(({ type, subtype, text, thread_ts: thread }) => [type, subtype, text, thread]);
    expect(seen).toHaveLength(5);
    expect(seen).toEqual(
      expect.arrayContaining([
        ['message', undefined, `<@${slack.botUser}> ship shop to prod`, undefined],
        ['app_mention', undefined, `<@${slack.botUser}> ship shop to prod`, undefined],
        ['message', undefined, 'rollback', parent.ts],
        ['message', 'thread_broadcast', 'status', parent.ts],
        ['message', 'message_changed', undefined, undefined],
      ]),
    );
  });

  test('publishes a Home tab, and shortcuts reach it', async () => {
    const slack = await workspace();
    const shortcuts: unknown[] = [];
    await boltApp(slack, (app) => {
      app.event('app_home_opened', async ({ event, client }) => {
        await client.views.publish({
          user_id: event.user,
          view: { type: 'home', blocks: [{ type: 'header', text: { type: 'plain_text', text: 'Open' } }] },
        });
      });
      app.shortcut('ship', async ({ ack, shortcut }) => {
        await ack();
        shortcuts.push(shortcut.type);
      });
      app.shortcut('report', async ({ ack, shortcut }) => {
        await ack();
        shortcuts.push(shortcut.type === 'message_action' ? shortcut.message_ts : shortcut.type);
      });
    });
    const home = await slack.as('linus').openHome();
    expect(textOf(home)).toBe('Open');
    const message = slack.as('ada').say('#ship', 'broken');
    await slack.as('linus').shortcut('ship');
    await slack.as('linus').shortcut('report', message);
    expect(shortcuts).toEqual(['shortcut', message.ts]);
    await expect(slack.as('linus').shortcut('nothing')).rejects.toThrow('unknown_shortcut');
  });

  test('uploads files into a thread', async () => {
    const slack = await workspace();
    const app = await boltApp(slack, () => {});
    const parent = slack.as('ada').say('#ship', 'report?');
    await app.client.filesUploadV2({
      channel_id: 'C0SHIP',
      thread_ts: parent.ts,
      initial_comment: 'here',
      filename: 'report.md',
      title: 'Report',
      content: '# Shipped\n',
    });
    const [, reply] = slack.thread('#ship', parent.ts);
    expect(reply?.text).toBe('here');
    expect(reply?.files?.[0]).toMatchObject({ title: 'Report', mimetype: 'text/markdown', size: 10 });
    expect(reply?.files?.[0]?.bytes.toString()).toBe('# Shipped\n');
    const bytes = await fetch(`${slack.url}/files/${reply?.files?.[0]?.id}/report.md`);
    expect(await bytes.text()).toBe('# Shipped\n');
    expect(slack.control.violations()).toEqual([]);
  });
});
