import { expect, it } from 'vitest';
import { home } from '../../../src/blocks/home.ts';
import { authorNews, subscribed, unsubscribed } from '../../../src/blocks/replies/subscriptions.ts';
import type { Promotion } from '../../../src/domain/promotion/promotion.ts';
import { asText } from '../../support/as-text.ts';
import { outsideIsInert } from '../../support/outside.ts';
import { refusedBySlack, viewRefusedBySlack } from '../../support/slack-limits.ts';
import { EVIL } from '../fixtures.ts';

const release = { version: '1.3.0', tag: 'v1.3.0', commit: 'a' };
const live = { service: 'shop', state: 'shipped', data: { release } } as Promotion;
const back = {
  ...live,
  state: 'rolled-back',
  data: { release, rollback: { to: { version: '1.2.0' }, by: 'U0LINUS', reason: EVIL } },
} as Promotion;
const commits = (many: number) =>
  Array.from({ length: many }, (_, at) => ({ subject: `${EVIL} ${at}`, url: 'https://git.test/c' }));

it.each([
  ['subscribed', subscribed('shop', 'ada@shop.test')],
  ['subscribed to all', subscribed('*', null)],
  ['unsubscribed', unsubscribed(undefined)],
  ['live', authorNews('live', live, commits(1))],
  ['back', authorNews('back', back, commits(7))],
])('%s', (_name, message) => {
  expect(refusedBySlack(message.blocks)).toEqual([]);
  expect(outsideIsInert(message)).toEqual([]);
  expect(asText(message.blocks)).toMatchSnapshot();
});

it.each([[[]], [['*']], [['api', 'shop']]])('the Home tab shows %j', (services) => {
  const view = home({ open: [], last: [], locks: [], services: ['shop'], subscribed: services });
  expect(viewRefusedBySlack(view)).toEqual([]);
  expect(asText(view.blocks.slice(-3) as never)).toMatchSnapshot();
});
