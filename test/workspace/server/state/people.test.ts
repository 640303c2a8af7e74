import { expect, test } from 'vitest';
import { composed } from '../../../../demo/workspace/server/payloads/composed.ts';
import { boltApp, call, MANIFEST, workspace } from '../setup.ts';

test('what people write arrives as rich text too', () => {
  expect(composed('&gt; rollback\nno, `x` <@U1> :tada:\n```code &lt;b&gt;```').elements).toEqual([
    { type: 'rich_text_quote', elements: [{ type: 'text', text: 'rollback' }] },
    {
      type: 'rich_text_section',
      elements: [
        { type: 'text', text: 'no, ' },
        { type: 'text', text: 'x', style: { code: true } },
        { type: 'text', text: ' ' },
        { type: 'user', user_id: 'U1' },
        { type: 'text', text: ' ' },
        { type: 'emoji', name: 'tada' },
      ],
    },
    { type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'code <b>' }] },
  ]);
});

test('users, groups and guests are told as Slack tells them', async () => {
  const slack = await workspace();
  expect(await call(slack, 'users.info', { user: 'U0MARGARET' })).toMatchObject({
    user: {
      name: 'margaret',
      is_restricted: true,
      is_bot: false,
      deleted: false,
      tz_offset: expect.any(Number),
    },
  });
  slack.control.deactivate('margaret');
  expect(await call(slack, 'users.info', { user: 'U0MARGARET' })).toMatchObject({ user: { deleted: true } });
  expect(await call(slack, 'usergroups.list', { include_users: true })).toMatchObject({
    usergroups: [{ id: 'S0RELEASERS', handle: 'releasers', users: ['U0ADA', 'U0GRACE'] }],
  });
  expect(await call(slack, 'users.lookupByEmail', { email: 'ADA@harbour.example' })).toMatchObject({
    user: { id: 'U0ADA' },
  });
  expect(() => slack.as('nobody')).toThrow('there are: slipway (U0SLIPWAY), ada (U0ADA)');
  expect(slack.as('U_ADA').id).toBe('U0ADA');
});

test('the deactivated can neither write nor command, guests see their channels only', async () => {
  const slack = await workspace();
  await boltApp(slack, (app) => {
    app.command('/ship-prod', async ({ ack }) => ack('ok'));
  });
  slack.control.addChannel({ id: 'C0OPEN', name: 'open', members: ['ada'] });
  await expect(slack.as('margaret').command('/ship-prod', { channel: '#open' })).rejects.toThrow(
    'channel_not_found',
  );
  expect((await slack.as('linus').command('/ship-prod', { channel: '#open' }))?.text).toBe('ok');
  expect(() => slack.as('linus').say('#open', 'hello')).toThrow('not_in_channel');
  slack.control.deactivate('linus');
  await expect(slack.as('linus').command('/ship-prod')).rejects.toThrow('account_inactive');
  expect(() => slack.as('linus').say('#ship', 'hello')).toThrow('account_inactive');
});

test('a command that escapes gets mentions with names, another gets what was typed', async () => {
  const manifest = structuredClone(MANIFEST) as typeof MANIFEST & { features: { slash_commands: object[] } };
  manifest.features.slash_commands.push({ command: '/raw', description: '', should_escape: false });
  Object.assign(manifest.features.slash_commands[0] as object, { should_escape: true });
  const slack = await workspace({ manifest });
  const heard: string[] = [];
  await boltApp(slack, (app) => {
    app.command(/.*/, async ({ ack, command }) => {
      heard.push(command.text);
      await ack();
    });
  });
  await slack.as('ada').command('/ship-prod shop @grace #ship <b>');
  await slack.as('ada').command('/raw shop  @grace <b>');
  expect(heard).toEqual(['shop <@U0GRACE|grace> <#C0SHIP|ship> &lt;b&gt;', 'shop  @grace <b>']);
});

test('direct messages work only when the app has a messages tab', async () => {
  const open = await workspace();
  expect(await call(open, 'chat.postMessage', { channel: 'U0ADA', text: 'hi' })).toMatchObject({ ok: true });
  const manifest = structuredClone(MANIFEST);
  Object.assign(manifest.features.app_home, { messages_tab_enabled: false });
  const shut = await workspace({ manifest });
  expect(await call(shut, 'chat.postMessage', { channel: 'U0ADA', text: 'hi' })).toMatchObject({
    error: 'messages_tab_disabled',
  });
});

test('with the limits of Slack on, a chatty app is slowed down', async () => {
  let now = 1_795_000_000_000;
  const slack = await workspace({ now: () => now, strictness: { rateLimits: 'slack' } });
  const post = () => call(slack, 'chat.postMessage', { channel: 'C0SHIP', text: 'x' });
  for (const _ of [1, 2, 3, 4, 5]) expect(await post()).toMatchObject({ ok: true });
  expect(await post()).toMatchObject({ error: 'ratelimited' });
  expect(await call(slack, 'chat.postMessage', { channel: 'C0GENERAL', text: 'x' })).toMatchObject({
    ok: true,
  });
  now += 5_000;
  const { ts } = await post();
  const update = (text: string) => call(slack, 'chat.update', { channel: 'C0SHIP', ts, text });
  for (let count = 0; count < 50; count += 1) expect(await update(`${count}`)).toMatchObject({ ok: true });
  expect(await update('one too many')).toMatchObject({ error: 'ratelimited' });
});

test('activations tell whom and what everything sent so far would reach', async () => {
  const slack = await workspace();
  await boltApp(slack, (app) => {
    app.command('/ship-prod', async ({ ack }) => ack('see <https://a.example|this>'));
  });
  await call(slack, 'chat.postMessage', { channel: 'C0SHIP', text: 'fix: &lt;!channel&gt; <@U0ADA>' });
  await slack.as('ada').command('/ship-prod');
  expect(slack.control.activations()).toEqual([
    { kind: 'user', id: 'U0ADA' },
    { kind: 'link', url: 'https://a.example', label: 'this' },
  ]);
});

test('marks: reactions, pins and bookmarks', async () => {
  const slack = await workspace();
  const { ts } = await call(slack, 'chat.postMessage', { channel: 'C0SHIP', text: 'x' });
  const at = { channel: 'C0SHIP', timestamp: ts };
  expect(await call(slack, 'reactions.add', { ...at, name: 'ship' })).toMatchObject({ ok: true });
  expect(await call(slack, 'reactions.add', { ...at, name: 'ship' })).toMatchObject({
    error: 'already_reacted',
  });
  expect(await call(slack, 'pins.add', at)).toMatchObject({ ok: true });
  expect(await call(slack, 'pins.add', at)).toMatchObject({ error: 'already_pinned' });
  const bookmark = { channel_id: 'C0SHIP', title: 'Card', type: 'link', link: 'https://a.example' };
  expect(await call(slack, 'bookmarks.add', { ...bookmark, link: 'a.example' })).toMatchObject({
    error: 'invalid_link',
  });
  const { bookmark: made } = (await call(slack, 'bookmarks.add', bookmark)) as unknown as {
    bookmark: { id: string };
  };
  expect(await call(slack, 'bookmarks.remove', { channel_id: 'C0SHIP', bookmark_id: made.id })).toMatchObject(
    { ok: true },
  );
  expect(slack.messages()).toMatchObject([{ reactions: [{ name: 'ship', users: [slack.botUser] }] }]);
});
