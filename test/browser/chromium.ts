import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';

const path = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/**
 * Whether browser tests can run. When not, says how to make it so; with SLIPWAY_REQUIRE_ALL=1 that is a failure
 * of the test run, not a skip.
 */
export function hasChromium(): boolean {
  if (existsSync(path)) return true;
  const advice = `Browser tests need Chromium at ${path}: apt-get install -y chromium`;
  if (process.env['SLIPWAY_REQUIRE_ALL'] === '1') throw new Error(advice);
  process.stderr.write(`${advice}\n`);
  return false;
}

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: path,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Saves what the page shows to the folder in SLIPWAY_SCREENSHOTS, when it is set. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env['SLIPWAY_SCREENSHOTS'];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
}
