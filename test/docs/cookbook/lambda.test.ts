import { expect, test } from 'vitest';
import { back, NEW, OLD, openPage, order, type Page } from './page.ts';

const ECR = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop';
const OTHER = { version: '1.4.0', tag: 'v1.4.0', commit: 'c'.repeat(40) };
const numberOf = (page: Page) => (page.state()['alias'] as { readonly number: string }).number;

test('what somebody else made of the function meanwhile is not published under the release', async () => {
  const page = await openPage('lambda.md');
  page.change({ meddler: 'of-somebody-else=' });
  const status = await page.deploy(order, 'p-1/deploy-1');
  expect(status).toMatchObject({ kind: 'failed' });
  expect(JSON.stringify(status)).toContain('is different from current CodeSHA256');
  expect(page.state()['versions']).toHaveLength(1);
  expect(await page.target.live()).toMatchObject({ version: OLD.version });
});

test('a release whose build is the same as that of the release before is live under its own name', async () => {
  const page = await openPage('lambda.md');
  page.change({ hashes: { [`${ECR}:${NEW.tag}`]: 'x=' } });
  expect(await page.deploy(order, 'p-1/deploy-1')).toMatchObject({
    kind: 'succeeded',
    deployment: { id: '1' },
  });
  expect(await page.target.live()).toMatchObject({ version: NEW.version });
  expect(await page.deploy(back, 'p-1/rollback-1')).toMatchObject({
    kind: 'succeeded',
    deployment: { id: '1' },
  });
  expect(await page.target.live()).toMatchObject({ version: OLD.version });

  await page.deploy({ ...order, release: OTHER }, 'p-2/deploy-1');
  expect(await page.target.live()).toMatchObject({ version: OTHER.version });
  expect(await page.deploy({ ...back, release: NEW, from: OTHER }, 'p-2/rollback-1')).toMatchObject({
    kind: 'succeeded',
  });
  expect(await page.target.live()).toMatchObject({ version: NEW.version });
  const { versions } = page.state() as { versions: { number: string; code: string }[] };
  expect(versions.find(({ number }) => number === numberOf(page))).toMatchObject({ code: 'x=' });
});

test('an alias that sends a part of the requests elsewhere sends all of them to the release after a deployment', async () => {
  const page = await openPage('lambda.md');
  page.change({ alias: { number: '1', weights: { 7: 0.1 } } });
  await expect(page.target.live()).rejects.toThrow(/besides version 1/);
  expect(await page.deploy({ ...back, from: null }, 'p-1/rollback-1')).toMatchObject({ kind: 'succeeded' });
  expect(page.state()).toMatchObject({ alias: { number: '1', weights: {} } });
  expect(await page.target.live()).toMatchObject({ version: OLD.version });
});

test('an alias that was moved by hand is told from where it was before', async () => {
  const page = await openPage('lambda.md');
  await page.deploy(order, 'p-1/deploy-1');
  page.change((state) => {
    state['alias'] = { ...(state['alias'] as object), number: '1' };
  });
  expect(await page.target.live()).toMatchObject({ version: OLD.version });
});
