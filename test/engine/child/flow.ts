// A bot in small: runs a flow on the database of DATABASE_URL, dies where it is told, and says what happens.
import pg from 'pg';
import pino from 'pino';
import { createEngine } from '../../../src/engine/runs/engine.ts';
import type { Run } from '../../../src/flows/run/port.ts';

interface Orders {
  readonly url: string;
  readonly kind: 'embedded' | 'server';
  readonly start?: string;
  readonly send?: readonly { readonly id: string; readonly by: string; readonly key: string }[];
  /** `b before`, `b after`: in step b, before or after its effect; `waiting`: once the flow waits. */
  readonly dieAt?: string;
  readonly staleMs?: number;
}

const orders = JSON.parse(process.argv[2] ?? '{}') as Orders;
const pool = new pg.Pool({ connectionString: orders.url, max: 4 });
pool.on('error', () => undefined);

function say(what: string): void {
  process.stdout.write(`${what}\n`);
}

async function dieIf(place: string): Promise<void> {
  if (orders.dieAt !== place) return;
  say(`dies ${place}`);
  process.kill(process.pid, 'SIGKILL');
  await new Promise(() => undefined);
}

/** As an adapter does it: counts every attempt, has its effect once per key. */
async function effect(run: string, step: string): Promise<string> {
  await pool.query('insert into attempts (run, step) values ($1, $2)', [run, step]);
  await dieIf(`${step} before`);
  await pool.query('insert into effects (run, step) values ($1, $2) on conflict do nothing', [run, step]);
  await dieIf(`${step} after`);
  return `${step} by ${process.pid}`;
}

async function small(run: Run): Promise<void> {
  const a = await run.step('a', () => effect(run.id, 'a'));
  const b = await run.step('b', () => effect(run.id, 'b'));
  await run.step('waiting', async () => {
    say(`waiting ${run.id}`);
    setTimeout(() => void dieIf('waiting'), 100);
  });
  const message = await run.wait(120_000);
  const c = await run.step('c', () => effect(run.id, 'c'));
  const none = await run.wait(200);
  const at = await run.now();
  const d = await run.step('d', () => effect(run.id, 'd'));
  await run.step('end', async () => {
    await pool.query('insert into ends (run, told) values ($1, $2) on conflict do nothing', [
      run.id,
      JSON.stringify({ a, b, message, c, none, at, d }),
    ]);
    say(`ended ${run.id}`);
  });
}

const engine = createEngine({
  database: { kind: orders.kind, url: orders.url, pool },
  log: pino({ level: process.env['LOG_LEVEL'] ?? 'silent' }),
  now: Date.now,
  flows: { promote: small, rollback: small },
  onCrash: async (flow, id, error) => say(`crashed ${flow} ${id} ${String(error)}`),
  ...(orders.staleMs === undefined ? {} : { staleMs: orders.staleMs }),
});
await engine.launch();
say('launched');
if (orders.start !== undefined)
  await engine.runs.start('promote', orders.start, { promotionId: orders.start });
for (const { id, by, key } of orders.send ?? []) await engine.runs.send(id, { kind: 'hold', by }, key);

process.on('SIGTERM', async () => {
  await engine.shutdown();
  await pool.end();
  say('left');
  process.exit(0);
});
