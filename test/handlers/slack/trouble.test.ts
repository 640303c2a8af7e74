import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ACTION, actionId } from '../../../src/blocks/kit/ids.ts';
import { Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { type Desk, MEMBER, openDesk, payloadsFor } from './desk.ts';
import type { Answer } from './scripted-slack.ts';

let desk: Desk;
let sends: ReturnType<typeof payloadsFor>;

beforeEach(async () => {
  desk = await openDesk();
  sends = payloadsFor(desk);
});
afterEach(() => desk.close());

/** What people do that makes Slipway call a method of Slack's while they wait. */
const ACTS: Readonly<Record<string, readonly [method: string, act: () => object]>> = {
  'a form by command': ['views.open', () => sends.command('')],
  'a form by button': ['views.open', () => sends.button(actionId(ACTION.openForm), undefined)],
  'a form by shortcut': ['views.open', () => sends.shortcut()],
  'a form for another service': ['views.update', () => sends.choice('shop', 'h0')],
  'an offer in a thread': ['chat.postMessage', () => sends.event(sends.mention('ship shop to prod'))],
  'who somebody is': ['users.info', () => sends.command('status')],
  'who is in the channel': ['conversations.members', () => sends.command('status')],
  'where we are': ['auth.test', () => sends.command('status')],
};

const LIMITED = /Slack limits how much Slipway may ask .*Nothing was changed.*again, in 7 s\./;
const AWAY = /Slack does not answer Slipway as it should\. Nothing was changed.*again, in a moment/;
const LATE = /opens a form only within three seconds.*Nothing was changed.*Press it again, or type it again/;
const CHANGED = /The form has changed, or was closed.*Choose again in the form/;
const OUT = /does not let Slipway in any more.*Nothing was changed.*slipway doctor/;
const LACKS =
  /does not allow Slipway to do this.*Nothing was changed.*slipway doctor says what the app lacks/;
const INVITE = /cannot see or post in this channel.*\/invite @Slipway/;
const OURS = /Something went wrong on our side.*show this reference/;

const EVERYWHERE: readonly (readonly [Answer, RegExp])[] = [
  [{ status: 429, retryAfter: 7 }, LIMITED],
  [{ status: 500 }, AWAY],
  [{ status: 503 }, AWAY],
  [{ silent: true }, AWAY],
  [{ error: 'internal_error' }, AWAY],
  [{ error: 'fatal_error' }, AWAY],
  [{ error: 'service_unavailable' }, AWAY],
  [{ error: 'request_timeout' }, AWAY],
  [{ error: 'token_revoked' }, OUT],
  [{ error: 'account_inactive' }, OUT],
  [{ error: 'invalid_auth' }, OUT],
  [{ error: 'missing_scope' }, LACKS],
  [{ error: 'no_permission' }, LACKS],
  [{ error: 'team_access_not_granted' }, LACKS],
];
const OF_METHOD: Readonly<Record<string, readonly (readonly [Answer, RegExp])[]>> = {
  'views.open': [
    [{ error: 'expired_trigger_id' }, LATE],
    [{ error: 'trigger_expired' }, LATE],
    [{ error: 'trigger_exchanged' }, LATE],
    [{ error: 'invalid_trigger_id' }, LATE],
    [{ error: 'view_too_large' }, OURS],
    [{ error: 'invalid_arguments' }, OURS],
  ],
  'views.update': [[{ error: 'hash_conflict' }, CHANGED]],
  'chat.postMessage': [
    [{ error: 'channel_not_found' }, INVITE],
    [{ error: 'not_in_channel' }, INVITE],
    [{ error: 'is_archived' }, INVITE],
    [{ error: 'channel_is_limited_access' }, INVITE],
    [{ error: 'restricted_action_thread_locked' }, INVITE],
    [{ error: 'restricted_action_read_only_channel' }, INVITE],
    [{ error: 'restricted_action' }, LACKS],
    [{ error: 'ekm_access_denied' }, LACKS],
  ],
};
/** No method, code, address or stack of ours or Slack's. */
const INSIDE =
  /views\.|chat\.|users\.|auth\.test|_error|_id\b|missing_scope|hash_conflict|ratelimited|127\.0\.0\.1|ECONN|Error:|undefined|429|503/;

const TABLE = Object.entries(ACTS).flatMap(([what, [method, act]]) =>
  [...EVERYWHERE, ...(OF_METHOD[method] ?? [])].map(
    ([answer, said]) => [what, method, JSON.stringify(answer), { answer, said, act }] as const,
  ),
);

describe('what a person reads when Slack does not do it', () => {
  test.each(TABLE)('%s: %s answers %s', async (_what, method, _shown, { answer, said, act }) => {
    if (/^(users|auth|conversations)\./.test(method)) {
      desk.askSlackForPeople();
      desk.slack.answers.set('users.info', { user: { id: 'U_ADA', ...MEMBER } });
    }
    // What is said to the person goes by the address of their act, or by a message that only they see.
    if (method === 'chat.postMessage') desk.slack.next.set(method, [answer, answer, answer]);
    else desk.slack.answers.set(method, answer);
    await desk.deliver(act());
    expect(desk.slack.of(method).length).toBeGreaterThan(0);
    expect(desk.told()).toHaveLength(1);
    expect(desk.told()[0]).toMatch(said);
    if (said !== OURS) expect(desk.told()[0]).not.toMatch(INSIDE);
    expect(desk.acks()).toBeLessThanOrEqual(1);
  });
});

test('a mention while the database is away is answered with that', async () => {
  const { ledger } = desk.place.requests;
  const { once } = ledger;
  Object.assign(ledger, { once: () => Promise.reject(new Unavailable('PostgreSQL', 'it does not answer')) });
  await desk.deliver(sends.event(sends.mention('status')));
  Object.assign(ledger, { once });
  expect(desk.told()).toEqual([expect.stringMatching(/PostgreSQL.*Nothing was changed/)]);
});
