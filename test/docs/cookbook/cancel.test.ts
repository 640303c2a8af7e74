import { expect, test, vi } from 'vitest';
import { NEW, OLD, openPage, order, type Page } from './page.ts';

/** Begins to deploy, and is cancelled once the platform is at it. */
async function cancelled(page: Page, isAtIt: () => void): Promise<string> {
  const handle = await page.target.start(order, 'p-1/deploy-1');
  await vi.waitFor(isAtIt, { timeout: 15_000, interval: 20 });
  await page.target.cancel?.(handle);
  const status = await page.target.follow(order, handle);
  expect(status).toMatchObject({ kind: 'failed' });
  return JSON.stringify(status);
}

test.each(['ok', 'queued', 'lost'] as const)(
  'Render stops, too, where it answers that a deploy is %s',
  async (answer) => {
    const page = await openPage('render.md');
    page.render.slow = true;
    page.render.next('POST', answer);
    const said = await cancelled(page, () =>
      expect(page.render.asked.map(({ what }) => what)).toContain('POST /services/srv-shop/deploys'),
    );
    expect(said).toContain('which is canceled now');
    page.render.goOn();
    expect(await page.target.live()).toMatchObject({ version: OLD.version });
  },
);

test('Render is not asked for anything after Cancel', async () => {
  const page = await openPage('render.md');
  page.render.next('GET', 'ok', 429);
  await cancelled(page, () => expect(page.render.asked.length).toBeGreaterThanOrEqual(2));
  expect(page.render.asked.map(({ what }) => what)).not.toContain('POST /services/srv-shop/deploys');
});

test('Swarm goes back, although it goes on when nobody waits for it', async () => {
  const page = await openPage('swarm.md');
  const before = page.state()['image'];
  page.change({ slow: 60_000 });
  const said = await cancelled(page, () =>
    expect(page.state()).toMatchObject({
      image: expect.stringContaining(NEW.tag),
      update: { state: 'updating' },
    }),
  );
  expect(said).toContain('told to go back');
  expect(page.state()).toMatchObject({ image: before });
  page.change(({ update }) => Object.assign(update as object, { until: 0 }));
  expect(await page.target.live()).toMatchObject({ version: OLD.version });
});

test('App Service goes on with a swap, and the script says so', async () => {
  const page = await openPage('app-service.md');
  page.change({ slow: 60_000 });
  const said = await cancelled(page, () => expect(page.state()).toMatchObject({ swapping: true }));
  expect(said).toContain('Azure goes on with the swap');
});
