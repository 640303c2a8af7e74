import axe from 'axe-core';
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { seen } from '../driver.ts';
import { NOW } from './app.ts';
import type { Picture } from './pictures.ts';

/** Ada's tab, in which it is always the same time. */
export async function openTab(browser: Browser, url: string, options: BrowserContextOptions): Promise<Page> {
  const context: BrowserContext = await browser.newContext({
    viewport: { width: 720, height: 1400 },
    timezoneId: 'Europe/London',
    locale: 'en-GB',
    reducedMotion: 'reduce',
    ...options,
  });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  await page.clock.setFixedTime(NOW);
  page.on('pageerror', (error) => {
    throw error;
  });
  await page.goto(`${url}/?user=U0ADA#/C0SHIP`);
  await page.getByTestId('composer').waitFor();
  return page;
}

/** Goes to a picture, and answers with what is to be seen of it. */
export async function goTo(page: Page, picture: Picture, channel: string): Promise<Locator> {
  const { shown } = picture;
  const { origin } = new URL(page.url());
  const where = shown.kind === 'home' ? 'app/home' : channel;
  await page.goto(`${origin}/?user=U0ADA&picture=${channel}#/${where}`);
  if (shown.kind === 'home') {
    const home = page.getByTestId('home');
    await expect.poll(async () => (await seen(home)).length).toBeGreaterThan(40);
    return home;
  }
  if (shown.kind === 'modal') {
    await page.getByTestId('composer').fill('/ship-prod form');
    await page.getByTestId('composer').press('Enter');
    const modal = page.getByTestId('modal');
    await modal.waitFor();
    return modal;
  }
  if (shown.kind !== 'messages') throw new Error(`nothing is known of ${picture.name}`);
  const { length } = shown.messages;
  const messages = page.locator('[data-testid=message][data-ephemeral=false]');
  await expect.poll(() => messages.count()).toBe(length);
  const drawn = "[...document.querySelectorAll('.messages img')].every((one) => one.complete)";
  await expect.poll(() => page.evaluate(drawn)).toBe(true);
  return page.locator('.messages-content');
}

const MARGIN = 12;
/** Higher than the longest thread of the gallery. */
const WHOLE_HEIGHT = 3_000;

/** A screenshot of what there is to see, without what is empty around it. */
export async function shotOf(page: Page, place: Locator, { shown }: Picture): Promise<Buffer> {
  if (shown.kind === 'modal') return place.screenshot({ animations: 'disabled' });
  const size = page.viewportSize() ?? { width: 720, height: 1400 };
  await page.setViewportSize({ ...size, height: WHOLE_HEIGHT });
  const parts = place.locator(shown.kind === 'home' ? ':is(h2, h3, p, li, button)' : '[data-testid=message]');
  const [first, last] = await Promise.all([parts.first().boundingBox(), parts.last().boundingBox()]);
  const top = Math.max(0, (first?.y ?? 0) - MARGIN);
  const bottom = (last?.y ?? 0) + (last?.height ?? 0) + MARGIN;
  const clip = { x: 0, y: top, width: size.width, height: bottom - top };
  const picture = await page.screenshot({ animations: 'disabled', clip });
  await page.setViewportSize(size);
  return picture;
}

/**
 * What axe-core calls serious or critical, a line each. It takes the initials in the picture of a person for a text, so one rule is
 * left out.
 */
export async function seriousIn(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  // What still fades in has not its colours yet.
  await page.evaluate('Promise.allSettled(document.getAnimations().map(({ finished }) => finished))');
  return page.evaluate(`axe.run(document, { resultTypes: ['violations'], rules: { 'label-content-name-mismatch': { enabled: false } } }).then(({ violations }) =>
    violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ': ' + html.slice(0, 160) + ' ' + failureSummary)))`);
}
