import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stage, setStage } from './stage.ts';

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

/** As it is, and as it is written in headers, addresses and dumps. */
function spellings(secret: string | Uint8Array): readonly string[] {
  const bytes = Buffer.from(secret);
  const encoded = [bytes.toString('hex'), bytes.toString('base64'), bytes.toString('base64url')];
  return typeof secret === 'string' ? [secret, encodeURIComponent(secret), ...encoded] : encoded;
}

/** Every row of every table as text, but for the table in which the secret is kept. */
async function everyRow(): Promise<string> {
  const tables = await stage.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'
       and not (table_schema = 'slipway' and table_name = 'secrets')`,
  );
  expect(tables.length).toBeGreaterThan(12);
  const texts = await Promise.all(
    tables.map(({ name }) => stage.query<{ text: string }>(`select t::text as text from ${name} t`)),
  );
  return texts
    .flat()
    .map(({ text }) => text)
    .join('\n');
}

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
  await workspace.quiet(300);

  const [secret] = await stage.query<{ value: Buffer }>('select value from slipway.secrets');
  const password = new URL(stage.databaseUrl).password;
  const secrets: Readonly<Record<string, readonly string[]>> = {
    'the token of the check': spellings(TOKEN),
    'the bot token': spellings(workspace.botToken),
    'the app token': spellings(workspace.appToken),
    'the signing secret': spellings(workspace.signingSecret),
    'the key of the buttons': spellings(secret?.value ?? ''),
    ...(password === '' ? {} : { 'the password of the database': [`:${password}@`] }),
  };
  const places: Readonly<Record<string, string>> = {
    log: await readFile(stage.logFile, 'utf8'),
    database: await everyRow(),
    'calls and events': JSON.stringify(workspace.control.journal().map(({ args }) => args)),
    repository: await stage.git('log', '--all', '-p', '--format=%B'),
    tags: await stage.git('for-each-ref', '--format=%(contents)'),
  };
  expect(places['log']).toContain('"level":10');
  expect(places['log']).toMatch(/internal_error|500/);
  expect(places['database']).toContain('approval.given');
  for (const [place, text] of Object.entries(places)) {
    expect(text.length, place).toBeGreaterThan(200);
    for (const [what, written] of Object.entries(secrets)) {
      expect(
        written.every((one) => one.length > 5),
        what,
      ).toBe(true);
      expect(written.filter((one) => text.includes(one)).length, `${what} is in the ${place}`).toBe(0);
    }
  }
});
