import { describe, expect, test } from 'vitest';
import { parseMention } from '../../../src/handlers/parse/mention.ts';
import { guessThreadReply, parseThreadReply } from '../../../src/handlers/parse/thread-reply.ts';

const SERVICES = ['shop', 'billing', 'api'];

/** What a team says to each other in the thread of a release. */
const TALK = `
let's wait
lets wait
let's wait for the tests
let's hold
let's hold off
let's see the status
let's undo
let's watch it a bit
let's not roll back
let's review this first
let's roll it out to everyone
wait a minute
wait, what?
wait for me
hold the deploy
hold prod
hold a minute
hold a min
hold on a second
hold off please
hold for the call
hold with billing
hold that thought
stats of prod
stats?
stats look good
state of prod?
status quo
undo that
undo?
undo it?
undo my last commit
undo the merge
how's it going?
how is prod?
how does it look?
revert with billing
revert the commit
revert in git
reverted on main
extend that to prod
extend that to shop
extend the tests
extend it to billing
roll with it back
roll with it
rollback 2h
rollback 30 minutes
rollback 5 minutes longer
rollback another
rollback took 2h
rollback in 5 minutes?
rollback window
rollback of prod took ages
rollback plan is in the doc
no need to roll back
revert 10 minutes
revert more
rolled it back on staging
looks good to me
who is on call?
the alert is known
I'll watch the dashboards
errors are going down
prod is slow today
shop is fine
is billing fine too?
ship it!
nice, thanks all
back in 10 minutes
give it another 10 minutes
10 more minutes
same here
`
  .trim()
  .split('\n');

test.each(TALK)('%s is said to other people', (text) => {
  expect(parseThreadReply(text)).toBeNull();
  expect(guessThreadReply(text, SERVICES)).toBeNull();
});

test.each([
  ['hold an hour', { word: 'hold', request: { kind: 'extend', ms: 3_600_000 } }],
  ['hold 10 minutes', { word: 'hold', request: { kind: 'extend', ms: 600_000 } }],
  ['hold another 10 minutes', { word: 'hold', request: { kind: 'extend', ms: 600_000 } }],
  ['hold for 1h 30m', { word: 'hold', request: { kind: 'extend', ms: 5_400_000 } }],
  ['extend to 30m', { word: 'extend', request: { kind: 'extend', ms: 1_800_000 } }],
  ['extend a minute', { word: 'extend', request: { kind: 'extend', ms: 60_000 } }],
  ["let's revert the release", { word: 'revert', request: { kind: 'rollback' } }],
  ['undo this deployment', { word: 'revert', request: { kind: 'rollback' } }],
  ['status of prod', { word: 'status', request: { kind: 'status' } }],
])('%s is asked of Slipway', (text, asked) => {
  expect(guessThreadReply(text, SERVICES)).toEqual(asked);
});

describe('a mention', () => {
  test.each(
    `ship it already|ship :rocket:|ship :shipit:|ship 🚀|ship both|ship them|ship these|ship all services|ship some stuff
ship those changes|ship whatever is on staging|ship what is on staging|ship monday|ship immediately|ship quickly|ship HEAD
ship v2|ship 3f2a9c1|promote build abc1234 to prod|ship over to prod|release notes for prod?|ship the new service to prod
let's ship on friday|when does the release go to prod|did the deploy make it to prod?|ship it :tada: now|ship each service`.split(
      /[|\n]/,
    ),
  )('%s names no service', (text) => {
    for (const services of [SERVICES, ['shop']])
      expect(parseMention(`<@U0BOT> ${text}`, services)).toEqual({ kind: 'ship', services: [] });
  });

  test.each([
    ['ship shop instead of billing', ['shop']],
    ['ship shop without billing', ['shop']],
    ['ship shop and tell billing', ['shop']],
    ['ship shop & monitor billing', ['shop']],
    ['ship shop and fix billing', ['shop']],
    ['ship shop before billing', ['shop']],
    ['ship to prod shop instead of billing', ['shop']],
    ['ship shop, api is fine', ['shop']],
    ['ship shop because billing needs it', ['shop']],
    ['ship the new billing page for shop', ['shop']],
    ['deploy main for shop and api to production', ['shop', 'api']],
    ['ship shop for billing', ['shop']],
    ['ship shop, billing and the api too please', ['shop', 'billing', 'api']],
    ['ship shop and then billing', ['shop', 'billing']],
    ['ship payments please', ['payments']],
    ['ship the payments service', ['payments']],
    ['deploy payments, billing to production', ['payments', 'billing']],
    ['ship shpo :pray:', ['shpo']],
  ])('%s', (text, services) => {
    expect(parseMention(`<@U0BOT> ${text}`, SERVICES)).toEqual({ kind: 'ship', services });
  });

  test.each([
    ['ship login', []],
    ['ship payments please', []],
    ['/ship-prod payments', ['payments']],
    ['deploy billing to production', ['billing']],
    ['ship the billing service', ['billing']],
    ['ship shpo', ['shpo']],
  ])('%s, with one service', (text, services) => {
    expect(parseMention(`<@U0BOT> ${text}`, ['shop'])).toEqual({ kind: 'ship', services });
  });

  test.each([
    ['plan for monday', null],
    ['plan quickly', null],
    ['plan what is on staging', null],
    ['rollback it already', null],
    ['rollback :fire:', null],
    ['rollback everything', null],
    ['history of yesterday', null],
    ['history of all services', null],
    ['rollback payments because it crashes', 'payments'],
    ['rollback the payments service', 'payments'],
    ['rollback payments, it is broken', 'payments'],
    ['rollback shop instead of billing', 'shop'],
  ])('%s', (text, service) => {
    expect(parseMention(`<@U0BOT> ${text}`, SERVICES)).toMatchObject({ service });
  });
});
