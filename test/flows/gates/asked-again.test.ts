import { describe, expect, test } from 'vitest';
import { clearAt, type GateResult } from '../../../src/domain/gates/gate.ts';
import type { FreezeRule } from '../../../src/domain/policy/freeze.ts';
import { Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { promote } from '../../../src/flows/promote.ts';
import { inspect } from '../../../src/flows/steps/inspect.ts';
import { drive, MemoryRun } from '../../fakes/memory-run.ts';
import { House, STATE, stateFile } from '../house.ts';

const MINUTE = 60_000;
/** Begins at 10:00. */
const FREEZE: FreezeRule = {
  name: 'audit',
  zone: 'UTC',
  span: { kind: 'dates', from: '2030-01-07T09:00', to: '2030-01-07T12:00' },
};

function ci(house: House, state: 'pending' | 'passed', word: string): void {
  const tip = house.repository.branches.get('main') ?? '';
  house.repository.ci.set(tip, [{ name: 'build', state, word }]);
}

/** A promotion in which Grace approves what is asked; `watch` sees the time at each wait. */
async function live(house: House, watch: (minutes: number) => void | Promise<void>) {
  const began = house.clock.now();
  await house.open();
  const run: MemoryRun = new MemoryRun({
    id: 'shop-0001',
    clock: house.clock,
    script: async ({ nth }) => {
      if (nth > 400) run.kill();
      await watch((house.clock.now() - began) / MINUTE);
      const isAsked = (await house.state('shop-0001')) === 'awaiting-approval';
      return isAsked && (await house.approveOnce('shop-0001')) ? { kind: 'vote' } : null;
    },
  });
  await drive(run, (r) => promote(r, house.ports, 'shop-0001'));
  const { state, data } = await house.ledger.get('shop-0001');
  const verdict = (id: string) => data.gates?.find((gate) => gate.id === id)?.verdict;
  return { state, ci: verdict('ci'), minutes: (house.clock.now() - began) / MINUTE };
}

describe('a gate that is not decided is asked again', () => {
  test('beside a freeze that ends: it goes on by itself when both are over', async () => {
    const house = new House({ approvalsExpireMs: 4 * 60 * MINUTE, freeze: [FREEZE] });
    ci(house, 'pending', 'queued');
    const { state } = await live(house, (minutes) => {
      if (minutes > 3) ci(house, 'passed', 'success');
    });
    expect(state).toBe('shipped');
    const blocked = house.slack.notices('blocked');
    // Once for both, once for the freeze alone.
    expect(blocked).toHaveLength(2);
  });

  test('beside what a person has to mend: the card says when it is decided', async () => {
    const house = new House();
    house.repository.push('main', 'docs: not yet', {
      [STATE]: stateFile(house.validated, { staging: 'pending' }),
    });
    ci(house, 'pending', 'queued');
    const seen = await live(house, (minutes) => {
      if (minutes > 1) ci(house, 'pending', 'in_progress');
      if (minutes > 5) ci(house, 'passed', 'success');
    });
    // Nobody mended the other one.
    expect(seen).toMatchObject({ state: 'expired', ci: 'passed' });
    expect(house.slack.notices('blocked')).toHaveLength(2);
  });

  test('beside an outage, which ends by itself too', async () => {
    const house = new House();
    ci(house, 'pending', 'queued');
    const { writable } = house.repository;
    let isAway = true;
    house.repository.writable = async (...asked) => {
      if (isAway) throw new Unavailable('the git host', 'answered 502');
      return writable.apply(house.repository, asked);
    };
    const { state, minutes } = await live(house, (at) => {
      if (at > 3) isAway = false;
      if (at > 5) ci(house, 'passed', 'success');
    });
    expect(state).toBe('shipped');
    expect(minutes).toBeLessThan(60);
  });

  test('for as long as approvals are waited for', async () => {
    const house = new House({ approvalsExpireMs: 10 * MINUTE, freeze: [FREEZE] });
    ci(house, 'pending', 'queued');
    const turns = new Set<number>();
    const { state, minutes } = await live(house, async (at) => {
      if (at > 0) turns.add((await house.ledger.get('shop-0001')).turn);
    });
    expect(state).toBe('expired');
    // Buttons and forms of the card count as long as it asks the same.
    expect(turns.size).toBe(1);
    expect(minutes).toBeCloseTo(10, 0);
  });
});

test('the end of what else is in the way is known beside undecided gates, and not beside one that needs somebody', () => {
  const gate = (more: Partial<GateResult>): GateResult => ({
    id: 'g',
    title: 'G',
    verdict: 'failed',
    reason: '',
    ...more,
  });
  const [pending, ends] = [gate({ verdict: 'pending' }), gate({ clearsAt: 7 })];
  expect(clearAt([pending, ends, gate({ clearsAt: 5 }), gate({ verdict: 'passed' })])).toBe(7);
  expect(clearAt([pending, ends, gate({})])).toBeNull();
  expect(clearAt([gate({ verdict: 'unknown', isAway: true }), ends])).toBe(7);
  expect(clearAt([gate({ verdict: 'unknown' }), ends])).toBeNull();
  expect(clearAt([pending])).toBeNull();
});

describe('what lasts longer than a promotion waits says so', () => {
  const shown = async (house: House, gate: string) => {
    const { gates } = await inspect(house.ports, { service: 'shop', bump: 'auto', by: 'U_ADA' });
    return gates.find(({ id }) => id === gate);
  };
  const policy = { approvalsExpireMs: 4 * 60 * MINUTE };

  test('a freeze', async () => {
    const short = await shown(new House({ ...policy, freeze: [FREEZE] }), 'not-frozen');
    expect(short).toMatchObject({ clearsAt: Date.parse('2030-01-07T12:00:00Z') });
    expect(short?.remedy).toContain('goes on by itself');
    const span = { kind: 'dates', from: '2030-01-07T09:00', to: '2030-01-08T12:00' } as const;
    const long = await shown(new House({ ...policy, freeze: [{ ...FREEZE, span }] }), 'not-frozen');
    expect(long).not.toHaveProperty('clearsAt');
    expect(long?.moment?.at).toBe(Date.parse('2030-01-08T12:00:00Z'));
    expect(long?.remedy).toContain('waits for 4 h at most, and expires before this is over');
    expect(long?.remedy).not.toContain('goes on by itself');
  });

  test('a lock', async () => {
    const house = new House(policy);
    const until = (hours: number) => ({ until: house.clock.now() + hours * 60 * MINUTE });
    await house.ledger.lock({ service: 'shop', owner: 'U_ADA', reason: 'migration', ...until(1) });
    expect((await shown(house, 'not-locked'))?.remedy).not.toContain('expires');
    await house.ledger.lock({ service: 'shop', owner: 'U_ADA', reason: 'migration', ...until(9) });
    const long = await shown(house, 'not-locked');
    expect(long).not.toHaveProperty('clearsAt');
    expect(long?.remedy).toContain('It waits for 4 h at most, and expires then.');
  });
});
