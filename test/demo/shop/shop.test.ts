import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { git } from '../../../demo/shop/fast-import.ts';
import { createShopRemote, type ShopRemote } from '../../../demo/shop/remote.ts';
import { type Shop, startShop } from '../../../demo/shop/shop.ts';

let dir: string;
let remote: ShopRemote;
let shop: Shop;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shop-'));
  remote = await createShopRemote(dir);
  shop = await startShop({ remote: remote.path, pollMs: 20 });
});
afterEach(async () => {
  await shop.close();
  await rm(dir, { recursive: true, force: true });
});

const json = async (path: string) =>
  (await fetch(shop.url + path)).json() as Promise<Record<string, unknown>>;
const status = async (path: string) => (await fetch(shop.url + path)).status;
const control = (body: unknown, type = 'application/json') =>
  fetch(`${shop.url}/control`, {
    method: 'POST',
    headers: { 'content-type': type },
    body: JSON.stringify(body),
  });

async function release(version: string): Promise<string> {
  const files = { 'package.json': JSON.stringify({ name: 'shop', version }) };
  const sha = await remote.commit({ message: `chore(release): v${version}`, files });
  await git(remote.path, ['update-ref', 'refs/heads/production', sha]);
  await shop.control.refresh();
  return sha;
}

describe('the sample shop', () => {
  test('serves what the production branch holds', async () => {
    expect(await json('/api/version')).toEqual({
      version: '1.2.0',
      commit: await remote.resolve('production'),
    });
    expect(await (await fetch(shop.url)).text()).toContain('Version <b>1.2.0</b>');
    const sha = await remote.commit({
      message: 'chore(release): v1.3.0',
      files: { 'package.json': '{"version":"1.3.0"}' },
    });
    await git(remote.path, ['update-ref', 'refs/heads/production', sha]);
    await vi.waitFor(
      async () => expect(await json('/api/version')).toEqual({ version: '1.3.0', commit: sha }),
      5_000,
    );
    expect(await (await fetch(shop.url)).text()).toContain('Coupons at checkout');
  });

  test('keeps serving when the branch holds nonsense', async () => {
    const files = { 'package.json': 'not json' };
    const sha = await remote.commit({ message: 'oops', files });
    await git(remote.path, ['update-ref', 'refs/heads/production', sha]);
    expect((await shop.control.refresh()).live?.version).toBe('1.2.0');
  });

  test('goes down, fails and slows on demand, and recovers', async () => {
    expect((await control({ mode: 'down' })).status).toBe(200);
    expect(await status('/health')).toBe(503);
    expect(await status('/control')).toBe(200);

    await control({ mode: 'failing', errorRate: 0.5 });
    const seen = await Promise.all(Array.from({ length: 20 }, () => status('/api/status')));
    expect(seen.filter((code) => code === 500)).toHaveLength(10);

    await control({ mode: 'slow', slowMs: 300 });
    const started = performance.now();
    expect(await status('/')).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(220);

    await control({ mode: 'healthy' });
    expect(await status('/health')).toBe(200);
  });

  test('lets one version be bad, from its first moment or later', async () => {
    shop.control.set({ mode: 'down', version: 'next' });
    expect(await status('/health')).toBe(200);
    await release('1.3.0');
    expect(await status('/health')).toBe(503);
    expect(shop.control.state()).toMatchObject({
      mode: 'down',
      next: null,
      versions: { '1.3.0': { mode: 'down' } },
    });

    shop.control.set({ mode: 'failing', errorRate: 1, version: '1.4.0', afterMs: 200 });
    await release('1.4.0');
    expect(await status('/api/status')).toBe(200);
    await vi.waitFor(async () => expect(await status('/api/status')).toBe(500), 5_000);
    shop.control.set({ mode: 'healthy', version: '1.4.0' });
    expect(await status('/api/status')).toBe(200);
  });

  test('counts in the format of Prometheus', async () => {
    await Promise.all([status('/'), status('/'), status('/nowhere')]);
    const text = await (await fetch(`${shop.url}/metrics`)).text();
    expect(text).toContain('http_requests_total{method="GET",path="/",status="200"} 2');
    expect(text).toContain('http_requests_total{method="GET",path="other",status="404"} 1');
    expect(text).toMatch(
      /http_request_duration_seconds_bucket\{method="GET",path="\/",status="200",le="\+Inf"\} 2/,
    );
  });

  test('refuses what it does not understand', async () => {
    expect((await control({ mode: 'sideways' })).status).toBe(400);
    expect((await control({ mode: 'down', extra: 1 })).status).toBe(400);
    expect((await control({ mode: 'down' }, 'text/plain')).status).toBe(415);
    expect((await fetch(`${shop.url}/control`, { method: 'PUT' })).status).toBe(405);
    expect(shop.control.state().mode).toBe('healthy');
  });

  test('makes its own traffic when asked', async () => {
    const busy = await startShop({ remote: remote.path, traffic: 100 });
    await vi.waitFor(
      async () =>
        expect(await (await fetch(`${busy.url}/metrics`)).text()).toMatch(
          /path="\/health",status="200"\} \d/,
        ),
      5_000,
    );
    await busy.close();
  });
});
