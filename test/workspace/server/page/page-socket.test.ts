import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { PageCallName, PageCalls } from '../../../../demo/workspace/protocol/calls.ts';
import type {
  PageEvent,
  PageReply,
  PageSnapshot,
  ServerMessage,
} from '../../../../demo/workspace/protocol/events.ts';
import type { PageMessage } from '../../../../demo/workspace/protocol/messages.ts';
import type { Workspace } from '../../../../demo/workspace/server/start.ts';
import { boltApp, call, workspace } from '../setup.ts';

/** A tab without a browser. */
async function openTab(slack: Workspace, as: string) {
  const socket = new WebSocket(`${slack.url.replace('http', 'ws')}/page/socket?as=${as}`);
  onTestFinished(() => socket.terminate());
  const events: PageEvent[] = [];
  const replies = new Map<number, (reply: PageReply) => void>();
  let next = 1;
  const first = new Promise<PageSnapshot>((resolve) => {
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as ServerMessage;
      if (message.type === 'reply') replies.get(message.id)?.(message);
      else {
        events.push(message);
        if (message.type === 'snapshot') resolve(message);
      }
    });
  });
  const snapshot = await first;
  const ask = <Name extends PageCallName>(name: Name, args: PageCalls[Name]['args']) =>
    new Promise<PageReply>((resolve) => {
      const id = next++;
      replies.set(id, resolve);
      socket.send(JSON.stringify({ id, call: name, args }));
    });
  const of = <Type extends PageEvent['type']>(type: Type) =>
    events.filter((event): event is Extract<PageEvent, { type: Type }> => event.type === type);
  return { snapshot, ask, of, socket };
}

const texts = (messages: readonly PageMessage[]) => messages.map((message) => message.text);

test('a tab begins in the channel that the workspace names, where its user may see it', async () => {
  const slack = await workspace({ start: 'C0SECRET' });
  slack.control.addChannel({ id: 'C0SECRET', name: 'secret', kind: 'private', members: ['ada'] });
  expect((await openTab(slack, 'U0ADA')).snapshot.start).toBe('C0SECRET');
  expect((await openTab(slack, 'U0GRACE')).snapshot.start).toBeUndefined();
});

test('a tab gets a snapshot of what its user may see', async () => {
  const slack = await workspace();
  slack.control.addChannel({ id: 'C0SECRET', name: 'secret', kind: 'private', members: ['ada'] });
  slack.control.addChannel({ id: 'C0OPEN', name: 'open', members: ['ada'] });
  slack.as('ada').say('#ship', 'hello <@U0GRACE>');
  const grace = await openTab(slack, 'U0GRACE');
  expect(grace.snapshot).toMatchObject({
    me: 'U0GRACE',
    team: { name: 'Harbour' },
    botOnline: false,
    app: { name: 'Slipway', commands: [{ command: '/ship-prod', usageHint: '[service] [bump]' }] },
    unread: { C0SHIP: { count: 1, mentions: 1 } },
  });
  expect(grace.snapshot.channels.map((channel) => channel.name)).toEqual(['general', 'ship', 'open']);
  const guest = await openTab(slack, 'U0MARGARET');
  expect(guest.snapshot.channels.map((channel) => channel.name)).toEqual(['general', 'ship']);
  expect(await guest.ask('history', { channel: 'C0SECRET' })).toMatchObject({
    ok: false,
    error: 'channel_not_found',
  });

  await guest.ask('act_as', { user: 'U0ADA' });
  expect(
    guest
      .of('snapshot')
      .at(-1)
      ?.channels.map((channel) => channel.name),
  ).toEqual(['general', 'ship', 'secret', 'open']);
});

test('what one says, edits and deletes, others see; threads count their replies', async () => {
  const slack = await workspace();
  const ada = await openTab(slack, 'U0ADA');
  const grace = await openTab(slack, 'U0GRACE');
  const posted = await ada.ask('post', { channel: 'C0SHIP', text: 'parent' });
  const { ts } = (posted as unknown as { result: { ts: string } }).result;
  await grace.ask('post', { channel: 'C0SHIP', text: 'reply', threadTs: ts });
  await ada.ask('edit', { channel: 'C0SHIP', ts, text: 'parent!' });
  expect(await grace.ask('edit', { channel: 'C0SHIP', ts, text: 'mine' })).toMatchObject({
    ok: false,
    error: 'cant_update_message',
  });
  await grace.ask('react', { channel: 'C0SHIP', ts, name: 'tada', on: true });
  const history = (await ada.ask('history', { channel: 'C0SHIP' })) as unknown as {
    result: { messages: PageMessage[]; more: boolean };
  };
  expect(history.result).toMatchObject({
    more: false,
    messages: [
      {
        text: 'parent!',
        edited: { user: 'U0ADA' },
        reactions: [{ name: 'tada', users: ['U0GRACE'] }],
        thread: { replies: 1, users: ['U0GRACE'] },
      },
    ],
  });
  await vi.waitFor(() =>
    expect(grace.of('message').at(-1)?.message).toMatchObject({ text: 'parent!', thread: { replies: 1 } }),
  );
  await ada.ask('delete', { channel: 'C0SHIP', ts });
  await vi.waitFor(() =>
    expect(grace.of('message_deleted')).toEqual([{ type: 'message_deleted', channel: 'C0SHIP', ts }]),
  );
});

test('commands, clicks and modals work from the page, errors come as sentences', async () => {
  const slack = await workspace({ times: { ackDeadlineMs: 100 } });
  await boltApp(slack, (app) => {
    app.command('/ship-prod', async ({ ack, body, client }) => {
      if (body.text === 'slow') return;
      await ack();
      await client.views.open({
        trigger_id: body.trigger_id,
        view: {
          type: 'modal',
          callback_id: 'form',
          title: { type: 'plain_text', text: 'Form' },
          submit: { type: 'plain_text', text: 'Go' },
          blocks: [
            {
              type: 'input',
              block_id: 'note',
              label: { type: 'plain_text', text: 'Note' },
              element: { type: 'plain_text_input', action_id: 'note' },
            },
          ],
        },
      });
    });
    app.view('form', async ({ ack, view, client, body }) => {
      await ack();
      const note = view.state.values['note']?.['note']?.value ?? '';
      await client.chat.postEphemeral({ channel: 'C0SHIP', user: body.user.id, text: `noted: ${note}` });
    });
  });
  const ada = await openTab(slack, 'U0ADA');
  const grace = await openTab(slack, 'U0GRACE');
  expect(await ada.ask('command', { channel: 'C0SHIP', line: '/ship-prod slow' })).toMatchObject({
    ok: false,
    error: 'operation_timeout',
    text: '/ship-prod failed with the error "operation_timeout": Slipway did not answer within 3 seconds.',
  });
  await ada.ask('command', { channel: 'C0SHIP', line: '/ship-prod' });
  const view = await slack.waitForView('ada');
  const value = (text: string | null) => ({
    note: { note: { type: 'plain_text_input' as const, value: text } },
  });
  await ada.ask('submit', { viewId: view.id, state: value(null) });
  expect(ada.of('view_errors').at(-1)).toMatchObject({
    viewId: view.id,
    errors: { note: expect.any(String) },
  });
  expect(await ada.ask('submit', { viewId: view.id, state: value('hi') })).toMatchObject({ ok: true });
  await slack.waitForEphemeral('ada', /noted: hi/);
  expect(ada.of('views').map((event) => event.views.length)).toEqual([1, 0]);
  const mine = (await ada.ask('history', { channel: 'C0SHIP' })) as unknown as {
    result: { messages: PageMessage[] };
  };
  expect(texts(mine.result.messages)).toEqual(['noted: hi']);
  const hers = (await grace.ask('history', { channel: 'C0SHIP' })) as unknown as {
    result: { messages: PageMessage[] };
  };
  expect(hers.result.messages).toEqual([]);
  expect(grace.of('views')).toEqual([]);
});

test('the page and its parts are served, and nothing beside them', async () => {
  const slack = await workspace();
  const get = (path: string) => fetch(`${slack.url}${path}`, { redirect: 'manual' });
  const page = await get('/');
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(await page.text()).toContain('importmap');
  expect(await (await get('/vendor/preact/hooks/dist/hooks.mjs')).text()).toContain('preact');
  for (const path of [
    '/page/main.tsx',
    '/page/../server/start.ts',
    '/page/%2e%2e/%2e%2e/package.json',
    '/vendor/preact/package.json',
  ]) {
    expect((await get(path)).status).toBe(404);
  }
  const { ts } = await call(slack, 'chat.postMessage', { channel: 'C0SHIP', text: 'x' });
  const { permalink } = await call(slack, 'chat.getPermalink', { channel: 'C0SHIP', message_ts: ts });
  const link = await fetch(String(permalink), { redirect: 'manual' });
  expect(link.headers.get('location')).toBe(`/#/C0SHIP/${String(ts)}`);
});

test('another origin cannot open a tab', async () => {
  const slack = await workspace();
  const socket = new WebSocket(`${slack.url.replace('http', 'ws')}/page/socket`, {
    origin: 'https://evil.example',
  });
  const refused = await new Promise((resolve) => socket.on('error', (error) => resolve(error.message)));
  expect(refused).toContain('403');
});

test('switches of the demo are shown and set', async () => {
  let value = 'fast';
  const choices = ['fast', 'slow'].map((choice) => ({ value: choice, label: choice }));
  const slack = await workspace({
    panel: {
      links: [{ label: 'Shop', url: 'http://127.0.0.1:1' }],
      switches: () => [{ id: 'speed', label: 'Speed', hint: '', choices, value }],
      set: async (_id, chosen) => {
        value = chosen;
      },
    },
  });
  const ada = await openTab(slack, 'U0ADA');
  expect(ada.snapshot.switches[0]?.value).toBe('fast');
  await ada.ask('set_switch', { id: 'speed', value: 'slow' });
  expect(ada.of('switches').at(-1)?.switches[0]?.value).toBe('slow');
});

test('a press on a button that stays through an update carries what was rendered; other ids are refused', async () => {
  const slack = await workspace();
  const pressed: unknown[] = [];
  await boltApp(slack, (app) => {
    app.action(/.*/, async ({ ack, action }) => {
      await ack();
      pressed.push(action);
    });
  });
  const blocks = (value: string, block?: string) => [
    {
      type: 'actions',
      ...(block === undefined ? {} : { block_id: block }),
      elements: [
        { type: 'button', action_id: 'rollback', value, text: { type: 'plain_text', text: 'Roll back' } },
      ],
    },
  ];
  const ada = await openTab(slack, 'U0ADA');
  const press = (ts: unknown, blockId: string, rendered: string) =>
    ada.ask('action', {
      container: { type: 'message', channel: 'C0SHIP', ts: String(ts) },
      blockId,
      actionId: 'rollback',
      rendered,
      state: {},
    });
  const post = async (block?: string) => {
    const { ts } = await call(slack, 'chat.postMessage', {
      channel: 'C0SHIP',
      text: 'card',
      blocks: blocks('first', block),
    });
    const [shown] = slack.messages('#ship').filter((message) => message.ts === ts);
    const id = (shown?.blocks?.[0] as { block_id?: string } | undefined)?.block_id ?? '';
    await call(slack, 'chat.update', {
      channel: 'C0SHIP',
      ts,
      text: 'card',
      blocks: blocks('second', block),
    });
    return { ts, id };
  };
  const named = await post('buttons');
  expect(await press(named.ts, named.id, 'first')).toMatchObject({ ok: true });
  expect(pressed).toMatchObject([{ block_id: 'buttons', action_id: 'rollback', value: 'first' }]);
  const unnamed = await post();
  expect(await press(unnamed.ts, unnamed.id, 'first')).toMatchObject({
    ok: false,
    error: 'element_not_found',
  });
});
