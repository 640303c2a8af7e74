import { expect, test, vi } from 'vitest';
import { back, machine, NEW, OLD, openPage, order } from './page.ts';

const OTHERS = [
  ['of a cron job, made by hand', machine('registry.fly.io/shop:cron', { metadata: { purpose: 'cron' } })],
  ['without any metadata', machine('registry.fly.io/shop:cron', {})],
  [
    'of a release command',
    machine(`registry.fly.io/shop:${NEW.tag}`, {
      metadata: { fly_platform_version: 'v2', fly_process_group: 'fly_app_release_command' },
    }),
  ],
  [
    'of a console',
    machine(`registry.fly.io/shop:${NEW.tag}`, {
      metadata: { fly_platform_version: 'v2', fly_process_group: 'fly_app_console' },
    }),
  ],
  ['that is gone', { ...machine(`registry.fly.io/shop:${NEW.tag}`), state: 'destroyed' }],
] as const;

test.each(OTHERS)('a machine %s says nothing of what is live', async (_, other) => {
  const page = await openPage('fly.md');
  page.change(({ machines }) => void (machines as object[]).push(other));
  expect(await page.target.live()).toMatchObject({ version: OLD.version });
  expect(await page.deploy(order, 'p-1/deploy-1')).toMatchObject({ kind: 'succeeded' });
  expect(await page.target.live()).toMatchObject({ version: NEW.version });
});

test('a machine whose host does not answer counts by what is known of it', async () => {
  const page = await openPage('fly.md');
  const { config, ...known } = machine(`registry.fly.io/shop:${NEW.tag}`);
  page.change(({ machines }) => void (machines as object[]).push({ ...known, incomplete_config: config }));
  await expect(page.target.live()).rejects.toThrow(/machines differ: 1\.2\.0, 1\.3\.0/);
});

test('nothing is live where there are no machines, and no release where others made them', async () => {
  const page = await openPage('fly.md');
  page.change({ machines: [] });
  expect(await page.target.live()).toBeNull();
  page.change({ machines: null });
  expect(await page.target.live()).toBeNull();
  page.change({ machines: [machine('registry.fly.io/shop:cron', {})] });
  await expect(page.target.live()).rejects.toMatchObject({ code: 'target-live-not-understood' });
});

test('Cancel leaves fly between two machines, and a rollback brings all of them back', async () => {
  const page = await openPage('fly.md');
  page.change({ slow: 60_000 });
  const handle = await page.target.start(order, 'p-1/deploy-1');
  await vi.waitFor(() => expect(JSON.stringify(page.state())).toContain(NEW.tag), { timeout: 15_000 });
  await page.target.cancel?.(handle);
  await expect(page.target.live()).rejects.toThrow(/machines differ: 1\.2\.0, 1\.3\.0/);
  page.change({ slow: 0 });
  expect(await page.deploy(back, 'p-1/rollback-1')).toMatchObject({ kind: 'succeeded' });
  expect(await page.target.live()).toMatchObject({ version: OLD.version });
});
