import { expect, test } from 'vitest';
import { openSlack } from '../../../src/adapters/slack/announcer.ts';

const CARD = { channel: 'C1', ts: '12.34' };
const store = (card: typeof CARD | null) => ({
  put: async () => {},
  markStale: async () => {},
  cardOf: async () => card,
});
const linkTo = async ({ channel, ts }: typeof CARD) => `https://team.test/${channel}/${ts}`;
const away = async (): Promise<string> => {
  throw new Error('Slack does not say where we are');
};

test('a card has an address once it is posted, and documents do not wait for Slack to tell it', async () => {
  expect(await openSlack(store(CARD), linkTo).addressOf('p1')).toBe('https://team.test/C1/12.34');
  expect(await openSlack(store(null), linkTo).addressOf('p1')).toBeUndefined();
  expect(await openSlack(store(CARD), away).addressOf('p1')).toBeUndefined();
});
