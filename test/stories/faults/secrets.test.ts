import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectNoLeak, spellings } from '../leaks.ts';
import { type Stage, setStage } from '../stage.ts';

/** A token that nobody else has, for a service that repeats it when it complains. */
const TOKEN = 'tok-9f3a-never-to-be-seen-7c21';

let stage: Stage;
let asked = 0;
let heard = '';
const chatterbox = createServer((request, response) => {
  asked += 1;
  const said = String(request.headers.authorization);
  heard = said;
  response.statusCode = asked <= 2 ? 500 : 200;
  response.setHeader('x-echo', said);
  response.end(asked <= 2 ? `I do not like ${said}` : 'fine');
});

beforeAll(async () => {
  await new Promise<void>((resolve) => chatterbox.listen(0, '127.0.0.1', resolve));
  const { port } = chatterbox.address() as AddressInfo;
  stage = await setStage({
    env: { CHECK_TOKEN: TOKEN, LOG_LEVEL: 'trace' },
    overrides: {
      checks: [
        {
          use: 'http',
          url: `http://127.0.0.1:${port}/health`,
          headers: { authorization: { env: 'CHECK_TOKEN', prefix: 'Bearer ' } },
        },
      ],
    },
  });
});
afterAll(async () => {
  await stage.end();
  chatterbox.close();
});

test('no secret is in a log, the database, a message or the repository, whatever goes wrong', async () => {
  const { workspace, shop } = stage;
  await stage.asks();
  // Everything that is said in a log because it failed.
  workspace.control.failHttp('chat.update', 2, 500);
  workspace.control.failWith('chat.update', 'internal_error');
  workspace.control.rateLimit('chat.postMessage', 1, 1);
  workspace.control.disconnect('abrupt');
  await workspace.waitForConnection(30_000);
  await workspace.as('linus').click(stage.card(), 'details');
  await stage.press('grace', 'approve');
  await stage.cardShows(/Shipped/, 90_000);
  expect(shop.control.state().live?.version).toBe('1.3.0');
  expect(asked).toBeGreaterThan(2);
  expect(heard).toBe(`Bearer ${TOKEN}`);
  await workspace.as('grace').command('/ship-prod history shop --audit');
  await stage.told('grace', /of the audit/);

  const [secret] = await stage.query<{ value: Buffer }>('select value from slipway.secrets');
  const password = new URL(stage.databaseUrl).password;
  await expectNoLeak(stage, {
    'the token of the check': spellings(TOKEN),
    'the bot token': spellings(workspace.botToken),
    'the app token': spellings(workspace.appToken),
    'the signing secret': spellings(workspace.signingSecret),
    'the key of the buttons': spellings(secret?.value ?? ''),
    ...(password === '' ? {} : { 'the password of the database': [`:${password}@`] }),
  });
  expect(await readFile(stage.logFile, 'utf8')).toMatch(/internal_error|500/);
});
