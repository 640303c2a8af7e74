import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { samplePictureSvg } from './sample-blocks.ts';

/**
 * How a test uses the page. The page's hooks are `data-testid` (message, composer, thread, thread-composer,
 * thread-bar, modal, modal-submit, confirm, confirm-yes, toast, user-switcher, channel, app, home, panel, switch,
 * …) and, on everything that a bot put there, `data-action-id`.
 */

const contexts = new Set<BrowserContext>();

/** A tab of somebody, in a channel by id. Errors of the page end the test. */
export async function openPage(
  browser: Browser,
  workspaceUrl: string,
  user: string,
  channel: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 820 }, ...options });
  contexts.add(context);
  context.setDefaultTimeout(8_000);
  // The first page of a browser, on a machine that is busy.
  context.setDefaultNavigationTimeout(30_000);
  await context.route('https://example.test/**', (route) =>
    route.fulfill({ contentType: 'image/svg+xml', body: samplePictureSvg }),
  );
  const page = await context.newPage();
  page.on('pageerror', (error) => {
    throw error;
  });
  await page.goto(`${workspaceUrl}/?user=${user}#/${channel}`);
  await page.getByTestId('composer').waitFor();
  return page;
}

/** Closes every tab that `openPage` opened. */
export async function closePages(): Promise<void> {
  await Promise.all([...contexts].map((context) => context.close()));
  contexts.clear();
}

/** Goes to a channel by its name in the sidebar, and is there when its composer is. */
export async function opens(page: Page, name: string): Promise<void> {
  await page.locator(`[data-testid=channel][data-channel-name=${name}]`).click();
  await expect.poll(() => page.getByTestId('composer').getAttribute('placeholder')).toBe(`Message #${name}`);
}

/** Types a message or a command and sends it. */
export async function say(page: Page, line: string): Promise<void> {
  await page.getByTestId('composer').fill(line);
  await page.getByTestId('composer').press('Enter');
}

export async function reply(page: Page, line: string): Promise<void> {
  await page.getByTestId('thread-composer').fill(line);
  await page.getByTestId('thread-composer').press('Enter');
}

/** The newest message in view that holds the text. */
export function messageWith(page: Page, words: string): Locator {
  return page.getByTestId('message').filter({ hasText: words }).last();
}

/** Chooses in one of the page's own selects. */
export async function choose(page: Page, select: Locator, value: string): Promise<void> {
  await select.click();
  await page.locator(`[data-testid=option][data-value="${value}"]`).click();
}

/** Becomes somebody else in the same tab. */
export async function becomes(page: Page, user: string): Promise<void> {
  await page.getByTestId('user-switcher').click();
  await page.locator(`[data-testid=menu-item][data-key=${user}]`).click();
  await expect.poll(() => new URL(page.url()).searchParams.get('user')).toBe(user);
}

/** What a reader sees: hidden parts are not in it. */
export function seen(locator: Locator): Promise<string> {
  // biome-ignore lint/performance/useDomNodeTextContent: what is hidden must not count
  return locator.innerText();
}
