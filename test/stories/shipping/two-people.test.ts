import { WebClient } from '@slack/web-api';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { textOf } from '../../../demo/workspace/server/control/reading.ts';
import { offers, type Stage, setStage } from '../stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage?.end());

test('story 11: two people start the same service: one promotion, the other waits in line and is called', async () => {
  const { workspace } = stage;
  const people = ['ada', 'linus'] as const;
  const offered = await workspace.waitForMessage((one) => /014-coupons is ready/.test(textOf(one)), 10_000);
  await Promise.all(people.map((one) => workspace.as(one).command('/ship-prod shop')));
  await stage.cardWith('approve');
  expect(stage.cards()).toHaveLength(1);
  const [row] = await stage.query<{ requested_by: string }>(
    "select request->>'by' as requested_by from slipway.promotions",
  );
  const second = row?.requested_by === 'U0ADA' ? 'linus' : 'ada';
  const busy = await stage.told(second, /already has a promotion under way/);
  expect(offers(busy, 'open_thread')).toBe(true);

  await workspace.as(second).click(busy, 'join_queue');
  await stage.told(second, /You are in line for shop\. You are next\./);
  await workspace.as('grace').command('/ship-prod shop');
  await workspace.as('grace').click(await stage.told('grace', /already has/), 'join_queue');
  await stage.told('grace', /1 person before you/);

  // Somebody tidies the channel up: the promotion gets its buttons back, though nothing else has changed.
  const [lost] = stage.cards();
  const client = new WebClient(workspace.botToken, { slackApiUrl: workspace.apiUrl });
  await client.chat.delete({ channel: 'C0SHIP', ts: lost?.ts ?? '' });
  await vi.waitUntil(() => stage.cards().some(({ ts }) => ts !== lost?.ts), {
    interval: 20,
    timeout: 10_000,
  });
  await stage.cardWith('approve');

  await stage.press('grace', 'decline');
  await workspace.as('grace').submit(await workspace.waitForView('grace'), { reason: 'Not now.' });
  // In a direct message: nobody looks into the thread of whoever had it.
  const called = await workspace.waitForMessage(
    (one) => /shop is free now, and you are next in line/.test(textOf(one)),
    10_000,
  );
  expect(called.channel).not.toBe(stage.card().channel);
  // What offered it in the channel says who started it, and has no buttons any more.
  await vi.waitUntil(() => !offers(workspace.message(offered), 'start'), { interval: 20, timeout: 10_000 });
  expect(textOf(workspace.message(offered))).toMatch(/<@U0\w+> started it/);
  await workspace.as(second).click(called, 'plan');
  const plan = await stage.told(second, /1\.2\.0 → 1\.3\.0/);
  await workspace.as(second).click(plan, 'start');
  await vi.waitUntil(() => stage.cards().length === 2, { interval: 20, timeout: 30_000 });
  // It is answered by a bot that knows of it only what is stored.
  await stage.crash();
  await vi.waitUntil(() => !offers(workspace.message(called), 'start'), { interval: 20, timeout: 10_000 });
  const { id } = workspace.control.user(second);
  expect(textOf(workspace.message(called))).toContain(`<@${id}> started it`);
  await stage.cardWith('approve');
  await stage.expectNothingAmiss();
});
