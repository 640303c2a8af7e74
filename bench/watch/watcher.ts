import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { openSlack } from '../../src/adapters/slack/announcer.ts';
import { openServices } from '../../src/app/services.ts';
import { loadConfig } from '../../src/config/load.ts';
import { openDatabase } from '../../src/engine/database/open.ts';
import { JOURNAL_SCHEMA } from '../../src/engine/migrations/grants.ts';
import { prepareTables } from '../../src/engine/migrations/prepare.ts';
import { createOutbox } from '../../src/engine/outbox/outbox.ts';
import { createEngine } from '../../src/engine/runs/engine.ts';
import { createLedger } from '../../src/engine/tables/ledger.ts';
import type { Ports } from '../../src/flows/run/ports.ts';
import { PromotionRun } from '../../src/flows/run/promotion-run.ts';
import { monitor } from '../../src/flows/steps/monitor.ts';

/** What one process that watches found out. */
export interface Watched {
  /** How late each tick was read, ms. */
  readonly lags: readonly number[];
  /** CPU of this process while it watched, per tick, ms. */
  readonly cpuPerTick: number;
  /** Highest memory of this process, MB. */
  readonly rss: number;
  /** What one watch keeps in the database, per tick, bytes: its journal and its samples. */
  readonly bytesPerTick: number;
}

// Watches so many services with the bot's own flow, engine, ledger and metric source, on the embedded database.
const [dir = '', prometheus = '', windows = '0', seconds = '0'] = process.argv.slice(2);
const [count, watchMs] = [Number(windows), Number(seconds) * 1_000];
const TICK_MS = 30_000;
const BASELINE_TICKS = 120;
const RELEASE = { version: '1.3.0', tag: 'v1.3.0', commit: 'c'.repeat(40) };

mkdirSync(dir, { recursive: true });
const services = Array.from({ length: count }, (_, n) => [
  `service-${n}`,
  {
    repository: { use: 'git', url: `file://${dir}/none-${n}.git` },
    target: { use: 'command', deploy: ['true'] },
    metrics: { use: 'prometheus', url: prometheus, selector: `job="service-${n}"` },
    monitor: { window: '30m', tick: '30s', baseline: '1h' },
  },
]);
const file = join(dir, 'slipway.yaml');
writeFileSync(
  file,
  JSON.stringify({ slack: { channel: '#ship' }, data: 'data', services: Object.fromEntries(services) }),
);
const log = pino({ level: 'error' }, pino.destination(2));
const config = await loadConfig(file);
const opened = new Map([...openServices(config, process.env, log)].map(([name, { ports }]) => [name, ports]));
const database = await openDatabase({ dataDir: config.dataDir, log });
await prepareTables(database, log);
const ledger = createLedger({ pool: database.pool, now: Date.now });
const outbox = createOutbox({ database, now: Date.now, log });
const slack = openSlack(outbox, async () => 'https://shop.slack.test/card');

const lags: number[] = [];
let isMeasured = false;
const portsOf = (service: string): Ports => {
  const adapters = opened.get(service);
  const metrics = adapters?.metrics;
  if (!adapters || !metrics) throw new Error(`there is no ${service}`);
  const read: typeof metrics.read = (range, phase, signal) => {
    if (isMeasured) lags.push(Date.now() - range.toMs - (metrics.delayMs ?? 0));
    return metrics.read(range, phase, signal);
  };
  const timed = new Proxy(metrics, {
    get: (all, key) => (key === 'read' ? read : Reflect.get(all, key, all)),
  });
  return { ...adapters, metrics: timed, ledger, slack, people: undefined as unknown as Ports['people'] };
};
const engine = createEngine({
  database,
  log,
  now: Date.now,
  flows: {
    promote: async (run, { promotionId }) => {
      const { service } = await ledger.get(promotionId);
      const now = Date.now();
      const deployment = { startedAt: now, finishedAt: now };
      await monitor(new PromotionRun(run, portsOf(service), promotionId), {
        release: RELEASE,
        deployment,
        before: null,
        report: null,
      });
    },
    rollback: async () => undefined,
  },
  onCrash: async (_flow, id, error) => console.error(`${id} crashed`, error),
});
await engine.launch();

// Watches begin over one tick, as deployments do not all end at once.
const began = Date.now();
for (let n = 0; n < count; n++) {
  const service = `service-${n}`;
  await ledger.open({ id: service, request: { service, bump: 'auto', by: 'U0ADA' }, channel: 'C0SHIP' });
  const samples = await portsOf(service).metrics?.read(
    { fromMs: Date.now() - BASELINE_TICKS * TICK_MS, toMs: Date.now(), stepMs: TICK_MS },
    'baseline',
  );
  await ledger.addSamples(service, samples ?? []);
  await engine.runs.start('promote', service, { promotionId: service });
  await sleep(Math.max(0, began + ((n + 1) * TICK_MS) / count - Date.now()));
}
const cpu = process.cpuUsage();
isMeasured = true;
let rss = 0;
const until = Date.now() + watchMs;
while (Date.now() < until) {
  rss = Math.max(rss, process.memoryUsage.rss());
  await sleep(500);
}
isMeasured = false;
const { user, system } = process.cpuUsage(cpu);
const { rows } = await database.pool.query<{ bytes: string; ticks: string }>(
  `select sum(pg_column_size(o.*)) as bytes, count(*) filter (where function_name like 'monitor-tick%') as ticks
   from ${JOURNAL_SCHEMA}.operation_outputs o`,
);
const watched: Watched = {
  lags,
  cpuPerTick: (user + system) / 1_000 / Math.max(1, lags.length),
  rss: rss / 1_048_576,
  bytesPerTick: Number(rows[0]?.bytes ?? 0) / Math.max(1, Number(rows[0]?.ticks ?? 0)),
};
console.log(JSON.stringify(watched));
process.exit(0);
