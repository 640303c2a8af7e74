import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Figures, openFigures } from '../../src/app/operations/figures.ts';
import { measured } from '../../src/domain/operations/measures.ts';

let figures: Figures;

let services: readonly string[];

beforeEach(() => {
  services = ['shop'];
  figures = openFigures({
    services: () => services,
    readiness: async () => ({
      ready: false,
      parts: { database: 'ok', slack: 'there is no connection to Slack', place: 'ok', outbox: 'ok' },
    }),
    counts: async () => ({
      promotions: [
        { service: 'shop', state: 'shipped', count: 3 },
        { service: 'gone', state: 'shipped', count: 9 },
      ],
      outbox: { waiting: 2, since: 4_000 },
    }),
    pool: () => ({ total: 5, idle: 3, waiting: 1 }),
    now: () => 10_000,
  });
});
afterEach(() => figures.close());

function tellAll(): void {
  measured('ending', { promotion: 'shop-1', service: 'shop', state: 'failed', since: 0 });
  measured('step', { name: 'deploy-from-2-retry-3', outcome: 'done', ms: 1_500 });
  measured('slackCall', { method: 'chat.update', outcome: 'wait' });
  measured('gitProcess', { command: 'fetch', outcome: 'refused' });
  measured('tick', { service: 'shop', lagMs: 2_500 });
}

test('counts what is told, and reads the rest when somebody asks', async () => {
  tellAll();
  const text = await figures.text();
  for (const line of [
    'slipway_promotions_finished_total{service="shop",state="failed"} 1',
    'slipway_promotions_finished_total{service="shop",state="shipped"} 0',
    'slipway_step_duration_seconds_sum{step="deploy-from",outcome="done"} 1.5',
    'slipway_slack_calls_total{method="chat.update",outcome="wait"} 1',
    'slipway_git_processes_total{command="fetch",outcome="refused"} 1',
    'slipway_watch_tick_lag_seconds_sum{service="shop"} 2.5',
    'slipway_promotions{service="shop",state="shipped"} 3',
    'slipway_ready{part="slack"} 0',
    'slipway_outbox_waiting 2',
    'slipway_outbox_oldest_seconds 6',
    'slipway_database_connections{state="in use"} 2',
    'slipway_database_waiting 1',
  ])
    expect(text).toContain(`${line}\n`);
  expect(text).not.toContain('gone');
});

test('has the services that a reload brings, and not those that it takes out', async () => {
  services = ['shop', 'gone'];
  const text = await figures.text();
  expect(text).toContain('slipway_promotions{service="gone",state="shipped"} 9\n');
  expect(text).toContain('slipway_promotions_finished_total{service="gone",state="failed"} 0\n');
  services = ['gone'];
  expect(await figures.text()).not.toContain('slipway_promotions{service="shop"');
});

test('has a bounded number of series, whatever the names', async () => {
  for (let nr = 0; nr < 1_000; nr += 1) measured('slackCall', { method: `m${nr}`, outcome: 'done' });
  const text = await figures.text();
  expect(text.match(/^slipway_slack_calls_total\{/gm)).toHaveLength(101);
  expect(text).toContain('slipway_slack_calls_total{method="other",outcome="done"} 900\n');
});

test('listens no longer once it is closed', async () => {
  figures.close();
  tellAll();
  expect(await figures.text()).not.toContain('failed');
});

test('every figure that the alert rules and the dashboard name is there', async () => {
  tellAll();
  const series = (await figures.text()).split('\n').map((line) => /^\w+/.exec(line)?.[0]);
  const known = new Set([...series, 'up']);
  const read = (name: string) =>
    readFileSync(new URL(`../../examples/monitoring/${name}`, import.meta.url), 'utf8');
  const rules: readonly string[] = parse(read('alerts.yml')).groups.flatMap(
    ({ rules }: { rules: { expr: string }[] }) => rules.map(({ expr }) => expr),
  );
  const panels: readonly string[] = JSON.parse(read('dashboard.json')).panels.flatMap(
    ({ targets }: { targets: { expr: string }[] }) => targets.map(({ expr }) => expr),
  );
  const named = [...rules, ...panels].flatMap(
    (expr) => expr.match(/\b(?:slipway|nodejs|process)_\w+|\bup\b/g) ?? [],
  );
  expect(rules.length + panels.length).toBeGreaterThan(15);
  expect(named.length).toBeGreaterThan(rules.length);
  expect([...new Set(named)].filter((name) => !known.has(name))).toEqual([]);
});
