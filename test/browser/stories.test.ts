import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { waitForCustomers } from '../../demo/shop/customers.ts';
import { startWorld, type World, type WorldOptions } from '../../demo/world.ts';
import { hasChromium, launchChromium, screenshot } from './chromium.ts';
import { becomes, closePages, openPage, reply, seen } from './driver.ts';
import { film } from './film.ts';

/**
 * What the README shows, done by hand in the page of the demo. `npm run film` writes its moving picture anew;
 * `SLIPWAY_SCREENSHOTS=FOLDER` keeps what the page looked like. Without these variables nothing is written.
 */

const ADA = 'U0ADA';
const GRACE = 'U0GRACE';
/** Whether the pictures are wanted. */
const { SLIPWAY_FILM: filmed, SLIPWAY_SCREENSHOTS: drawnIn } = process.env;
const drawn = drawnIn !== undefined;
/** A promotion takes seconds, and more on a busy machine. */
const PATIENCE_MS = 60_000;
const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
};

describe.skipIf(!hasChromium())('in the page of the demo', () => {
  let browser: Browser;
  let world: World | undefined;

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    await closePages();
    await world?.close();
    if (world) await rm(world.dir, { recursive: true, force: true });
    world = undefined;
  });

  /** A world of its own for each story, and Ada's tab in its #ship. */
  async function begin(options: Omit<WorldOptions, 'dir'>): Promise<{ world: World; page: Page }> {
    const dir = await mkdtemp(join(tmpdir(), 'slipway-browser-'));
    world = await startWorld({ ...options, dir });
    return { world, page: await open(world, ADA) };
  }

  async function open(
    { workspace }: World,
    user: string,
    options: BrowserContextOptions = {},
  ): Promise<Page> {
    const page = await openPage(browser, workspace.url, user, 'C0SHIP', {
      viewport: { width: 1240, height: 940 },
      ...options,
    });
    page.setDefaultTimeout(PATIENCE_MS);
    return page;
  }

  test('who opens the address that the demo prints is in #ship', async () => {
    const { world, page } = await begin({ window: '3s' });
    await page.goto('about:blank');
    await page.goto(world.workspace.url);
    await page.getByTestId('composer').waitFor();
    expect(new URL(page.url()).hash).toBe('#/C0SHIP');
  });

  test(
    'story 1: Ada types /ship-prod shop, Grace approves, it is shipped',
    async () => {
      const { world, page } = await begin({ window: '12s', overrides: { monitor: { tick: '1s' } } });
      const recording = filmed === undefined ? null : film(page);
      await complete(page, '/ship', '/ship-prod ');
      await page.getByTestId('composer').press('Enter');
      const modal = page.getByTestId('modal');
      await modal.waitFor();
      await picture(page, 'start');
      await page.getByTestId('modal-x').click();
      await modal.waitFor({ state: 'detached' });

      await complete(page, '/ship', '/ship-prod ');
      await page.getByTestId('composer').pressSequentially('shop');
      await page.getByTestId('composer').press('Enter');
      const card = theCard(page);
      await button(card, 'approve').waitFor();
      expect(await seen(card)).toContain('1.2.0 → 1.3.0');
      await button(page.locator('[data-ephemeral=true]'), 'open_thread').click();
      await page.getByTestId('thread').getByRole('heading', { name: '1.2.0 → 1.3.0' }).waitFor();
      await page.getByTestId('close-thread').click();
      await page.getByTestId('thread').waitFor({ state: 'detached' });
      expect(await seen(card)).toContain('<!channel> *urgent* <https://evil|approve>');
      const { height = 0 } = (await card.boundingBox()) ?? {};
      // All that people decide on, and the buttons, on the screen of a laptop.
      expect(height).toBeLessThan(700);
      await picture(page, 'awaiting-approval', Math.ceil(height) + 380);

      await button(card, 'approve').click();
      await yes(page);
      if (recording) await page.waitForTimeout(1_200);
      const refused = page
        .locator('[data-ephemeral=true]')
        .filter({ hasText: 'somebody else has to approve' });
      await refused.waitFor();
      await refused.getByTestId('dismiss').click();

      await waitForCustomers(world.shop.url, 60, 10_000);
      await becomes(page, GRACE);
      await button(theCard(page), 'approve').click();
      expect(await seen(page.getByTestId('confirm'))).toContain('1.3.0');
      await yes(page);
      await heading(page, 'Watching production').waitFor();
      await heading(page, 'Shipped').waitFor();
      expect(world.shop.control.state().live?.version).toBe('1.3.0');

      const thread = await openThread(page);
      await thread.getByText('Shipped shop 1.3.0').waitFor();
      await pictureOf(thread).waitFor();
      await recording?.stop(filmed ?? '');
      await picture(page, 'shipped');

      await page.getByTestId('app').click();
      await page.getByTestId('home').getByText('Shipped last').waitFor();
      await page.getByTestId('home').getByText('shop 1.3.0').waitFor();
      await picture(page, 'home');

      const dark = await open(world, GRACE, { colorScheme: 'dark' });
      await heading(dark, 'Shipped').waitFor();
      await picture(dark, 'dark');
      expect(world.workspace.control.violations()).toEqual([]);
    },
    3 * PATIENCE_MS,
  );

  test(
    'story 7: the error rate rises, Grace types "rollback" in the thread, the old version is back',
    async () => {
      const { world, page } = await begin({ window: '3m', overrides: { monitor: { tick: '1s' } } });
      await page.locator('[data-switch-id=next][data-value=failing]').click({ force: true });
      await expect.poll(() => world.shop.control.state().next?.mode).toBe('failing');
      await page.getByTestId('composer').fill('/ship-prod shop');
      await page.getByTestId('composer').press('Enter');
      await button(theCard(page), 'approve').waitFor();
      // In the README's chart there is something to see from before the deploy.
      if (drawn) await page.waitForTimeout(12_000);

      await waitForCustomers(world.shop.url, 60, 10_000);
      await becomes(page, GRACE);
      await button(theCard(page), 'approve').click();
      await yes(page);
      const thread = await openThread(page);
      const alarm = thread.getByTestId('message').filter({ hasText: /production (warning|critical)/ });
      // Errors of one minute alone may be a restart.
      await alarm.first().waitFor({ timeout: 90_000 });
      await pictureOf(thread).waitFor();
      expect(await seen(alarm.first())).toContain('error rate');
      await picture(page, 'alarm');

      const phone = await open(world, GRACE, PHONE);
      await button(theCard(phone), 'rollback').waitFor();
      const bell = phone
        .locator('[data-ephemeral=false]')
        .filter({ hasText: /production (warning|critical)/ })
        .last();
      await button(bell, 'rollback').waitFor();
      await expect.poll(() => isInView(button(bell, 'rollback'))).toBe(true);
      await picture(phone, 'phone');
      expect(await phone.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBe(0);

      await reply(page, 'rollback');
      const asked = thread.locator('[data-ephemeral=true]').filter({ hasText: 'back to 1.2.0?' });
      await button(asked, 'rollback').waitFor();
      await button(asked, 'rollback').click();
      await heading(page, 'Rolled back').waitFor();
      await thread.getByText('v1.2.0 is live again').waitFor();
      await expect.poll(() => world.shop.control.state().live?.version).toBe('1.2.0');
      expect(await seen(theCard(page))).toContain('1.2.0 is live again');
      await theCard(page).evaluate((card) =>
        (card as unknown as { scrollIntoView(): void }).scrollIntoView(),
      );
      await picture(page, 'rolled-back');
      expect(world.workspace.control.violations()).toEqual([]);
    },
    3 * PATIENCE_MS,
  );
});

/** A picture for the README, of a page as high as it takes. */
async function picture(page: Page, name: string, height?: number): Promise<void> {
  if (!drawn) return;
  const size = page.viewportSize();
  if (size && height !== undefined) await page.setViewportSize({ ...size, height });
  await page.mouse.move(0, 0);
  await screenshot(page, name);
  if (size && height !== undefined) await page.setViewportSize(size);
}

/** Whether somebody sees it without scrolling. */
function isInView(target: Locator): Promise<boolean> {
  return target.evaluate((element) => {
    const { top, bottom } = (
      element as unknown as { getBoundingClientRect(): { top: number; bottom: number } }
    ).getBoundingClientRect();
    return top >= 0 && bottom <= (globalThis as unknown as { innerHeight: number }).innerHeight;
  });
}

/** Types the beginning of a command and takes what is offered. */
async function complete(page: Page, typed: string, whole: string): Promise<void> {
  const composer = page.getByTestId('composer');
  await composer.pressSequentially(typed);
  await page.getByTestId('completion').first().waitFor();
  await composer.press('Tab');
  await expect.poll(() => composer.inputValue()).toBe(whole);
}

/** The card of the promotion: the app's own message in the channel, not what it told one person. */
function theCard(page: Page): Locator {
  return page
    .locator('[data-testid=message][data-ephemeral=false]')
    .filter({ hasText: /^.*shop (1\.2\.0 → 1\.3\.0|to production)/s })
    .first();
}

/** A state in the card's first lines. */
function heading(page: Page, words: string): Locator {
  return theCard(page).locator('strong', { hasText: words }).first();
}

function button(where: Locator, action: string): Locator {
  return where.locator(`[data-action-id="${action}"], [data-action-id^="${action}:"]`);
}

async function yes(page: Page): Promise<void> {
  await page.getByTestId('confirm-yes').click();
  await page.getByTestId('confirm').waitFor({ state: 'detached' });
}

async function openThread(page: Page): Promise<Locator> {
  await theCard(page).getByTestId('thread-bar').click();
  const thread = page.getByTestId('thread');
  await thread.waitFor();
  return thread;
}

/** The newest chart, drawn. */
function pictureOf(thread: Locator): Locator {
  return thread.locator('[data-testid=file] img').last();
}
