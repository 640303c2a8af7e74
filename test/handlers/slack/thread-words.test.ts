import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PromotionState } from '../../../src/domain/promotion/promotion.ts';
import { steer } from '../../../src/flows/requests/steer.ts';
import type { Ports } from '../../../src/flows/run/ports.ts';
import { type Desk, openDesk, payloadsFor } from './desk.ts';

let desk: Desk;
let sends: ReturnType<typeof payloadsFor>;

/** A release of the shop is watched; there is an api, too. */
beforeEach(async () => {
  desk = await openDesk();
  sends = payloadsFor(desk, 'U_LINUS');
  const { place } = desk;
  const [shop] = place.requests.services.values();
  const api = { ...shop, service: { ...shop?.service, name: 'api' } } as Ports;
  Object.assign(place.requests, {
    services: new Map([...place.requests.services, ['api', api]]),
    threads: {
      ...place.requests.threads,
      byThread: async (_channel: string, ts: string) => (ts === '1.1' ? place.newest() : null),
    },
  });
  await place.start();
  await place.approve();
  expect((await place.newest()).state).toBe('monitoring');
});
afterEach(() => desk.close());

const inThread = { thread_ts: '1.1' };
const message = (text: string, more: object = {}) =>
  sends.event({ ...sends.mention(''), type: 'message', text, ...inThread, ...more });

test.each([
  ['rollback api', /This is the thread of shop\. For api type: \/ship-prod rollback api"/],
  ['roll api back to 1.2.0', /For api type: \/ship-prod rollback api 1\.2\.0/],
  ['extend api by 15m', /For api type: \/ship-prod status, which leads to its thread/],
  ['extend the window by 15m', /^\["Watch shop 15 min longer\?/],
  ['extend shop by 15m', /Watch shop 15 min longer\?/],
])('%s, in the thread of the shop', async (text, answer) => {
  await desk.deliver(message(text));
  expect(desk.told()).toEqual([expect.stringMatching(answer)]);
});

test('`hold` with a time offers to watch that much longer', async () => {
  await desk.deliver(message('hold another 10 minutes'));
  expect(desk.told()).toEqual([expect.stringMatching(/Watch shop 10 min longer\?/)]);
});

test('a service that is hidden is answered like a word that names none', async () => {
  const { requests, house } = desk.place;
  const api = requests.services.get('api');
  Object.assign(api ?? {}, { service: { ...api?.service, channel: '#secret' } });
  const directory = {
    profile: (user: string) => house.people.profile(user),
    byEmail: (email: string) => house.people.byEmail(email),
    members: (group: string) => house.people.members(group),
    isInChannel: async (_user: string, channel: string) => channel !== '#secret',
  };
  Object.assign(requests, { people: { ...directory, forClicks: directory, forDisplay: directory } });
  for (const text of ['rollback api', 'rollback apx', 'extend api by 15m', 'status of api']) {
    await desk.deliver(message(text));
  }
  expect(desk.told()).toEqual([]);
});

test('a mention that is edited in a thread is answered there, and once where it was not edited', async () => {
  const mention = sends.mention('looking', inThread);
  await desk.deliver(sends.event({ ...mention, text: '<@U0BOT> hold' }));
  expect(desk.told()).toEqual([]);
  await desk.deliver(
    sends.event({ ...mention, text: '<@U0BOT> hold', edited: { user: 'U_LINUS', ts: '1.3' } }),
  );
  expect(desk.told()).toEqual([expect.stringMatching(/Hold the window of shop open/)]);
});

test('a mention in a thread that names no service means that of the thread', async () => {
  await desk.deliver(sends.event(sends.mention('could you roll back, please?', inThread)));
  expect(desk.told()).toEqual([expect.stringMatching(/Roll .*shop/)]);
});

test('the history in a thread is that of its service', async () => {
  await desk.deliver(sends.event(sends.mention('history', inThread)));
  expect(desk.told()).toEqual([expect.stringMatching(/shop/)]);
  const { place } = desk;
  Object.assign(place.requests, {
    threads: {
      ...place.requests.threads,
      byThread: async () => ({ ...(await place.newest()), service: 'api' }),
    },
  });
  await desk.deliver(sends.event(sends.mention('history', inThread)));
  expect(desk.told().at(-1)).not.toMatch(/shop/);
});

/** The thread is of a promotion in this state, which has been watched or has not. */
async function threadOf(state: PromotionState, isWatched = false): Promise<void> {
  const { requests, newest } = desk.place;
  const now = await newest();
  const { monitor, ...data } = now.data;
  const promotion = { ...now, state, data: isWatched ? now.data : data };
  Object.assign(requests, { threads: { ...requests.threads, byThread: async () => promotion } });
}

test.each(['wait', 'hold on', 'hold', 'hold?', 'hodl', 'hold the window', 'hold 10 minutes'])(
  '%s means others before there is a window',
  async (text) => {
    for (const state of ['awaiting-approval', 'deploying'] as const) {
      await threadOf(state);
      await desk.deliver(message(text));
    }
    expect(desk.told()).toEqual([]);
    const rows = await desk.place.house.ledger.auditTrail({ limit: 99 });
    expect(rows.filter(({ result }) => result === 'refused')).toEqual([]);
  },
);

test('a hold that is asked of the bot is answered before there is a window, too', async () => {
  await threadOf('deploying');
  await desk.deliver(message('<@U0BOT> hold'));
  expect(desk.told()).toEqual([expect.stringMatching(/Not yet: there is no window, it is deploying/)]);
});

test.each(['deploying', 'shipped'] as const)(
  'a hold after a window has begun is answered: %s',
  async (state) => {
    await threadOf(state, true);
    await desk.deliver(message('hold'));
    expect(desk.told()).toHaveLength(1);
  },
);

test('a cancel in the middle of a rollout in stages is answered with what it does', async () => {
  const { house, newest } = desk.place;
  const { id } = await newest();
  await house.ledger.change(id, {
    to: 'deploying',
    data: { decision: 'retry-deploy', stage: { share: 5, next: 25, shares: [5, 25, 100] } },
  });
  await desk.deliver(sends.command('cancel shop'));
  expect(desk.told()).toEqual([
    expect.stringMatching(
      /Cancelling the promotion of shop\. 1\.2\.0 is deployed in place of 1\.3\.0 and checked, and shop is locked/,
    ),
  ]);
});

test('a window that has not begun is not extended, and has not moved on either', async () => {
  await threadOf('awaiting-approval');
  await desk.deliver(message('extend 15m'));
  expect(desk.told()).toEqual([
    expect.stringMatching(/Not yet: there is no window.* it is awaiting approval/),
  ]);
});

test.each([
  ['ship api and shop', /To ship them in this order, type .*\/ship-prod api shop/],
  ['ship shpo to prod', /There is no service called shpo\. Did you mean shop\?/],
  ['deploy billing to production', /There is no service called billing\./],
])('%s', async (text, answer) => {
  await desk.deliver(sends.event(sends.mention(text)));
  expect(desk.told()).toEqual([expect.stringMatching(answer)]);
});

test('what is held already is not asked about', async () => {
  const { place } = desk;
  await desk.deliver(message('hold'));
  expect(desk.told()).toEqual([expect.stringMatching(/Hold the window of shop open/)]);
  await steer(place.requests, place.caller('U_LINUS'), (await place.newest()).id, { kind: 'hold' });
  await place.settle();
  await desk.deliver(message('hold'));
  expect(desk.told().at(-1)).toMatch(/The window is held open already\. Nothing was changed\./);
});

test.each([
  ['the card', { ts: '1.1', thread_ts: '1.1', user: 'U0BOT', bot_id: 'B0BOT' }, undefined],
  [
    'what Slipway says in the thread',
    { ts: '1.2', thread_ts: '1.1', user: 'U0BOT', bot_id: 'B0BOT' },
    undefined,
  ],
  ['what a person says there', { ts: '1.3', thread_ts: '1.1', user: 'U_ADA' }, 'the basket is empty'],
])('a problem that is reported on %s', async (_name, on, quoted) => {
  await desk.deliver({
    ...sends.shortcut(),
    type: 'message_action',
    callback_id: 'report_problem',
    channel: { id: 'C0SHIP', name: 'ship' },
    message_ts: on.ts,
    message: { type: 'message', text: 'the basket is empty', ...on },
  });
  const [opened] = desk.slack.of('views.open');
  const { blocks } = JSON.parse(JSON.stringify(opened?.args['view'])) as {
    blocks: { element?: { initial_value?: string } }[];
  };
  expect(blocks.find(({ element }) => element)?.element?.initial_value).toBe(quoted);
});
