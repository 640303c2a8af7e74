import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { type SeenMessage, textOf } from '../../../demo/workspace/server/control/reading.ts';
import { offers, type Stage, setStage } from '../stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
  // The same repository has a second service.
  await stage.crash(async () => {
    const file = join(stage.dir, 'slipway.yaml');
    const config = parse(await readFile(file, 'utf8'));
    const { shop } = config.services;
    shop.approvals = { ...shop.approvals, people: { 'ada@shop.example': 'U0ADA' } };
    const target = { use: 'git-branch', branch: 'production-api' };
    const api = { ...shop, target, checks: [], version: { tag: 'api-v{version}' } };
    await writeFile(file, stringify({ ...config, services: { shop, api } }));
  });
});
afterAll(() => stage?.end());

/** What the bot said in the channel about what is planned, oldest first. */
function lines(): readonly SeenMessage[] {
  return stage.workspace
    .messages('#ship')
    .filter(({ metadata }) => metadata?.event_type === 'slipway_planned');
}

const lineShows = (test: RegExp) =>
  vi.waitUntil(() => lines().find((line) => test.test(textOf(line))), { interval: 50, timeout: 30_000 });

test('an offer that is snoozed comes back once, over a kill -9', async () => {
  const { workspace } = stage;
  const isOffer = (one: SeenMessage) => /shop .*is ready to be shipped/.test(textOf(one));
  const offer = await workspace.waitForMessage((one) => isOffer(one) && offers(one, 'snooze'), 15_000);
  await workspace.as('linus').click(offer, 'Snooze 1 h');
  await vi.waitUntil(() => /snoozed it\. It comes back/.test(textOf(workspace.message(offer))), {
    interval: 50,
    timeout: 10_000,
  });
  expect(offers(workspace.message(offer), 'snooze')).toBe(false);
  // An hour goes by while nobody is there.
  await stage.crash(() =>
    stage.query('update slipway.prompts set snoozed_until = now() where snoozed_until is not null'),
  );
  await workspace.waitForMessage(
    (one) => isOffer(one) && one.ts !== offer.ts && offers(one, 'snooze'),
    15_000,
  );
  expect(workspace.messages('#ship').filter(isOffer)).toHaveLength(2);
});

test('shop and then api: the second begins once the first is shipped, over a kill -9', async () => {
  const { workspace } = stage;
  await workspace.as('ada').command('/ship-prod subscribe shop');
  await stage.told('ada', /when your commits of shop are in production/);
  await workspace.as('ada').command('/ship-prod shop apii');
  await stage.told('ada', /does not know what "apii" means here\. Did you mean api\?/);
  await workspace.as('ada').command('/ship-prod shop then api');
  await stage.told('ada', /shop starts now/);
  await stage.cardWith('approve');
  await lineShows(/ships shop, then api[\s\S]*shop: under way[\s\S]*api: waits[\s\S]*Cancel the rest/);
  await workspace.as('linus').command('/ship-prod status');
  await stage.told('linus', /Planned[\s\S]*api, after shop is shipped, by/);

  await stage.crash();
  expect(stage.cards()).toHaveLength(1);
  await stage.cardWith('approve');
  await stage.press('grace', 'approve');
  await stage.cardShows(/Shipped/);
  await vi.waitUntil(() => stage.cards().length === 2, { interval: 50, timeout: 30_000 });
  await stage.cardShows(/^api /);
  await lineShows(/shop: shipped[\s\S]*api: under way/);
  expect(lines()).toHaveLength(1);
  const news = await workspace.waitForMessage(
    (one) => /Your (\d+ )?commits? (is|are) in production with shop 1\.3\.0/.test(textOf(one)),
    20_000,
  );
  expect(news.channel).not.toBe(stage.card().channel);
  await stage.cardWith('cancel');
  await stage.press('ada', 'cancel');
  await lineShows(/api was not shipped \(cancelled\)/);
  expect(lines().some((line) => offers(line, 'cancel_planned'))).toBe(false);
});

test('a time that is planned, taken back, and kept over a kill -9', async () => {
  const { workspace } = stage;
  await workspace.as('ada').command('/ship-prod schedule shop tomorow 9:00');
  await stage.told('ada', /not a time that Slipway understands\. Did you mean tomorrow\?/);
  await workspace.as('ada').command('/ship-prod schedule shop tomorrow 9:00');
  await stage.told('ada', /Planned: shop, [\s\S]*given in Europe\/[A-Za-z]+ time/);
  const line = await lineShows(/ships shop, 20/);
  await workspace.as('linus').click(line, 'cancel_planned');
  await stage.told('linus', /Cancelled: shop will not be started/);
  await lineShows(/cancelled this plan: shop is not started/);

  await workspace.as('ada').command('/ship-prod schedule api tomorrow 9:00');
  await stage.told('ada', /Planned: api, 20/);
  await stage.crash(async () => {
    // Tomorrow comes while nobody is there.
    const at = Date.now() - 5_000;
    await stage.query(
      `update slipway.sequences set sequence = (sequence::jsonb || '{"at": ${at}}')::json where not settled`,
    );
  });
  await vi.waitUntil(() => stage.cards().length === 3, { interval: 50, timeout: 30_000 });
  await stage.cardShows(/^api /);
  const [row] = await stage.query<{ by: string }>(
    "select request->>'by' as by from slipway.promotions order by seq desc limit 1",
  );
  expect(row?.by).toBe('U0ADA');
  await workspace.as('ada').command('/ship-prod schedule');
  await stage.told('ada', /Nothing is planned/);
  await stage.expectNothingAmiss();
});
