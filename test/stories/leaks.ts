import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import type { Stage } from './stage.ts';

/** As it is, and as it is written in headers, addresses and dumps. */
export function spellings(secret: string | Uint8Array): readonly string[] {
  const bytes = Buffer.from(secret);
  const encoded = [bytes.toString('hex'), bytes.toString('base64'), bytes.toString('base64url')];
  return typeof secret === 'string' ? [secret, encodeURIComponent(secret), ...encoded] : encoded;
}

/** A PEM file: any line of it is too much. */
export function linesOf(pem: string): readonly string[] {
  return pem.split('\n').filter((line) => line.length > 20 && !line.startsWith('-----'));
}

/** Every row of every table as text, but for the table in which the bot keeps a secret of its own. */
async function everyRow(stage: Stage): Promise<string> {
  const tables = await stage.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'
       and not (table_schema = 'slipway' and table_name = 'secrets')`,
  );
  expect(tables.length).toBeGreaterThan(12);
  // One after the other: the stories that run at the same time share the server's connections.
  const texts: string[] = [];
  for (const { name } of tables) {
    const rows = await stage.query<{ text: string }>(`select t::text as text from ${name} t`);
    texts.push(...rows.map(({ text }) => text));
  }
  return texts.join('\n');
}

/** All that a promotion leaves behind, by where. The log is at its most talkative. */
async function leftBehind(stage: Stage): Promise<Readonly<Record<string, string>>> {
  await stage.workspace.quiet(300);
  const places = {
    log: await readFile(stage.logFile, 'utf8'),
    database: await everyRow(stage),
    'calls and events': JSON.stringify(stage.workspace.control.journal().map(({ args }) => args)),
    repository: await stage.git('log', '--all', '-p', '--format=%B'),
    tags: await stage.git('for-each-ref', '--format=%(contents)'),
  };
  expect(places.log, 'start the stage with LOG_LEVEL=trace').toContain('"level":10');
  expect(places.database).toContain('approval.given');
  return places;
}

/** No spelling of any secret is anywhere. */
export async function expectNoLeak(
  stage: Stage,
  secrets: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  for (const [place, text] of Object.entries(await leftBehind(stage))) {
    expect(text.length, place).toBeGreaterThan(200);
    for (const [what, written] of Object.entries(secrets)) {
      expect(written.length, what).toBeGreaterThan(0);
      expect(
        written.every((one) => one.length > 5),
        what,
      ).toBe(true);
      expect(written.filter((one) => text.includes(one)).length, `${what} is in the ${place}`).toBe(0);
    }
  }
}
