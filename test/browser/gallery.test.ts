import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUTTON_KINDS } from '../../src/blocks/card/button-kinds.ts';
import type { PromotionData, PromotionState } from '../../src/domain/promotion/promotion.ts';
import * as fixtures from '../blocks/fixtures.ts';
import { hasChromium, launchChromium } from './chromium.ts';
import { seen } from './driver.ts';
import { GalleryApp } from './gallery/app.ts';
import { keepPicture, sideBySide } from './gallery/compose.ts';
import { byKeyboard, formByKeyboard } from './gallery/keyboard.ts';
import { goTo, openTab, seriousIn, shotOf } from './gallery/look.ts';
import { noticeKinds, type Picture, pictures } from './gallery/pictures.ts';
import { galleryPage } from './gallery/text.ts';

/**
 * Every state as people see it. What is to be read is a snapshot that is compared; `npm run gallery` takes it anew, and
 * with it the pictures of docs/gallery. Fonts differ between machines, so pictures are not compared.
 */

const DOCS = fileURLToPath(new URL('../../docs', import.meta.url));
const FOLDER = join(DOCS, 'gallery');
const MOST_BYTES = 4_000_000;
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

const all = pictures();
/** A third of them, another one each time, is looked at by axe, by keyboard and on a phone; all with `npm run gallery`. */
const THIRDS = 3;
const seed = Number(process.env['SLIPWAY_SEED'] ?? Date.now()) % THIRDS;
const drawn =
  process.env['SLIPWAY_GALLERY'] === 'whole' ? all : all.filter((_, nth) => nth % THIRDS === seed);

/** Whether the snapshots are taken anew. */
function isTakenAnew(): boolean {
  const { snapshotState } = expect.getState();
  return (snapshotState as unknown as { _updateSnapshot: string })._updateSnapshot === 'all';
}

describe('the gallery', () => {
  it('has every state of the card, every decision, and every button of it', () => {
    const states: Readonly<Record<PromotionState, true>> = {
      checking: true,
      blocked: true,
      'awaiting-approval': true,
      releasing: true,
      deploying: true,
      verifying: true,
      monitoring: true,
      'rolling-back': true,
      shipped: true,
      'rolled-back': true,
      failed: true,
      cancelled: true,
      expired: true,
    };
    const decisions: Readonly<Record<NonNullable<PromotionData['decision']>, true>> = {
      'release-refused': true,
      'retry-release': true,
      'retry-deploy': true,
      'lower-bump': true,
      unhealthy: true,
      warning: true,
      unproven: true,
    };
    const promotions = Object.values(fixtures.views).map(({ promotion }) => promotion);
    const missing = [
      ...Object.keys(states).filter((name) => promotions.every(({ state }) => state !== name)),
      ...Object.keys(decisions).filter((name) => promotions.every(({ data }) => data.decision !== name)),
    ];
    expect(missing).toEqual([]);
    const texts = JSON.stringify(all);
    const buttons = Object.keys(BUTTON_KINDS).filter(
      (id) => !new RegExp(`"action_id":"${id}[":]`).test(texts),
    );
    expect(buttons).toEqual([]);
  });

  it('has every kind of message in the thread', () => {
    expect(noticeKinds.all.filter((kind) => !noticeKinds.shown.includes(kind as never))).toEqual([]);
  });

  it('has a picture of each, no other, and none that is large', () => {
    if (isTakenAnew()) {
      mkdirSync(FOLDER, { recursive: true });
      writeFileSync(join(DOCS, 'gallery.md'), galleryPage(all));
      for (const name of readdirSync(FOLDER)) {
        if (!all.some((picture) => `${picture.name}.webp` === name)) rmSync(join(FOLDER, name));
      }
      return;
    }
    expect(readdirSync(FOLDER).toSorted()).toEqual(all.map(({ name }) => `${name}.webp`).toSorted());
    const bytes = readdirSync(FOLDER).reduce((sum, name) => sum + readFileSync(join(FOLDER, name)).length, 0);
    expect(bytes).toBeLessThan(MOST_BYTES);
    expect(readFileSync(join(DOCS, 'gallery.md'), 'utf8')).toBe(galleryPage(all));
  });
});

describe.skipIf(!hasChromium())('in a browser', () => {
  let app: GalleryApp;
  let browser: Browser;
  let light: Page;
  let dark: Page;
  let phone: Page;

  beforeAll(async () => {
    app = await GalleryApp.start();
    browser = await launchChromium();
    const { url } = app.workspace;
    [light, dark, phone] = await Promise.all([
      openTab(browser, url, {}),
      openTab(browser, url, { colorScheme: 'dark' }),
      openTab(browser, url, { colorScheme: 'light', ...PHONE }),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await app?.stop();
  });

  it.each(all.map((picture) => [picture.section, picture.title, picture] as const))(
    '%s: %s',
    async (_section, _title, picture) => {
      const channel = await app.show(picture);
      const shots: Buffer[] = [];
      const isWanted = isTakenAnew() || !existsSync(join(FOLDER, `${picture.name}.webp`));
      const isDrawn = drawn.includes(picture);
      for (const page of isDrawn ? [light, dark, phone] : [light]) {
        const place = await goTo(page, picture, channel);
        if (page === light) expect(textOf(await seen(place), await buttonsIn(place))).toMatchSnapshot();
        if (isDrawn) expect.soft(await seriousIn(page), 'axe-core').toEqual([]);
        if (page === phone) await fitsPhone(phone, place, picture);
        const isScreen = page === phone && picture.section !== 'The thread';
        if (isWanted) shots.push(await (isScreen ? phone.screenshot() : shotOf(page, place, picture)));
        await app.closeForms();
      }
      if (isWanted) await keepPicture(join(FOLDER, `${picture.name}.webp`), await sideBySide(shots));
      if (!isDrawn) return;
      const place = await goTo(light, picture, channel);
      if (picture.section === 'Forms') await formByKeyboard(light, place);
      else await byKeyboard(light, place, app.pressed);
    },
    60_000,
  );
});

/** As it is read, without the hour at which it was said and the number of its channel. */
function textOf(text: string, buttons: readonly string[]): string {
  const lines = text
    .replaceAll(/#gallery-\d+/g, '#gallery')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^\d{1,2}:\d{2}(?: [AP]M)?$/.test(line));
  return [...lines, `Buttons: ${buttons.join(' | ') || 'none'}`].join('\n');
}

function buttonsIn(place: Locator): Promise<string[]> {
  return place.locator('button[data-action-id]').allInnerTexts();
}

/** On a phone nothing is wider than the screen, and what is to be decided is on the first one. */
async function fitsPhone(page: Page, place: Locator, { section }: Picture): Promise<void> {
  expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBe(0);
  if (section !== 'The card') return;
  const card = place.getByTestId('message').first();
  await card.evaluate((element) => (element as unknown as { scrollIntoView(): void }).scrollIntoView());
  const buttons = card.locator('button[data-action-id]');
  const composer = await page.getByTestId('composer').boundingBox();
  for (const button of await buttons.all()) {
    const box = await button.boundingBox();
    expect((box?.y ?? 0) + (box?.height ?? 9_999)).toBeLessThan(composer?.y ?? 0);
  }
}
