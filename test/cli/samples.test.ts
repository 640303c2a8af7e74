import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from '../../src/cli/run.ts';
import type { Sample } from '../../src/domain/judge/sample.ts';
import { createLedger } from '../../src/engine/tables/ledger.ts';
import { freshDatabase, type TestDatabase } from '../engine/database.ts';

const START = Date.UTC(2026, 10, 20, 9);
let dir: string;
let database: TestDatabase;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-samples-'));
  database = await freshDatabase();
});
afterAll(async () => {
  await database?.close();
  await rm(dir, { recursive: true, force: true });
});

async function slipway(...argv: string[]) {
  let out = '';
  let err = '';
  const code = await runCli(
    argv,
    { DATABASE_URL: database.url },
    {
      result: (text) => {
        out += text;
      },
      message: (text) => {
        err += `${text}\n`;
      },
    },
  );
  return { code, out, err };
}

const ticks = (phase: Sample['phase'], from: number, count: number): Sample[] =>
  Array.from({ length: count }, (_, index) => ({
    at: new Date(from + (index + 1) * 30_000).toISOString(),
    phase,
    total: 600,
    errors: 1,
    latency: { edges_ms: [100, 250], counts: [500, 90, 10] },
  }));

test('the samples of a promotion are what a backtest reads', async () => {
  const ledger = createLedger({ pool: database.pool, now: () => START });
  await ledger.open({ id: 'shop-1', request: { service: 'shop', bump: 'auto', by: 'U1' }, channel: 'C1' });
  // The deployment itself took four minutes.
  const baseline = ticks('baseline', START - 3_840_000, 120);
  const after = ticks('after', START, 12);
  await ledger.addSamples('shop-1', [...after, ...baseline]);
  const monitor = {
    startedAt: START,
    endsAt: START + 1_200_000,
    tick: 12,
    judgement: { verdict: 'healthy', findings: [] },
    held: false,
    errorRates: [],
    blind: 0,
    reports: 0,
  } as const;
  await ledger.change('shop-1', { data: { monitor } });

  const { code, out } = await slipway('samples', 'shop-1');
  expect(code).toBe(0);
  const lines = out.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line) as Sample)).toEqual([
    ...baseline,
    { at: new Date(START).toISOString(), phase: 'baseline' },
    ...after,
  ]);

  const file = join(dir, 'shop-1.ndjson');
  await writeFile(file, out);
  const replayed = (await slipway('backtest', file, '--json')).out.trim().split('\n');
  expect(replayed).toHaveLength(13);
  expect(JSON.parse(replayed.at(-1) ?? '')).toMatchObject({ summary: { verdict: 'healthy' } });
  expect(JSON.parse(replayed[0] ?? '')).toMatchObject({ at: after[0]?.at });
});

test('a promotion that there is not, and a command line that is not whole', async () => {
  expect(await slipway('samples', 'shop-9')).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('shop-9'),
  });
  expect(await slipway('samples')).toMatchObject({
    code: 2,
    err: expect.stringContaining('samples PROMOTION'),
  });
});
