import { beforeEach, describe, expect, test } from 'vitest';
import { back, NEW, OLD, openPage, order, type Page, PLATFORMS, pages } from './page.ts';

const FAILURE = 'the platform has no more capacity';

test('every page of a platform has its stand-in', () => {
  expect(pages.toSorted()).toEqual(Object.keys(PLATFORMS).toSorted());
});

describe.each(pages)('%s', (name) => {
  let page: Page;
  beforeEach(async () => {
    page = await openPage(name);
  });
  const live = () => page.target.live();

  test('deploys, says what is live, and goes back', async () => {
    expect(await live()).toMatchObject({ version: OLD.version });
    expect(await page.deploy(order, 'p-1/deploy-1')).toMatchObject({ kind: 'succeeded' });
    expect(await live()).toMatchObject({ version: NEW.version });
    expect(await page.deploy(back, 'p-1/rollback-1')).toMatchObject({ kind: 'succeeded' });
    expect(await live()).toMatchObject({ version: OLD.version });
    expect(new Set(page.calls().map((call) => call.split(' ')[0]))).toEqual(new Set(page.programs));
  });

  test('may run again for an order that it has carried out', async () => {
    await page.deploy(order, 'p-1/deploy-1');
    expect(await page.deploy(order, 'p-1/deploy-2')).toMatchObject({ kind: 'succeeded' });
    expect(await live()).toMatchObject({ version: NEW.version });
  });

  test('says that nobody knows what is live while the platform does not answer, and not that nothing is', async () => {
    page.render.outage = true;
    page.change({ outage: true });
    await expect(live()).rejects.toThrow();
    await expect(page.target.start(order, 'p-1/deploy-1')).rejects.toThrow();
  });

  test('finds what is live, and what was shipped before, among many others', async () => {
    const others = Array.from({ length: 120 }, (_, nr) => `0.0.${nr}`);
    page.change(({ versions }) => {
      if (!Array.isArray(versions)) return;
      if (name === 'lambda.md')
        versions.push(...others.map((description, nr) => ({ number: `${nr + 2}`, description, code: 'y' })));
      else versions.push(...others.map((tag) => ({ id: `of-${tag}`, annotations: { 'workers/tag': tag } })));
    });
    page.render.cancelled(others.length);
    expect(await live()).toMatchObject({ version: OLD.version });
    expect(await page.deploy(order, 'p-1/deploy-1')).toMatchObject({ kind: 'succeeded' });
    expect(await live()).toMatchObject({ version: NEW.version });
    expect(await page.deploy(back, 'p-1/rollback-1')).toMatchObject({ kind: 'succeeded' });
    expect(await live()).toMatchObject({ version: OLD.version });
  });

  test('says when the platform refuses, and what is live then', async () => {
    page.render.fail = true;
    page.change({ fail: FAILURE });
    const status = await page.deploy(order, 'p-1/deploy-1');
    expect(status.kind).toBe('failed');
    expect(JSON.stringify(status)).toMatch(/no more capacity|update_failed|rollback_completed/);
    expect(await live()).toMatchObject({ version: OLD.version });
  });
});
