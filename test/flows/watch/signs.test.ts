import { describe, expect, test } from 'vitest';
import type { AlertSource } from '../../../src/adapters/alerts/port.ts';
import type { LogSource } from '../../../src/adapters/logs/port.ts';
import type { FiringAlert } from '../../../src/domain/alerts/alert.ts';
import type { Policy } from '../../../src/domain/policy/service.ts';
import { promote } from '../../../src/flows/promote.ts';
import type { RunMessage } from '../../../src/flows/run/port.ts';
import { MemoryAlerts } from '../../fakes/memory-alerts.ts';
import { MemoryLogs } from '../../fakes/memory-logs.ts';
import { drive, MemoryRun } from '../../fakes/memory-run.ts';
import { House, STATE } from '../house.ts';

const MINUTE = 60_000;
const ID = 'shop-0001';
const REPORT = STATE.replace('state.yaml', 'production-ship-report.md');
const down = (critical = true): FiringAlert => ({ id: 'f1', name: 'ShopDown', critical });

class Shipping {
  readonly house: House;
  alerts: AlertSource[] = [];
  logs: LogSource[] = [];

  constructor(policy: Partial<Policy> = {}) {
    this.house = new House(policy, 10 * MINUTE);
  }

  /** Minutes since the release went live; negative before. */
  get minute(): number {
    return this.#liveAt === null ? -1 : (this.house.clock.now() - this.#liveAt) / MINUTE;
  }
  #liveAt: number | null = null;

  async run(people: (state: string) => RunMessage | null = () => null) {
    const { house } = this;
    await house.open();
    const script = async () => {
      const { data } = await house.ledger.get(ID);
      this.#liveAt = data.deployment?.finishedAt ?? null;
      if ((await house.state(ID)) !== 'awaiting-approval') return people(await house.state(ID));
      return (await house.approveOnce(ID)) ? ({ kind: 'vote' } as const) : null;
    };
    const run = new MemoryRun({ id: ID, clock: house.clock, script });
    const ports = { ...house.ports, alerts: this.alerts, logs: this.logs };
    const ended = await drive(run, (journal) => promote(journal, ports, ID));
    if (ended.kind === 'crashed') throw new Error('it cannot crash here');
    const { data, state } = await house.ledger.get(ID);
    const reasons = data.monitor?.judgement.findings.map(({ reason }) => reason) ?? [];
    return { state, data, reasons, said: house.slack.notices('monitor') };
  }
}

const accepting = (state: string): RunMessage | null =>
  state === 'monitoring' ? { kind: 'accept', by: 'U_ADA' } : null;

describe('alerts in the watch', () => {
  test('a critical one that comes after the deploy rolls back, where the policy says so', async () => {
    const shipping = new Shipping();
    shipping.alerts = [new MemoryAlerts(() => (shipping.minute >= 2 ? [down()] : []))];
    const { state, data } = await shipping.run();
    expect(state).toBe('rolled-back');
    expect(data.rollback?.reason).toBe('alerts in Pager: Critical alert ShopDown fires since the deploy.');
    const incident = shipping.house.repository.text(
      'main',
      data.rollback?.incidentPath ?? 'specs/014-coupons/incident-v1.3.0.md',
    );
    expect(incident).toContain('alerts in Pager');
  });

  test('another one asks people, is told once, and keeps the window open', async () => {
    const shipping = new Shipping();
    shipping.alerts = [new MemoryAlerts(() => (shipping.minute >= 2 ? [down(false)] : []))];
    let waits = 0;
    const { state, data, said } = await shipping.run((now) => (++waits > 60 ? accepting(now) : null));
    expect(state).toBe('shipped');
    const alarms = said.filter(({ alarm }) => alarm);
    expect(alarms.map(({ judgement }) => judgement.verdict)).toEqual(['warning', 'warning']);
    expect(data.monitor?.judgement.verdict).toBe('warning');
    expect(shipping.house.repository.text('main', REPORT)).toContain(
      'Alert ShopDown fires since the deploy.',
    );
  });

  test('one that fired before does not count, until it was over and comes back', async () => {
    const steady = new Shipping();
    steady.alerts = [new MemoryAlerts(() => [down(false)])];
    expect(await steady.run()).toMatchObject({ state: 'shipped' });
    const flapping = new Shipping();
    flapping.alerts = [
      new MemoryAlerts(() =>
        flapping.minute > 2 && flapping.minute < 6 ? [] : [{ ...down(), critical: flapping.minute >= 6 }],
      ),
    ];
    expect(await flapping.run()).toMatchObject({ state: 'rolled-back' });
  });

  test('a source that does not answer is no alarm, and never healthy', async () => {
    const shipping = new Shipping();
    shipping.alerts = [new MemoryAlerts(() => (shipping.minute >= 2 ? null : []))];
    let waits = 0;
    const { state, said, reasons } = await shipping.run((now) => (++waits > 60 ? accepting(now) : null));
    expect(state).toBe('shipped');
    expect(said.filter(({ alarm }) => alarm).map(({ judgement }) => judgement.verdict)).toEqual([
      'inconclusive',
    ]);
    expect(reasons.at(-1)).toBe('Pager does not answer (connection refused): what fires now is not known.');
    // Said when it had been silent for five ticks, not only at the end.
    expect(said.some(({ alarm, judgement }) => !alarm && judgement.verdict === 'inconclusive')).toBe(true);
  });

  test('a source that hangs does not hold up the ticks', async () => {
    const shipping = new Shipping();
    Object.assign(shipping.house.ports.service.monitoring, {
      tickMs: 200,
      windowMs: 1_000,
      settleMs: 200,
      baselineMs: 10_000,
    });
    shipping.alerts = [new MemoryAlerts(() => (shipping.minute >= 0 ? 'never' : []))];
    let waits = 0;
    const { state, reasons } = await shipping.run((now) => (++waits > 10 ? accepting(now) : null));
    expect(state).toBe('shipped');
    expect(reasons.at(-1)).toContain('no answer within 200 ms');
  });
});

describe('logs in the watch', () => {
  const usual = (from: number, to: number, everyMs: number, text: (nth: number) => string) =>
    Array.from({ length: Math.floor((to - from) / everyMs) }, (_, nth) => ({
      atMs: from + nth * everyMs,
      text: text(nth),
    }));

  test('a new message asks people, with one example and a link; the usual ones do not', async () => {
    const shipping = new Shipping();
    shipping.logs = [
      new MemoryLogs(({ fromMs, toMs }) => [
        ...usual(fromMs, toMs, 10_000, (nth) => `cannot reach till ${nth}`),
        ...(shipping.minute >= 3
          ? usual(fromMs, toMs, 5_000, (nth) => `no price for item ${nth} <!channel>`)
          : []),
      ]),
    ];
    let waits = 0;
    const { state, data, said, reasons } = await shipping.run((now) =>
      ++waits > 60 ? accepting(now) : null,
    );
    expect(state).toBe('shipped');
    expect(data.monitor?.judgement.verdict).toBe('warning');
    expect(reasons.join('\n')).toContain('no price for item 0 <!channel>');
    expect(reasons.join('\n')).not.toContain('till');
    // The example is told once, however often the thread hears of the watch.
    const told = said.filter(({ judgement }) =>
      judgement.findings.some(({ metric }) => metric === 'new message'),
    );
    expect(told).toHaveLength(1);
    expect(told[0]?.judgement.findings.at(-1)?.link).toMatch(/^https:\/\/logs\.example\/\?from=\d+&to=\d+$/);
    expect(said.length).toBe(2);
    const report = shipping.house.repository.text('main', REPORT) ?? '';
    expect(report).toContain('no price for item 0 &lt;!channel&gt;');
    expect(report).toContain('[open](<https://logs.example/');
  });

  test('the usual messages alone let the window close', async () => {
    const shipping = new Shipping();
    shipping.logs = [
      new MemoryLogs(({ fromMs, toMs }) => usual(fromMs, toMs, 10_000, (nth) => `cannot reach till ${nth}`)),
    ];
    expect(await shipping.run()).toMatchObject({
      state: 'shipped',
      data: { monitor: { judgement: { verdict: 'healthy' } } },
    });
  });

  test('what is configured as critical rolls back', async () => {
    const shipping = new Shipping();
    shipping.logs = [
      new MemoryLogs(
        ({ fromMs, toMs }) =>
          shipping.minute >= 1 ? usual(fromMs, toMs, 9_000, () => 'OutOfMemoryError') : [],
        { critical: [{ contains: 'OutOfMemory', atLeast: 3 }] },
      ),
    ];
    expect(await shipping.run()).toMatchObject({ state: 'rolled-back' });
  });

  test('nothing is read twice, and an outage loses nothing', async () => {
    const shipping = new Shipping();
    const log = new MemoryLogs(({ fromMs, toMs }) =>
      usual(fromMs, toMs, 10_000, (nth) => `cannot reach till ${nth}`),
    );
    shipping.logs = [log];
    Object.defineProperty(log, 'down', { get: () => shipping.minute > 3 && shipping.minute < 5 });
    expect(await shipping.run()).toMatchObject({ state: 'shipped' });
    const after = log.asked.slice(12);
    expect(after.length).toBeGreaterThan(10);
    for (const [index, range] of after.slice(1).entries()) expect(range.fromMs).toBe(after[index]?.toMs);
  });

  test('where the time before could not be read then, it is read later', async () => {
    const shipping = new Shipping();
    const log = new MemoryLogs(({ fromMs, toMs }) =>
      usual(fromMs, toMs, 10_000, (nth) => `cannot reach till ${nth}`),
    );
    shipping.logs = [log];
    Object.defineProperty(log, 'down', { get: () => shipping.minute < 2 });
    expect(await shipping.run()).toMatchObject({
      state: 'shipped',
      data: { monitor: { judgement: { verdict: 'healthy' } } },
    });
    const { deployment } = (await shipping.house.ledger.get(ID)).data;
    expect(log.asked[0]?.toMs).toBeLessThanOrEqual(deployment?.startedAt ?? 0);
  });
});
