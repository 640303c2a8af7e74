import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { AlertSource } from '../../src/adapters/alerts/port.ts';
import { promote } from '../../src/flows/promote.ts';
import { adapterContext } from '../fakes/adapter-context.ts';
import { drive, MemoryRun } from '../fakes/memory-run.ts';
import { House } from '../flows/house.ts';
import { alerts } from '../support/all-adapters.ts';
import { describeWith, freePort } from './program.ts';

const CONFIG = `
route: { receiver: nobody, group_wait: 0s, group_interval: 1s }
receivers: [{ name: nobody }]
inhibit_rules:
  - source_matchers: [alertname="Everything"]
    target_matchers: [severity="warning"]
    equal: [service]
`;

describeWith('prometheus-alertmanager', 'prometheus-alertmanager')('a real Alertmanager', () => {
  let dir: string;
  let server: ChildProcess;
  let url: string;
  let source: AlertSource;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'alertmanager-'));
    await writeFile(join(dir, 'alertmanager.yml'), CONFIG);
    url = `http://127.0.0.1:${await freePort()}`;
    server = spawn(
      'prometheus-alertmanager',
      [
        `--config.file=${join(dir, 'alertmanager.yml')}`,
        `--storage.path=${join(dir, 'data')}`,
        `--web.listen-address=${new URL(url).host}`,
        '--cluster.listen-address=',
      ],
      { stdio: 'ignore' },
    );
    await vi.waitFor(async () => expect((await fetch(`${url}/-/ready`)).status).toBe(200), {
      timeout: 30_000,
      interval: 100,
    });
    source = alerts.open(
      alerts.settings.parse({ use: 'alertmanager', url, labels: { service: 'shop' } }),
      adapterContext(),
    );
  });
  afterAll(async () => {
    const gone = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGKILL');
    await gone;
    await rm(dir, { recursive: true, force: true });
  });

  const post = async (path: string, body: unknown) => {
    const reply = await fetch(`${url}/api/v2/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(reply.status).toBe(200);
    return reply;
  };
  const fires = (alertname: string, severity: string, ended = false) =>
    post('alerts', [
      {
        labels: { alertname, severity, service: 'shop' },
        generatorURL: 'http://prometheus.example/graph',
        startsAt: new Date(Date.now() - 5_000).toISOString(),
        ...(ended ? { endsAt: new Date(Date.now() - 1).toISOString() } : {}),
      },
    ]);
  const names = async () => (await source.firing()).map(({ name }) => name).sort();
  const soon = (wanted: readonly string[]) =>
    vi.waitFor(async () => expect(await names()).toEqual(wanted), { timeout: 10_000, interval: 50 });

  test('tells what fires, and leaves out what is silenced, inhibited, over or of another service', async () => {
    expect(await source.preflight()).toBe('Alertmanager answers: no alerts fire.');
    await fires('ShopDown', 'critical');
    await fires('Slow', 'warning');
    await post('alerts', [{ labels: { alertname: 'OtherDown', severity: 'critical', service: 'other' } }]);
    await soon(['ShopDown', 'Slow']);
    const before = await source.firing();
    expect(before.map(({ name, critical }) => [name, critical])).toEqual([
      ['ShopDown', true],
      ['Slow', false],
    ]);
    await fires('Everything', 'critical');
    await soon(['Everything', 'ShopDown']);
    await post('silences', {
      matchers: [{ name: 'alertname', value: 'ShopDown', isRegex: false, isEqual: true }],
      startsAt: new Date().toISOString(),
      endsAt: new Date(Date.now() + 60_000).toISOString(),
      createdBy: 'ada',
      comment: 'known',
    });
    await soon(['Everything']);
    await fires('Everything', 'critical', true);
    await soon(['Slow']);
    // The identity is the same when it fires again.
    const [slow] = await source.firing();
    expect(slow?.id).toBe(before.find(({ name }) => name === 'Slow')?.id);
    await fires('Slow', 'warning', true);
    await soon([]);
  });

  test('quotes what it says of labels that it does not take', async () => {
    const odd = alerts.open(
      alerts.settings.parse({ use: 'alertmanager', url: `${url}/nowhere`, labels: { service: 'shop' } }),
      adapterContext(),
    );
    await expect(odd.firing()).rejects.toMatchObject({ code: 'source-refused' });
  });

  test('a promotion is rolled back by an alert that fires after the deploy', async () => {
    const house = new House({}, 10 * 60_000);
    await house.open();
    let isFired = false;
    const script = async () => {
      const state = await house.state('shop-0001');
      if (state === 'awaiting-approval') {
        return (await house.approveOnce('shop-0001')) ? ({ kind: 'vote' } as const) : null;
      }
      if (state === 'monitoring' && !isFired) {
        isFired = true;
        // As by the clock of the promotion, which is not that of the server.
        const startsAt = new Date(house.clock.now()).toISOString();
        const endsAt = new Date(house.clock.now() + 3_600_000).toISOString();
        const labels = { alertname: 'CheckoutFails', severity: 'critical', service: 'shop' };
        await post('alerts', [{ labels, startsAt, endsAt }]);
        await soon(['CheckoutFails']);
      }
      return null;
    };
    const run = new MemoryRun({ id: 'shop-0001', clock: house.clock, script });
    await drive(run, (journal) => promote(journal, { ...house.ports, alerts: [source] }, 'shop-0001'));
    const { state, data } = await house.ledger.get('shop-0001');
    expect(state).toBe('rolled-back');
    expect(data.rollback?.reason).toBe(
      'alerts in Alertmanager: Critical alert CheckoutFails fires since the deploy.',
    );
  });
});
