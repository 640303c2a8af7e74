import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startHttpServer } from '../fakes/http-server.ts';

const BIN = fileURLToPath(new URL('../../bin/slipway.mjs', import.meta.url));

test('what nobody reads any more is followed to its end all the same', async () => {
  const states = ['checking', 'deploying', 'monitoring', 'rolled-back'];
  const server = await startHttpServer((_request, response) => {
    const state = states.length > 1 ? states.shift() : states[0];
    response.end(JSON.stringify({ id: 'shop-1a', state, version: null }));
  });
  const child = spawn(process.execPath, [BIN, 'ship', 'shop', '--wait'], {
    env: { ...process.env, SLIPWAY_URL: server.url, SLIPWAY_TOKEN: 'token-0123456789-0123456789' },
  });
  child.stdout.once('data', () => child.stdout.destroy());
  const [code] = await once(child, 'exit');
  await server.close();
  expect({ code, left: states }).toEqual({ code: 1, left: ['rolled-back'] });
}, 30_000);
