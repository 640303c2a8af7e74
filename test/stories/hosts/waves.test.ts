import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stage, setStage } from '../stage.ts';

/** The shop in two regions: eu has a server of its own, us is the production of the sample. */
let dir: string;
let eu: Server;
let stage: Stage;
let isEuWell = true;
let orders: string;

/** A region is a branch; what was ordered for which is in a list. */
const script = (remote: string) => `#!/bin/sh
export GIT_DIR='${remote}'
if [ "$1" = live ]; then exec git rev-parse "$2"; fi
echo "$2 $SLIPWAY_TAG" >> '${orders}'
exec git update-ref "refs/heads/$2" "$3"
`;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-waves-'));
  orders = join(dir, 'orders');
  const program = join(dir, 'region.sh');
  eu = createServer((_request, response) => response.writeHead(isEuWell ? 200 : 503).end('eu'));
  await new Promise<void>((resolve) => eu.listen(0, '127.0.0.1', resolve));
  await writeFile(orders, '');
  await writeFile(program, script(join(dir, 'remote.git')));
  await chmod(program, 0o755);
  const region = (name: string, branch: string) => ({
    name,
    target: {
      use: 'command',
      deploy: [program, 'deploy', branch, '{commit}'],
      live: [program, 'live', branch],
    },
    checks: [{ use: 'http', url: `http://127.0.0.1:${(eu.address() as AddressInfo).port}/health` }],
  });
  const us = { ...region('us', 'production'), checks: [] };
  stage = await setStage({
    dir,
    target: { use: 'waves', timeout: '3s', waves: [region('eu', 'eu'), us] },
  });
  await stage.git('update-ref', 'refs/heads/eu', 'refs/heads/production');
});
afterAll(async () => {
  await stage?.end();
  eu?.close();
  if (dir) await rm(dir, { recursive: true, force: true });
});

const ordered = async () => (await readFile(orders, 'utf8')).trim().split('\n');
const inRegions = async () => [
  await stage.git('describe', '--tags', '--exact-match', 'eu'),
  await stage.git('describe', '--tags', '--exact-match', 'production'),
];

test('a release reaches one region after the other, each once, though the bot is killed between them', async () => {
  isEuWell = false;
  await stage.asks();
  await stage.press('grace', 'approve');
  await expect.poll(ordered, { timeout: 30_000 }).toEqual(['eu v1.3.0']);
  await stage.crash(async () => {
    isEuWell = true;
  });
  await stage.cardShows(/Shipped/, 60_000);
  expect(await ordered()).toEqual(['eu v1.3.0', 'production v1.3.0']);
  expect(await inRegions()).toEqual(['v1.3.0', 'v1.3.0']);
  await stage.expectNothingAmiss();
}, 120_000);

test('a region that fails its checks keeps the release from the next, and all go back', async () => {
  const commit = await stage.remote.commit({
    message: 'fix(cart): half a cent\n',
    files: { 'src/cent.js': 'export const cent = 0.5;\n' },
  });
  await stage.remote.setState({ stagingCommit: commit });
  await stage.asks();
  isEuWell = false;
  await stage.press('grace', 'approve');
  await stage.cardWith('rollback', 60_000);
  await stage.cardShows(/answered 503.*us: not begun.*Production has 1\.3\.1 and 1\.3\.0\./s);
  expect(await inRegions()).toEqual(['v1.3.1', 'v1.3.0']);
  isEuWell = true;
  await stage.press('linus', 'rollback');
  await stage.cardShows(/Rolled back/, 60_000);
  // Also where the release never was: what a command left half done is known to nobody else.
  expect((await ordered()).slice(2).sort()).toEqual(['eu v1.3.0', 'eu v1.3.1', 'production v1.3.0']);
  expect(await inRegions()).toEqual(['v1.3.0', 'v1.3.0']);
  await stage.expectNothingAmiss();
}, 120_000);
