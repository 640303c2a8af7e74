import { expect, test, vi } from 'vitest';
import { NEW, OLD, openPage, order } from './page.ts';

test('an update that Swarm goes on with is followed where the client loses its connection', async () => {
  const page = await openPage('swarm.md');
  page.change({ slow: 500, lost: true });
  expect(await page.deploy(order, 'p-1/deploy-1')).toMatchObject({ kind: 'succeeded' });
  expect(await page.target.live()).toMatchObject({ version: NEW.version });
});

test('a manager that does not answer for a moment ends nothing', async () => {
  const page = await openPage('swarm.md');
  page.change({ slow: 500 });
  const over = page.deploy(order, 'p-1/deploy-1');
  await vi.waitFor(() => expect(page.state()).toMatchObject({ update: { state: 'updating' } }), {
    timeout: 15_000,
  });
  page.change({ blips: 2 });
  expect(await over).toMatchObject({ kind: 'succeeded' });
  expect(await page.target.live()).toMatchObject({ version: NEW.version });
});

test('an update that was never taken is not told from how the one before ended', async () => {
  const page = await openPage('swarm.md');
  page.change({ update: { state: 'completed' }, refuse: 'Error response from daemon: permission denied' });
  const status = await page.deploy(order, 'p-1/deploy-1');
  expect(status).toMatchObject({ kind: 'failed' });
  expect(JSON.stringify(status)).toContain('permission denied');
  expect(await page.target.live()).toMatchObject({ version: OLD.version });
});
