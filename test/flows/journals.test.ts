import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { FiringAlert } from '../../src/domain/alerts/alert.ts';
import type { RollbackOrder } from '../../src/domain/promotion/promotion.ts';
import { Unavailable } from '../../src/domain/refusals/refusal.ts';
import { errorOutcome, type StepOutcome, unwrap, valueOutcome } from '../../src/engine/runs/journal.ts';
import { promote } from '../../src/flows/promote.ts';
import { rollback } from '../../src/flows/rollback/rollback.ts';
import type { Run, RunMessage } from '../../src/flows/run/port.ts';
import type { Ports } from '../../src/flows/run/ports.ts';
import { MemoryAlerts } from '../fakes/memory-alerts.ts';
import { MemoryLogs } from '../fakes/memory-logs.ts';
import { drive, MemoryJournal, MemoryRun } from '../fakes/memory-run.ts';
import { House, STATE, stateFile } from './house.ts';

/**
 * Journals that were recorded once, and have to be understood for ever: a promotion that is under way when the bot is
 * upgraded goes on by them. They are never recorded anew. When a flow changes, what it did before has to be kept
 * beside it. `SLIPWAY_RECORD_JOURNALS=1` records only those that are not there yet.
 */
interface Recorded {
  readonly run: string;
  readonly end: unknown;
  readonly entries: readonly ({ readonly name: string } & StepOutcome)[];
}

type People = (state: string, house: House, nth: number) => RunMessage | null | Promise<RunMessage | null>;

interface Life {
  readonly name: string;
  readonly house?: () => House;
  /** Made anew for each telling. */
  readonly people: () => People;
  /** The flow of today calls things in another order; it goes by the edition of the journal. */
  readonly isOfBefore?: true;
  /** Rolled back by a run of its own after the end. */
  readonly later?: RollbackOrder;
}

const ID = 'shop-0001';
const WINDOW_MS = 120_000;
const said = (kind: 'recheck' | 'retry' | 'hold' | 'release-hold' | 'accept') =>
  ({ kind, by: 'U_ADA' }) as const;

/** Grace approves whatever is asked; the rest is up to the story. */
function approving(rest: People = () => null): People {
  return async (state, house, nth) => {
    if (state !== 'awaiting-approval') return rest(state, house, nth);
    return (await house.approveOnce(ID)) ? { kind: 'vote' } : null;
  };
}

/** One message each time that the story waits in that state, in this order. */
function inTurn(state: string, messages: readonly RunMessage[]): People {
  const left = [...messages];
  return (now) => (now === state ? (left.shift() ?? null) : null);
}

/** A house with alerts and logs, which are asked what fires and what is written now that a release is live, or is not. */
function watched(
  firing: (isLive: boolean) => readonly FiringAlert[],
  lines: (isLive: boolean) => readonly string[],
): House {
  const house = new House({}, WINDOW_MS);
  const isLive = () => house.target.current?.version === '1.3.0';
  const alerts = [new MemoryAlerts(() => firing(isLive()))];
  const logs = [
    new MemoryLogs(({ fromMs }) => lines(isLive()).map((text, nth) => ({ atMs: fromMs + nth, text }))),
  ];
  Object.assign(house.ports, { alerts, logs });
  return house;
}

/** Held at its first share for a while, then gone on with. */
const IN_STAGES: Omit<Life, 'name'> = {
  house: () => new House({}, WINDOW_MS, { stages: { shares: [5, 25, 100], watchMs: WINDOW_MS } }),
  people: () => approving(inTurn('monitoring', [said('hold'), said('release-hold'), said('accept')])),
};

/** CI runs for a while during a freeze that ends. */
const BESIDE_A_FREEZE: Omit<Life, 'name'> = {
  house: () => {
    const span = { kind: 'dates', from: '2030-01-07T09:00', to: '2030-01-07T10:05' } as const;
    const policy = { approvalsExpireMs: 10 * 60_000, freeze: [{ name: 'audit', zone: 'UTC', span }] };
    const house = new House(policy, WINDOW_MS);
    const tip = house.repository.branches.get('main') ?? '';
    house.repository.ci.set(tip, [{ name: 'build', state: 'pending', word: 'in_progress' }]);
    return house;
  },
  people: () =>
    approving(async (_state, { clock, repository }) => {
      const isDone = clock.now() >= Date.parse('2030-01-07T10:03:00Z');
      const check = { name: 'build', state: 'passed', word: 'success' } as const;
      if (isDone) repository.ci.set(repository.branches.get('main') ?? '', [check]);
      return null;
    }),
};

const AT_THE_SECOND_TRY = {
  house: () => {
    const house = new House({}, WINDOW_MS);
    house.target.breakNextDeployment('no space left');
    return house;
  },
  people: () => approving(inTurn('deploying', [said('retry')])),
};

const ROLLED_BACK_LATER: Omit<Life, 'name'> = {
  people: () =>
    approving((state, house) =>
      state === 'rolling-back' && house.slack.notices('rollback-failed').length > 0 ? said('retry') : null,
    ),
  later: { by: 'U_LINUS', reason: 'orders are wrong', to: '1.2.0' },
};

const LIVES: readonly Life[] = [
  { name: 'shipped', people: approving },
  { name: 'shipped-edition-5', isOfBefore: true, people: approving },
  {
    name: 'blocked-then-another-version',
    isOfBefore: true,
    house: () => {
      const house = new House({}, WINDOW_MS);
      house.repository.push('main', 'docs: not yet', {
        [STATE]: stateFile(house.validated, { staging: 'pending' }),
      });
      return house;
    },
    people: () =>
      approving((state, house, nth) => {
        if (state !== 'blocked') return null;
        if (nth < 8) return { kind: 'bump', by: 'U_ADA', bump: 'major', lowerConfirmed: false };
        house.repository.push('main', 'docs: approved', { [STATE]: stateFile(house.validated) });
        return said('recheck');
      }),
  },
  {
    name: 'approved-twice',
    isOfBefore: true,
    people: () => {
      let moved = false;
      return async (state, house) => {
        if (state !== 'awaiting-approval' || !(await house.approveOnce(ID))) return null;
        if (!moved) house.repository.push('main', 'docs: more', { 'specs/014-coupons/notes.md': 'more' });
        moved = true;
        return { kind: 'vote' };
      };
    },
  },
  {
    name: 'expired',
    house: () => new House({ approvalsExpireMs: 10 * 60_000 }, WINDOW_MS),
    people: () => () => null,
  },
  { name: 'cancelled', people: () => () => ({ kind: 'cancel', by: 'U_ADA', reason: 'Not today.' }) },
  { name: 'deployed-at-the-second-try', isOfBefore: true, ...AT_THE_SECOND_TRY },
  { name: 'deployed-at-the-second-try-edition-3', isOfBefore: true, ...AT_THE_SECOND_TRY },
  {
    name: 'unhealthy',
    house: () => {
      const house = new House({ rollbackTag: 'delete' }, WINDOW_MS);
      house.check.always(({ version }) => ({ ok: version === '1.2.0', detail: 'down' }));
      return house;
    },
    people: approving,
  },
  {
    name: 'unhealthy-and-accepted',
    isOfBefore: true,
    house: () => {
      const house = new House({ automaticRollback: 'never' }, WINDOW_MS);
      house.check.always(() => ({ ok: false, detail: 'down' }));
      return house;
    },
    people: () => approving(inTurn('verifying', [said('retry'), said('accept')])),
  },
  {
    name: 'rolled-back-in-the-watch',
    people: () =>
      approving(
        inTurn('monitoring', [
          { kind: 'report', by: 'U_LINUS', text: 'the till is slow' },
          { kind: 'extend', by: 'U_ADA', ms: 60_000 },
          said('hold'),
          said('release-hold'),
          { kind: 'rollback', by: 'U_LINUS', reason: 'too slow' },
        ]),
      ),
  },
  { name: 'rolled-back-later', ...ROLLED_BACK_LATER },
  { name: 'rolled-back-later-edition-5', isOfBefore: true, ...ROLLED_BACK_LATER },
  {
    name: 'shipped-with-new-messages',
    house: () =>
      watched(
        () => [{ id: 'known', name: 'DiskFilling', critical: false }],
        (isLive) => {
          const usual = ['cannot reach till 3', 'cannot reach till 4'];
          return isLive ? [...usual, ...Array<string>(6).fill('TypeError in cart 7: no items')] : usual;
        },
      ),
    people: () =>
      approving(async (state, house) => {
        const { data } = await house.ledger.get(ID);
        const isAsked = state === 'monitoring' && data.monitor?.judgement.verdict === 'warning';
        return isAsked ? said('accept') : null;
      }),
  },
  {
    name: 'rolled-back-by-an-alert',
    house: () =>
      watched(
        (isLive) => (isLive ? [{ id: 'f1', name: 'ShopDown', critical: true }] : []),
        (isLive) => {
          // What was before the deploy is read after it, as far as that goes.
          if (!isLive) throw new Unavailable('Logbook', 'connection refused');
          return ['cannot reach till 3'];
        },
      ),
    people: approving,
  },
  { name: 'expired-while-ci-ran-edition-4', isOfBefore: true, ...BESIDE_A_FREEZE },
  { name: 'shipped-after-ci-and-a-freeze', isOfBefore: true, ...BESIDE_A_FREEZE },
  { name: 'shipped-in-stages', ...IN_STAGES },
  { name: 'shipped-in-stages-edition-5', isOfBefore: true, ...IN_STAGES },
  { name: 'shipped-in-stages-before-editions', isOfBefore: true, ...IN_STAGES },
];

const fileOf = (name: string) => new URL(`../fixtures/journals/${name}.json`, import.meta.url);

/** JSON with a line for each entry. */
function written(all: readonly Recorded[]): string {
  const runs = all.map(({ run, end, entries }) => {
    const lines = entries.map((entry) => `  ${JSON.stringify(entry)}`).join(',\n');
    return `{"run": ${JSON.stringify(run)}, "end": ${JSON.stringify(end)}, "entries": [\n${lines}\n]}`;
  });
  return `[\n${runs.join(',\n')}\n]\n`;
}

/** Lives a story and answers with the journals of its runs, the last one last. */
async function live({
  house: build = () => new House({}, WINDOW_MS),
  people: peopleOf,
  later,
}: Life): Promise<Recorded[]> {
  const house = build();
  await house.open();
  const people = peopleOf();
  const recorded: Recorded[] = [];
  const follow = async (run: string, flow: (run: Run) => Promise<unknown>) => {
    const journal = new MemoryJournal();
    const script = async ({ nth }: { readonly nth: number }) => people(await house.state(ID), house, nth);
    const ended = await drive(new MemoryRun({ id: run, clock: house.clock, journal, script }), flow);
    if (ended.kind === 'crashed') throw new Error('it cannot crash here');
    const entries = journal.entries.map((entry) => ({
      name: entry.name,
      ...(entry.kind === 'error'
        ? errorOutcome(entry.error)
        : valueOutcome(entry.json === undefined ? undefined : JSON.parse(entry.json))),
    }));
    recorded.push({ run, end: ended.value, entries });
  };
  await follow(ID, (run) => promote(run, house.ports, ID));
  if (later) {
    house.target.breakNextDeployment('timed out');
    house.target.breakNextDeployment('timed out');
    await follow(`${ID}-rollback-9`, (run) => rollback(run, house.ports, ID, later));
  }
  return recorded;
}

/** The ports of a house in which nothing may be done: whatever is not in the journal fails. */
function untouchable(ports: Ports): Ports {
  const guarded = <T extends object>(name: string, port: T): T =>
    new Proxy(port, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        return () => {
          throw new Error(`${name}.${String(key)} was called: the journal has no answer for it`);
        };
      },
    });
  const entries = Object.entries(ports).map(([name, port]) => {
    const isPort = typeof port === 'object' && port !== null && name !== 'service';
    return [name, isPort ? guarded(name, port as object) : port];
  });
  return Object.fromEntries(entries) as Ports;
}

/** Goes through a recorded journal, in order and to its end. */
function replay({ run: id, entries }: Recorded) {
  let at = 0;
  const next = async (name: string): Promise<unknown> => {
    const entry = entries[at++];
    if (entry === undefined) throw new Error(`after its end the flow asks for "${name}"`);
    if (entry.name !== name) throw new Error(`call ${at - 1} was "${entry.name}", now it is "${name}"`);
    return unwrap(entry);
  };
  const run: Run = {
    id,
    step: <T>(name: string) => next(name) as Promise<T>,
    now: () => next('now') as Promise<number>,
    wait: () => next('wait') as Promise<RunMessage | null>,
  };
  return { run, left: () => entries.length - at };
}

describe.each(LIVES)('the journal of a promotion that was $name', (life) => {
  const file = fileOf(life.name);
  const house = (life.house ?? (() => new House({}, WINDOW_MS)))();

  test('is understood', async () => {
    if (process.env['SLIPWAY_RECORD_JOURNALS'] === '1' && !existsSync(file)) {
      mkdirSync(new URL('.', file), { recursive: true });
      writeFileSync(file, written(await live(life)));
    }
    for (const recorded of JSON.parse(readFileSync(file, 'utf8')) as Recorded[]) {
      const { run, left } = replay(recorded);
      const ports = untouchable(house.ports);
      const end =
        recorded.run === ID
          ? await promote(run, ports, ID)
          : await rollback(run, ports, ID, life.later ?? { by: null, reason: '' });
      expect(end).toEqual(recorded.end);
      expect(left()).toBe(0);
    }
  });

  if (life.isOfBefore) return;
  test('tells the same story as the flow of today', async () => {
    const names = (all: readonly Recorded[]) => all.map(({ entries }) => entries.map(({ name }) => name));
    expect(names(await live(life))).toEqual(names(JSON.parse(readFileSync(file, 'utf8')) as Recorded[]));
  });
});
