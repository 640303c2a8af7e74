import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openCommand } from '../../../../src/adapters/targets/command/command.ts';
import { idOf } from '../../../../src/adapters/targets/command/runs.ts';
import { CommandSettings } from '../../../../src/adapters/targets/command/settings.ts';
import type {
  DeployHandle,
  DeployOrder,
  DeployStatus,
  Target,
} from '../../../../src/adapters/targets/port.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';

const order: DeployOrder = {
  kind: 'deploy',
  service: 'shop',
  release: { version: '1.3.0', tag: 'v1.3.0', commit: 'b'.repeat(40) },
  from: null,
};
const KEY = 'p-1/deploy-1';

let dir: string;
let folder: string;
let target: Target;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'command-'));
  folder = join(dir, 'data/command/shop', idOf(KEY));
  await mkdir(folder, { recursive: true });
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true, maxRetries: 5 });
});

/** The deploy command is a Node script; writing to these files of its run fails with ENOSPC. */
async function start(script: string, ...full: readonly string[]): Promise<DeployHandle> {
  await writeFile(join(dir, 'deploy.mjs'), script);
  for (const name of full) await symlink('/dev/full', join(folder, name));
  const settings = { use: 'command', deploy: [process.execPath, 'deploy.mjs'], timeout: '1m' };
  target = openCommand(
    CommandSettings.parse(settings),
    adapterContext({ dataDir: join(dir, 'data'), configDir: dir }),
  );
  return target.start(order, KEY);
}

const until = (handle: DeployHandle, expected: Partial<DeployStatus>) =>
  vi.waitFor(async () => expect(await target.follow(order, handle)).toMatchObject(expected), {
    timeout: 15_000,
    interval: 30,
  });

/** Ends without the last line when its output is broken. */
const TALKS = `import { writeFileSync } from 'node:fs';
  process.stdout.on('error', () => process.exit(9));
  for (let n = 0; n < 5; n++) { console.log('line', n); await new Promise((go) => setTimeout(go, 100)); }
  writeFileSync('done.txt', ''); `;

describe.skipIf(!existsSync('/dev/full'))('a deployment while the disk is full', () => {
  test('goes on when its output cannot be kept', async () => {
    const handle = await start(TALKS, 'output.log');
    await until(handle, { kind: 'succeeded' });
    expect(existsSync(join(dir, 'done.txt'))).toBe(true);
  });

  test('says in its output that some is lost', async () => {
    const handle = await start(`${TALKS} process.exitCode = 3;`, 'output.log');
    await until(handle, {
      kind: 'failed',
      reason: 'The command ended with exit code 3.',
      log: ['… output was lost: the disk is full; make room'],
    });
  });

  test('runs until its exit code is written down, however long that takes', async () => {
    const handle = await start('', '.end.json');
    await until(handle, { kind: 'running', detail: expect.stringContaining('while the disk is full') });
    await sleep(1_200);
    expect(await target.follow(order, handle)).toMatchObject({ kind: 'running' });
    await rm(join(folder, '.end.json'));
    await until(handle, { kind: 'succeeded' });
  });

  test('is found and can be cancelled while its number is not written down', async () => {
    const handle = await start('console.log("up"); setInterval(() => {}, 1000);', '.child.json');
    await until(handle, { kind: 'running', detail: 'up' });
    await target.cancel?.(handle);
    await until(handle, { kind: 'failed', reason: expect.stringContaining('cancelled') });
  });

  test('has its number written down as soon as there is room', async () => {
    const handle = await start('setInterval(() => {}, 1000);', '.child.json');
    await rm(join(folder, '.child.json'));
    await vi.waitFor(() => readFile(join(folder, 'child.json')), 5_000);
    await target.cancel?.(handle);
  });
});

describe('a deployment', () => {
  test('has the room for its exit code from before it starts', async () => {
    const handle = await start(
      `import { statSync } from 'node:fs'; import { dirname, join } from 'node:path';
       const { size } = statSync(join(dirname(process.env.SLIPWAY_OUTPUT), '.end.json')); process.exitCode = size >= 4096 ? 0 : 1;`,
    );
    await until(handle, { kind: 'succeeded' });
    expect(await readdir(folder)).not.toContain('.end.json');
  });

  test('says that its arguments are too long for the system, and not that it was lost', async () => {
    target = openCommand(
      CommandSettings.parse({ use: 'command', deploy: [process.execPath, '-e', 'x'.repeat(200_000)] }),
      adapterContext({ dataDir: join(dir, 'data'), configDir: dir }),
    );
    await until(await target.start(order, KEY), {
      kind: 'failed',
      reason: expect.stringContaining('too long'),
    });
  });
});
