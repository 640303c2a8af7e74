import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

const MOST_TABS = 120;
const FOCUSED = 'document.activeElement';

/**
 * Without a mouse: Tab reaches every button in its order, Enter presses it, a dialog that asks keeps the focus to itself, and
 * Escape leaves it without a press.
 */
export async function byKeyboard(page: Page, place: Locator, pressed: readonly string[]): Promise<void> {
  const buttons = place.locator('button[data-action-id]:not([disabled])');
  const ids = await buttons.evaluateAll((all) =>
    all.map((one) => (one as unknown as Marked).getAttribute('data-action-id')),
  );
  if (ids.length === 0) return;
  expect(await reachedByTab(page, place, ids.length)).toEqual(ids);
  for (const [at, id] of ids.entries()) {
    const button = buttons.nth(at);
    const before = pressed.length;
    await button.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByTestId('confirm');
    await expect.poll(async () => (await dialog.count()) > 0 || pressed.length > before).toBe(true);
    if ((await dialog.count()) === 0) {
      expect(pressed.at(-1)).toBe(id);
      continue;
    }
    for (let tabs = 0; tabs < 6; tabs += 1) {
      await page.keyboard.press('Tab');
      expect(
        await page.evaluate(
          `${FOCUSED} === document.body || ${FOCUSED}.closest('[data-testid=confirm]') !== null`,
        ),
      ).toBe(true);
    }
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(pressed.length).toBe(before);
    expect(
      await button.evaluate((one) => one === (one as unknown as Marked).ownerDocument.activeElement),
    ).toBe(true);
  }
}

/** A form keeps the focus to itself, Tab comes to all of it, and Escape closes it. */
export async function formByKeyboard(page: Page, form: Locator): Promise<void> {
  const wanted = await page.evaluate<string[]>(`(${namesIn})('[data-testid=modal]')`);
  const reached = new Set<string>();
  for (let tabs = 0; tabs < wanted.length * 2 + 4; tabs += 1) {
    await page.keyboard.press('Tab');
    const isInside = `${FOCUSED} === document.body || ${FOCUSED}.closest('[data-testid=modal]') !== null`;
    expect(await page.evaluate(isInside)).toBe(true);
    reached.add(String(await page.evaluate(`(${nameOf})(${FOCUSED})`)));
  }
  expect(wanted.filter((name) => !reached.has(name))).toEqual([]);
  await page.keyboard.press('Escape');
  await form.waitFor({ state: 'detached' });
}

/** In the page: how a control is told from the others. The boxes of one choice are one. */
const nameOf = `(one) => one.type === 'radio' ? 'radio ' + one.name : one.tagName + ' ' + (one.getAttribute('aria-label') ?? one.textContent) + ' ' + one.id`;
/** In the page: what can be reached by Tab. */
const namesIn = `(within) => [...document.querySelectorAll(within + ' :is(input, textarea, button, a[href])')]
  .filter((one) => one.tabIndex >= 0 && !one.disabled && one.checkVisibility())
  .map(${nameOf})`;

interface Marked {
  getAttribute(name: string): string | null;
  readonly ownerDocument: { readonly activeElement: unknown };
}

/** Ids of the buttons in the order in which Tab comes to them. */
async function reachedByTab(page: Page, place: Locator, count: number): Promise<readonly (string | null)[]> {
  await place.evaluate((element) => {
    const one = element as unknown as {
      tabIndex: number;
      focus(): void;
      hasAttribute(name: string): boolean;
    };
    if (!one.hasAttribute('tabindex')) one.tabIndex = -1;
    one.focus();
  });
  const reached: (string | null)[] = [];
  for (let tabs = 0; tabs < MOST_TABS && reached.length < count; tabs += 1) {
    await page.keyboard.press('Tab');
    const id = await page.evaluate(
      `${FOCUSED}?.tagName === 'BUTTON' ? ${FOCUSED}.getAttribute('data-action-id') : null`,
    );
    if (typeof id === 'string') reached.push(id);
  }
  return reached;
}
