import { expect, test } from 'vitest';
import type { DeployStatus } from '../../../src/adapters/targets/port.ts';
import { NEW, openPage, order, type Page } from './page.ts';

const POST = 'POST /services/srv-shop/deploys';

async function deployed(
  plan: (page: Page) => void,
): Promise<{ status: DeployStatus; asked: readonly Asked[] }> {
  const page = await openPage('render.md');
  await page.target.live();
  const before = page.render.asked.length;
  // The target itself looks at what is live first.
  page.render.next('GET', 'ok');
  plan(page);
  const status = await page.deploy(order, 'p-1/deploy-1');
  const asked = page.render.asked.slice(before);
  expect(await page.target.live()).toMatchObject({ version: NEW.version });
  return { status, asked };
}
interface Asked {
  readonly what: string;
  readonly at: number;
}
const posts = (asked: readonly Asked[]) => asked.filter(({ what }) => what === POST);

test('a deploy is followed over answers that are none, and no faster than Render asks', async () => {
  const { status, asked } = await deployed(({ render }) => render.next('GET', 503, 'ok', 429, 'broken', 502));
  expect(status).toMatchObject({ kind: 'succeeded' });
  expect(posts(asked)).toHaveLength(1);
  const refused = asked.findIndex(({ what }) => what === POST) + 1;
  expect((asked[refused + 1]?.at ?? 0) - (asked[refused]?.at ?? 0)).toBeGreaterThanOrEqual(1_000);
});

test('a deploy that Render queues, without saying which it is, is found and followed', async () => {
  const { status, asked } = await deployed(({ render }) => render.next('POST', 'queued'));
  expect(status).toMatchObject({ kind: 'succeeded', deployment: { id: 'dep-1' } });
  expect(posts(asked)).toHaveLength(1);
});

test('a deploy that was begun, but whose answer was lost, is not begun again', async () => {
  const { status, asked } = await deployed(({ render }) => render.next('POST', 'lost'));
  expect(status).toMatchObject({ kind: 'succeeded', deployment: { id: 'dep-1' } });
  expect(posts(asked)).toHaveLength(1);
});

test('a deploy that Render has no time for is begun later', async () => {
  const { status, asked } = await deployed(({ render }) => render.next('POST', 429, 503));
  expect(status).toMatchObject({ kind: 'succeeded' });
  expect(posts(asked)).toHaveLength(3);
});
