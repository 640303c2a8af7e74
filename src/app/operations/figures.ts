import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { onMeasured } from '../../domain/operations/measures.ts';
import { CLOSED_STATES, OPEN_STATES } from '../../domain/promotion/promotion.ts';
import type { TableCounts } from '../../engine/tables/statistics/table-counts.ts';
import { isOk, PARTS, type Readiness } from './readiness.ts';

/** What is read when somebody asks; each null where it is not known now. */
export interface FigureSources {
  /** As they are configured now. */
  readonly services: () => readonly string[];
  readonly readiness: () => Promise<Readiness>;
  readonly counts: () => Promise<TableCounts | null>;
  readonly pool: () => { readonly total: number; readonly idle: number; readonly waiting: number } | null;
  readonly now: () => number;
}

export interface Figures {
  /** Of the answer. */
  readonly type: string;
  text(): Promise<string>;
  close(): void;
}

/** So many names of one kind get a series of their own; what comes on top is `other`. */
const MOST_NAMES = 100;
const STATES = [...OPEN_STATES, ...CLOSED_STATES];
const STEP_SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1_800];
const LAG_SECONDS = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300];

/** The figures of this process in Prometheus' text format. Listens until it is closed. */
export function openFigures(readings: FigureSources): Figures {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const { stops, begin } = listen(registry);
  const read = readGauges(registry, readings);
  // From the start, so that the first one is an increase.
  begin(readings.services());
  return {
    type: registry.contentType,
    async text() {
      begin(readings.services());
      await read();
      return registry.metrics();
    },
    close() {
      for (const stop of stops) stop();
      registry.clear();
    },
  };
}

/** What is told while it happens. */
function listen(registry: Registry): {
  readonly stops: readonly (() => void)[];
  /** Series of services that have none yet begin at 0. */
  begin(services: readonly string[]): void;
} {
  const registers = [registry];
  const finished = new Counter({
    name: 'slipway_promotions_finished_total',
    help: 'Promotions that this process saw come to an end, by service and the state that they ended in.',
    labelNames: ['service', 'state'],
    registers,
  });
  const steps = new Histogram({
    name: 'slipway_step_duration_seconds',
    help: 'How long the recorded steps of promotions took, by name and outcome.',
    labelNames: ['step', 'outcome'],
    buckets: STEP_SECONDS,
    registers,
  });
  const slack = new Counter({
    name: 'slipway_slack_calls_total',
    help: "Calls to Slack's Web API, by method and outcome.",
    labelNames: ['method', 'outcome'],
    registers,
  });
  const git = new Counter({
    name: 'slipway_git_processes_total',
    help: 'Git commands that ran, by command and outcome; refused is another exit code than 0.',
    labelNames: ['command', 'outcome'],
    registers,
  });
  const lag = new Histogram({
    name: 'slipway_watch_tick_lag_seconds',
    help: 'How much later than planned production was looked at while it is watched.',
    labelNames: ['service'],
    buckets: LAG_SECONDS,
    registers,
  });
  const [step, method, command, service] = [bounded(), bounded(), bounded(), bounded()];
  const begin = (services: readonly string[]) => {
    for (const name of services) for (const state of CLOSED_STATES) finished.inc({ service: name, state }, 0);
  };
  const stops = [
    onMeasured('ending', (seen) => finished.inc({ service: service(seen.service), state: seen.state })),
    onMeasured('step', ({ name, outcome, ms }) =>
      steps.observe({ step: step(stepName(name)), outcome }, ms / 1_000),
    ),
    onMeasured('slackCall', (seen) => slack.inc({ method: method(seen.method), outcome: seen.outcome })),
    onMeasured('gitProcess', (seen) => git.inc({ command: command(seen.command), outcome: seen.outcome })),
    onMeasured('tick', (seen) => lag.observe({ service: service(seen.service) }, seen.lagMs / 1_000)),
  ];
  return { stops, begin };
}

/** What is read when somebody asks; what is not known then is absent, and not 0. */
function readGauges(
  registry: Registry,
  { services, readiness, counts, pool, now }: FigureSources,
): () => Promise<void> {
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Gauge({ name: `slipway_${name}`, help, labelNames, registers: [registry] });
  const ready = gauge('ready', 'Whether a part of the bot can do its work, 0 or 1.', ['part']);
  const promotions = gauge('promotions', 'Promotions in the database, by service and state.', [
    'service',
    'state',
  ]);
  const waiting = gauge('outbox_waiting', 'Cards and messages that still have to be sent to Slack.');
  const age = gauge('outbox_oldest_seconds', 'How long the oldest of them has waited; 0 when nothing waits.');
  const connections = gauge('database_connections', 'Connections of the pool, in use or idle.', ['state']);
  const queries = gauge('database_waiting', 'Queries that wait for a connection of the pool.');

  return async () => {
    const state = await readiness();
    const held = isOk(state, 'database') ? await counts() : null;
    for (const part of PARTS) ready.set({ part }, isOk(state, part) ? 1 : 0);
    for (const one of [promotions, connections]) one.reset();
    for (const one of [waiting, age, queries]) one.remove();
    const used = pool();
    if (used !== null) {
      connections.set({ state: 'in use' }, used.total - used.idle);
      connections.set({ state: 'idle' }, used.idle);
      queries.set(used.waiting);
    }
    if (held === null) return;
    const known = new Set(services());
    for (const service of known) for (const name of STATES) promotions.set({ service, state: name }, 0);
    for (const { service, state: name, count } of held.promotions)
      if (known.has(service)) promotions.set({ service, state: name }, count);
    waiting.set(held.outbox.waiting);
    age.set(held.outbox.since === null ? 0 : Math.max(0, now() - held.outbox.since) / 1_000);
  };
}

/** Steps that are done several times have a number behind their name, and some have what they are about. */
function stepName(name: string): string {
  return /^[a-z]+(?:-[a-z]+)*/.exec(name)?.[0].replace(/-retry$/, '') ?? 'other';
}

/** Lets the first names through as they are. */
function bounded(): (name: string) => string {
  const known = new Set<string>();
  return (name) => {
    if (known.size < MOST_NAMES) known.add(name);
    return known.has(name) ? name : 'other';
  };
}
