import { expect, test } from 'vitest';
import { boltApp, workspace } from '../setup.ts';

const plain = (text: string) => ({ type: 'plain_text' as const, text });
const view = (callbackId: string, title: string, more: object = {}) => ({
  type: 'modal' as const,
  callback_id: callbackId,
  title: plain(title),
  submit: plain('Next'),
  blocks: [
    {
      type: 'input' as const,
      block_id: 'service',
      optional: true,
      dispatch_action: true,
      label: plain('Service'),
      element: { type: 'external_select' as const, action_id: 'service', min_query_length: 0 },
    },
    {
      type: 'input' as const,
      block_id: 'bump',
      optional: true,
      label: plain('Bump'),
      element: {
        type: 'radio_buttons' as const,
        action_id: 'bump',
        options: ['minor', 'major'].map((value) => ({ text: plain(value), value })),
        initial_option: { text: plain('minor'), value: 'minor' },
      },
    },
  ],
  ...more,
});

test('a submission can push and update, and a close is told to the app that asked', async () => {
  const slack = await workspace();
  const closed: unknown[] = [];
  await boltApp(slack, (app) => {
    app.shortcut('ship', async ({ ack, shortcut, client }) => {
      await ack();
      await client.views.open({ trigger_id: shortcut.trigger_id, view: view('first', 'First') });
    });
    app.view('first', async ({ ack }) =>
      ack({ response_action: 'push', view: view('second', 'Second', { notify_on_close: true }) }),
    );
    app.view('second', async ({ ack }) =>
      ack({ response_action: 'update', view: view('third', 'Third', { notify_on_close: true }) }),
    );
    app.view({ callback_id: 'third', type: 'view_closed' }, async ({ ack, body }) => {
      closed.push([body.view.callback_id, 'is_cleared' in body && body.is_cleared]);
      await ack();
    });
  });
  const ada = slack.as('ada');
  await ada.shortcut('ship');
  const first = await slack.waitForView('ada');
  const second = await ada.submit(first);
  expect(second).toMatchObject({ kind: 'pushed', view: { previousViewId: first.id, rootViewId: first.id } });
  expect(slack.views('ada').map((open) => open.definition.title?.text)).toEqual(['First', 'Second']);
  const third = await ada.submit(slack.views('ada')[1] ?? first);
  expect(third.kind).toBe('updated');
  const [, top] = slack.views('ada');
  await ada.close(top ?? first);
  expect(closed).toEqual([['third', false]]);
  expect(slack.views('ada').map((open) => open.definition.title?.text)).toEqual(['First']);
});

test('an element in a modal dispatches with the state; external options are asked for; an update keeps input', async () => {
  const slack = await workspace();
  const states: unknown[] = [];
  await boltApp(slack, (app) => {
    app.shortcut('ship', async ({ ack, shortcut, client }) => {
      await ack();
      await client.views.open({ trigger_id: shortcut.trigger_id, view: view('form', 'Form') });
    });
    app.options('service', async ({ ack, options }) => {
      const names = ['shop', 'mail'].filter((name) => name.startsWith(options.value));
      await ack({ options: names.map((value) => ({ text: plain(value), value })) });
    });
    app.action('service', async ({ ack, body, client }) => {
      await ack();
      if (body.type !== 'block_actions' || body.view === undefined) return;
      states.push(body.view.state.values);
      await client.views.update({
        view_id: body.view.id,
        hash: body.view.hash,
        view: view('form', 'Chosen'),
      });
    });
  });
  const ada = slack.as('ada');
  await ada.shortcut('ship');
  const form = await slack.waitForView('ada');
  expect((await ada.options(form, 'service', 's')).options.map((option) => option.value)).toEqual(['shop']);
  await ada.click(form, 'service', { value: 'shop', values: { bump: 'major' } });
  const chosen = await slack.waitForView('ada', (open) => open.definition.title?.text === 'Chosen');
  expect(states).toMatchObject([
    {
      service: { service: { selected_option: { value: 'shop' } } },
      bump: { bump: { selected_option: { value: 'major' } } },
    },
  ]);
  expect(chosen.state['bump']?.['bump']).toMatchObject({ selected_option: { value: 'major' } });
  await expect(ada.submit(chosen, { bump: 'huge' })).rejects.toThrow(
    'no option "huge"; there are: minor, major',
  );
});

test('an answer to a submission that Slack would not show is a violation', async () => {
  const slack = await workspace();
  await boltApp(slack, (app) => {
    app.shortcut('ship', async ({ ack, shortcut, client }) => {
      await ack();
      await client.views.open({ trigger_id: shortcut.trigger_id, view: view('form', 'Form') });
    });
    app.view('form', async ({ ack }) => ack({ response_action: 'errors', errors: { nowhere: 'wrong' } }));
  });
  const ada = slack.as('ada');
  await ada.shortcut('ship');
  await expect(ada.submit(await slack.waitForView('ada'))).rejects.toThrow('invalid_view_errors');
  expect(slack.control.violations()).toMatchObject([{ method: 'ack:view_submission' }]);
});
