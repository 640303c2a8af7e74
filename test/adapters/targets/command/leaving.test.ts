import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openCommand } from '../../../../src/adapters/targets/command/command.ts';
import { CommandSettings } from '../../../../src/adapters/targets/command/settings.ts';
import type { DeployOrder } from '../../../../src/adapters/targets/port.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';

const order: DeployOrder = {
  kind: 'deploy',
  service: 'shop',
  release: { version: '1.3.0', tag: 'v1.3.0', commit: 'b'.repeat(40) },
  from: null,
};

let dir: string;
beforeEach(async () => {
  vi.resetModules();
  dir = await mkdtemp(join(tmpdir(), 'command-'));
});
afterEach(async () => {
  // Files share their process: the next one is not about to end.
  vi.resetModules();
  await rm(dir, { recursive: true, force: true, maxRetries: 5 });
});

/** A process of its own, as far as it knows. */
async function aProcess() {
  const { commandsOver } = await import('../../../../src/adapters/targets/command/leaving.ts');
  const { openCommand: open } = await import('../../../../src/adapters/targets/command/command.ts');
  const settings = CommandSettings.parse({ use: 'command', deploy: [process.execPath, 'deploy.mjs'] });
  return {
    target: open(settings, adapterContext({ dataDir: join(dir, 'data'), configDir: dir })),
    commandsOver,
    settings,
  };
}

test('a process that ends waits for the commands that it started, and for those who follow them', async () => {
  await writeFile(
    join(dir, 'deploy.mjs'),
    `import { writeFileSync } from 'node:fs'; setTimeout(() => writeFileSync('done.txt', ''), 1000);`,
  );
  const { target, commandsOver } = await aProcess();
  await target.start(order, 'k');
  const waited = vi.fn();
  expect(await commandsOver(3_000, waited)).toBe(0);
  expect(waited).toHaveBeenCalledExactlyOnceWith(1);
  expect(existsSync(join(dir, 'done.txt'))).toBe(true);
});

test('no longer than it may, and says how many it leaves behind', async () => {
  await writeFile(join(dir, 'deploy.mjs'), 'setInterval(() => {}, 1000);');
  const { target, commandsOver } = await aProcess();
  const handle = await target.start(order, 'k');
  const began = performance.now();
  expect(await commandsOver(300, () => {})).toBe(1);
  expect(performance.now() - began).toBeLessThan(2_000);
  await target.cancel?.(handle);
});

test('it does not wait when nothing runs, and starts no command any more: the next process does', async () => {
  await writeFile(join(dir, 'deploy.mjs'), '');
  const { target, commandsOver, settings } = await aProcess();
  const waited = vi.fn();
  expect(await commandsOver(60_000, waited)).toBe(0);
  expect(waited).not.toHaveBeenCalled();
  await expect(target.start(order, 'k')).rejects.toMatchObject({
    name: 'Unavailable',
    reason: expect.stringContaining('is being stopped'),
  });
  const next = openCommand(settings, adapterContext({ dataDir: join(dir, 'data'), configDir: dir }));
  const handle = await next.start(order, 'k');
  await vi.waitFor(
    async () => expect(await next.follow(order, handle)).toMatchObject({ kind: 'succeeded' }),
    10_000,
  );
});
