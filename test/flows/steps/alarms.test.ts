import { describe, expect, test } from 'vitest';
import type { OnCall } from '../../../src/adapters/on-call/port.ts';
import type { FiringAlert } from '../../../src/domain/alerts/alert.ts';
import type { Notice } from '../../../src/domain/promotion/notice.ts';
import { Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { promote } from '../../../src/flows/promote.ts';
import type { RunMessage } from '../../../src/flows/run/port.ts';
import { MemoryAlerts } from '../../fakes/memory-alerts.ts';
import { drive, MemoryRun } from '../../fakes/memory-run.ts';
import { MemoryPeople } from '../../fakes/memory-slack.ts';
import { House } from '../house.ts';

const MINUTE = 60_000;
const ID = 'shop-0001';
const PAGER: OnCall = {
  kind: 'pagerduty',
  name: 'PagerDuty',
  ids: [],
  people: async () => [
    { name: 'Ada Lovelace', email: 'Ada@shop.test' },
    { name: '<!channel> Mallory', email: 'mallory@elsewhere.test' },
  ],
  preflight: async () => '',
};

/** A release whose watch finds something, by the minute after the deploy; and what the thread hears of it then. */
class Watch {
  readonly house = new House({ automaticRollback: 'never' }, 120 * MINUTE);
  onCall: OnCall | null = null;
  /** Share of failing requests by minute. */
  errors: (minute: number) => number = () => 0;
  alerts: (minute: number) => readonly FiringAlert[] = () => [];
  #liveAt: number | null = null;

  get minute(): number {
    return this.#liveAt === null ? -1 : (this.house.clock.now() - this.#liveAt) / MINUTE;
  }

  async run(people: (minute: number) => RunMessage | null) {
    const { house } = this;
    house.metrics.weather((_end, phase) => ({
      total: 600,
      errors: phase === 'after' ? Math.round(600 * this.errors(this.minute)) : 0,
      latencyMs: 20,
    }));
    await house.open();
    const heard: [number, Notice][] = [];
    const slack = {
      ...house.ports.slack,
      refresh: house.slack.refresh.bind(house.slack),
      addressOf: house.slack.addressOf.bind(house.slack),
      say: async (id: string, key: string, notice: Notice) => {
        heard.push([Math.round(this.minute), notice]);
        await house.slack.say(id, key, notice);
      },
    };
    const script = async () => {
      const { data, state } = await house.ledger.get(ID);
      this.#liveAt = data.deployment?.finishedAt ?? null;
      if (state === 'awaiting-approval')
        return (await house.approveOnce(ID)) ? ({ kind: 'vote' } as const) : null;
      return state === 'monitoring' ? people(this.minute) : null;
    };
    const ports = {
      ...house.ports,
      slack,
      onCall: this.onCall,
      people: new MemoryPeople([{ id: 'U_ADA', email: 'ada@shop.test' }]),
      alerts: [new MemoryAlerts(() => this.alerts(this.minute))],
    };
    const run = new MemoryRun({ id: ID, clock: house.clock, script });
    await drive(run, (journal) => promote(journal, ports, ID));
    const ofWatch = heard.filter(([, { kind }]) => kind.startsWith('alarm') || kind === 'monitor');
    return { heard: ofWatch, promotion: await house.ledger.get(ID) };
  }
}

/** Rolls back after so many minutes: the end of the story. */
const endsAt =
  (end: number, act: (minute: number) => RunMessage | null = () => null) =>
  (minute: number): RunMessage | null =>
    minute >= end ? { kind: 'rollback', by: 'U_LINUS', reason: 'enough' } : act(minute);
const kinds = (heard: readonly [number, Notice][]) => heard.map(([minute, { kind }]) => `${minute} ${kind}`);

describe('an alarm that nobody takes', () => {
  test('is said once, and calls more people at growing intervals', async () => {
    const watch = new Watch();
    watch.errors = () => 0.05;
    watch.onCall = PAGER;
    const { heard } = await watch.run(endsAt(70));
    expect(kinds(heard)).toEqual(['1 monitor', '6 alarm-untaken', '16 alarm-untaken', '36 alarm-untaken']);
    const called = heard.flatMap(([, notice]) => (notice.kind === 'alarm-untaken' ? [notice] : []));
    expect(called.map(({ step }) => step)).toEqual(['approvers', 'on-call', 'on-call']);
    expect(called[0]?.who).toBe('any member of this workspace');
    expect(called[1]?.who).toBe('<@U_ADA>, !channel Mallory');
  });

  test.each([
    ['is on it, who is named', 'take', ['8 alarm-taken']],
    ['holds the window over it: they are on it', 'hold', []],
  ] as const)('calls nobody else once somebody %s', async (_name, kind, more) => {
    const watch = new Watch();
    watch.errors = () => 0.05;
    let isSaid = false;
    const { heard, promotion } = await watch.run(
      endsAt(60, (minute) => {
        if (isSaid || minute < 8) return null;
        isSaid = true;
        return { kind, by: 'U_GRACE' };
      }),
    );
    expect(kinds(heard)).toEqual(['1 monitor', '6 alarm-untaken', ...more]);
    expect(promotion.data.monitor?.alarm?.taken?.by).toBe('U_GRACE');
  });

  test('calls those who approve when PagerDuty does not answer, and says so', async () => {
    const watch = new Watch();
    watch.errors = () => 0.05;
    watch.onCall = {
      ...PAGER,
      people: async () => {
        throw new Unavailable('PagerDuty', 'connection refused');
      },
    };
    const { heard } = await watch.run(endsAt(20));
    expect(heard.at(-1)?.[1]).toMatchObject({
      kind: 'alarm-untaken',
      step: 'approvers',
      problem: 'PagerDuty does not say who is on call: connection refused.',
    });
  });
});

describe('an alarm that stands', () => {
  test('is heard of when it becomes worse, something else is seen, and it is over', async () => {
    const watch = new Watch();
    watch.errors = (minute) => (minute < 2 ? 0.05 : minute < 4 ? 0.6 : 0);
    watch.alerts = (minute) =>
      minute >= 3 && minute < 5 ? [{ id: 'f1', name: 'Slow', critical: false }] : [];
    const { heard } = await watch.run(endsAt(30));
    const changes = heard.map(([, notice]) =>
      notice.kind === 'monitor' ? (notice.change ?? 'begins') : notice.kind,
    );
    expect(changes).toEqual(['begins', 'worse', 'other', 'over']);
    const other = heard[2]?.[1];
    expect(other?.kind === 'monitor' && other.judgement.findings.map(({ metric }) => metric)).toEqual([
      'alerts in Pager',
    ]);
  });

  test('that comes and goes is one message, not one for each time', async () => {
    const watch = new Watch();
    watch.alerts = (minute) =>
      minute >= 2 && minute < 20 && Math.floor(minute) % 2 === 0
        ? [{ id: 'f1', name: 'Flapping', critical: false }]
        : [];
    const { heard } = await watch.run(endsAt(40));
    expect(heard.filter(([, { kind }]) => kind === 'monitor').map(([, notice]) => notice)).toMatchObject([
      { alarm: true },
      { alarm: false, change: 'over' },
    ]);
  });

  test('in the middle of a window is not said to be at its end when ticks are configured longer meanwhile', async () => {
    const watch = new Watch();
    watch.errors = (minute) => (minute < 4 ? 0 : 0.05);
    const { monitoring } = watch.house.ports.service;
    const { heard } = await watch.run(
      endsAt(10, (minute) => {
        if (minute >= 2) Object.assign(monitoring, { tickMs: 60 * MINUTE });
        return null;
      }),
    );
    expect(heard[0]?.[1]).toMatchObject({ kind: 'monitor', isOver: false });
  });
});
