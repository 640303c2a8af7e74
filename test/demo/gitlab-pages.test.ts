import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ShopOnGitlab, startShopOnGitlab } from '../../demo/gitlab/shop.ts';
import { createShopRemote, HOSTILE_TITLE, type ShopRemote } from '../../demo/shop/remote.ts';

let dir: string;
let remote: ShopRemote;
let shop: ShopOnGitlab;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-gitlab-'));
  remote = await createShopRemote(dir, { hostile: true });
  shop = await startShopOnGitlab(remote, 'http://127.0.0.1:1');
});
afterAll(async () => {
  await shop.gitlab.close();
  await rm(dir, { recursive: true, force: true });
});

/** The title of the page, or its status; `fetch` would put its own `Host`. */
function page(path: string, host?: string): Promise<string | number | undefined> {
  const headers = host === undefined ? {} : { host };
  return new Promise((resolve, reject) => {
    const sent = request(`${shop.gitlab.web}${path}`, { headers }, async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
      const html = Buffer.concat(chunks).toString('utf8');
      expect(html).not.toContain('<!channel>');
      resolve(answer.statusCode === 200 ? /<h2>([^<]*)/.exec(html)?.[1] : answer.statusCode);
    });
    sent.on('error', reject).end();
  });
}

test.each([
  ['', 'Commits on main'],
  ['/-/commit/COMMIT', 'Commit COMMIT'],
  ['/-/tags/v1.2.0', 'Tag v1.2.0'],
  ['/-/releases/v1.2.0', 'v1.2.0'],
  ['/-/blob/v1.2.0/package.json', 'package.json'],
  ['/-/compare/v1.2.0...main', 'v1.2.0...main'],
  ['/-/pipelines/100', 'Pipeline 100 on v1.2.0 (success)'],
  ['/-/jobs/101', 'Pipeline 100 on v1.2.0 (success)'],
  ['/-/pipelines/1', 404],
  ['/-/merge_requests/1', 404],
  ['/-/blob/v1.2.0/none', 404],
  ['/-/blob/--output=x/package.json', 404],
  ['/-/anything', 404],
])('the page %s of the small GitLab says %s', async (path, wanted) => {
  const sha = remote.validated;
  const title = typeof wanted === 'string' ? wanted.replace('COMMIT', sha.slice(0, 8)) : wanted;
  expect(await page(path.replace('COMMIT', sha))).toBe(title);
});

test('it shows nothing under another name, and titles are text', async () => {
  expect(HOSTILE_TITLE).toContain('<!channel>');
  expect(await page('', 'evil.example')).toBe(404);
  expect(shop.gitlab.violations).toEqual([]);
});
