import { describe, expect, test } from 'vitest';
import { Refusal, Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { promote } from '../../../src/flows/promote.ts';
import type { RunMessage } from '../../../src/flows/run/port.ts';
import { drive, MemoryRun } from '../../fakes/memory-run.ts';
import { House } from '../house.ts';

const ID = 'shop-0001';
const HOUR = 3_600_000;

/** A promotion that Grace approves whenever she is asked; `then` says what people do at every other wait. */
function story(house: House, then: (state: string) => RunMessage | null = () => null) {
  const run: MemoryRun = new MemoryRun({
    id: ID,
    clock: house.clock,
    script: async () => {
      const state = await house.state(ID);
      if (state !== 'awaiting-approval') return then(state);
      return (await house.approveOnce(ID)) ? { kind: 'vote' } : then(state);
    },
  });
  return {
    run,
    async goes() {
      await house.open();
      await drive(run, (running) => promote(running, house.ports, ID));
      return house.ledger.get(ID);
    },
  };
}

/** Something happens in the middle of the look that would have been the last. */
function duringTheLastLook(house: House, act: () => Promise<void> | void): void {
  const preflight = house.metrics.preflight.bind(house.metrics);
  let looks = 0;
  house.metrics.preflight = async () => {
    looks += 1;
    if (looks === 2) await act();
    return preflight();
  };
}

describe('the last word before the release counts', () => {
  test('a decline while Slipway looks once more', async () => {
    const house = new House();
    const { run, goes } = story(house);
    duringTheLastLook(house, async () => {
      const { digest } = await house.ledger.get(ID);
      await house.ledger.vote(ID, { by: 'U_LINUS', digest: digest ?? '', decision: 'decline' });
      run.send({ kind: 'vote' }, 'declined');
    });
    const { state } = await goes();
    expect(state).toBe('cancelled');
    expect(house.repository.tags.has('v1.3.0')).toBe(false);
    expect(house.target.started).toEqual([]);
  });

  test.each([
    ['cancel', { kind: 'cancel', by: 'U_LINUS', reason: 'Stop.' }, 'cancelled'],
    ['bump', { kind: 'bump', by: 'U_ADA', bump: 'major', lowerConfirmed: false }, 'shipped'],
  ] as const)('a %s while Slipway looks once more', async (_what, message, end) => {
    const house = new House();
    const { run, goes } = story(house);
    duringTheLastLook(house, () => void run.send(message, 'said'));
    const { state, data } = await goes();
    expect(state).toBe(end);
    expect(house.repository.tags.has('v1.3.0'), 'what they had approved before').toBe(false);
    if (end === 'shipped') expect(data.release?.version).toBe('2.0.0');
  });

  test('a cancel while the release is cut: it is tagged, and not deployed', async () => {
    const house = new House();
    const { run, goes } = story(house);
    const cut = house.repository.cutRelease.bind(house.repository);
    house.repository.cutRelease = async (...given) => {
      run.send({ kind: 'cancel', by: 'U_LINUS', reason: 'Stop.' }, 'cancel');
      return cut(...given);
    };
    const { state, data } = await goes();
    expect(state).toBe('cancelled');
    expect(house.target.started).toEqual([]);
    expect(house.repository.tags.has('v1.3.0')).toBe(true);
    expect(data.notice?.text).toContain('v1.3.0 stays tagged');
  });
});

describe('while the git host is away', () => {
  const away = (house: House, times: number, then: () => Promise<unknown> = async () => {}) => {
    const cut = house.repository.cutRelease.bind(house.repository);
    let asked = 0;
    house.repository.cutRelease = async (...given) => {
      asked += 1;
      if (asked === 3) await then();
      if (asked <= times) throw new Unavailable('the git remote', 'connection refused');
      return cut(...given);
    };
  };

  test('its return after ten minutes is noticed within ten seconds', async () => {
    const house = new House();
    const { goes } = story(house, () => null);
    const cut = house.repository.cutRelease.bind(house.repository);
    let backAt = 0;
    let noticedAt = 0;
    house.repository.cutRelease = async (...given) => {
      backAt ||= house.clock.now() + 10 * 60_000;
      if (house.clock.now() < backAt) throw new Unavailable('the git remote', 'connection refused');
      noticedAt ||= house.clock.now();
      return cut(...given);
    };
    expect((await goes()).state).toBe('shipped');
    expect(noticedAt - backAt).toBeLessThan(10_000);
    expect(house.slack.notices('trouble')).toHaveLength(1);
  });

  /** A host that asks to be left alone for so long, each time. */
  const leaveMe = (house: House, ms: number) => {
    const asked: number[] = [];
    house.repository.cutRelease = async () => {
      asked.push(house.clock.now());
      throw new Unavailable('the git host', 'too many requests', { retryAfterMs: ms });
    };
    return { asked, pauses: () => asked.slice(1).map((at, index) => at - (asked[index] ?? 0)) };
  };

  test.each([
    ['ten minutes', 600_000, 600_000],
    ['a day', 86_400_000, 3_600_000],
  ])('that asks to be left alone for %s is, once the card says so', async (_words, ms, pause) => {
    const house = new House();
    const host = leaveMe(house, ms);
    const seen: number[] = [];
    const { goes } = story(house, (state) => {
      if (state === 'releasing' && host.asked.length === 2) seen.push(house.slack.notices('trouble').length);
      return host.asked.length > 4 ? { kind: 'cancel', by: 'U_ADA', reason: 'Not today.' } : null;
    });
    expect((await goes()).state).toBe('cancelled');
    expect(host.pauses().map((one) => Math.round(one / 1_000) * 1_000)).toEqual([
      60_000,
      pause,
      pause,
      pause,
    ]);
    // Whoever waits longer than a minute is told what for.
    expect(seen).toEqual([1]);
    expect(house.slack.notices('trouble')).toHaveLength(1);
  });

  test('a person who cancels does not wait for it', async () => {
    const house = new House();
    const host = leaveMe(house, 600_000);
    const { goes } = story(house, (state) =>
      state === 'releasing' && host.asked.length > 1 ? { kind: 'cancel', by: 'U_ADA', reason: 'No.' } : null,
    );
    expect((await goes()).state).toBe('cancelled');
    expect(host.asked).toHaveLength(2);
    expect(house.clock.now() - (host.asked.at(-1) ?? 0)).toBeLessThan(60_000);
  });

  test('a platform that asks for it is asked each minute: production may have to be put back', async () => {
    const house = new House();
    const start = house.target.start.bind(house.target);
    const asked: number[] = [];
    house.target.start = async (...given) => {
      asked.push(house.clock.now());
      if (asked.length > 3) return start(...given);
      throw new Unavailable('the platform', 'too many requests', { retryAfterMs: 600_000 });
    };
    expect((await story(house, () => null).goes()).state).toBe('shipped');
    const pauses = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
    expect(pauses.map((one) => Math.round(one / 1_000))).toEqual([60, 60, 60]);
  });

  const no = async (house: House, said: 'decline' | 'withdraw') => {
    const { digest } = await house.ledger.get(ID);
    if (said === 'withdraw') await house.ledger.withdrawVote(ID, 'U_GRACE');
    else await house.ledger.vote(ID, { by: 'U_LINUS', digest: digest ?? '', decision: 'decline' });
  };

  test('a decline ends it, without waiting for the host', async () => {
    const house = new House();
    const host = leaveMe(house, 600_000);
    const { run, goes } = story(house);
    const say = house.slack.say.bind(house.slack);
    house.slack.say = async (...given) => {
      if (given[2].kind === 'trouble') {
        await no(house, 'decline');
        run.send({ kind: 'vote' }, 'declined');
      }
      return say(...given);
    };
    const { state, data } = await goes();
    expect(state).toBe('cancelled');
    expect(data.notice?.text).toContain('Declined.');
    expect(house.clock.now() - (host.asked.at(-1) ?? 0)).toBeLessThan(60_000);
    expect(house.target.started).toEqual([]);
  });

  test('an approval that is taken back voids the others: people are asked again', async () => {
    const house = new House();
    const { goes } = story(house, (state) =>
      state === 'blocked' ? { kind: 'cancel', by: 'U_ADA', reason: 'Not today.' } : null,
    );
    away(house, 5, () => no(house, 'withdraw'));
    await goes();
    expect(house.slack.notices('voided').at(-1)?.changes.join()).toContain('Approvals');
  });

  test('a decline while the release is cut: it is tagged, and not deployed unless people are asked again', async () => {
    const house = new House();
    const { goes } = story(house, (state) =>
      state === 'blocked' ? { kind: 'cancel', by: 'U_ADA', reason: 'Not today.' } : null,
    );
    const cut = house.repository.cutRelease.bind(house.repository);
    house.repository.cutRelease = async (...given) => {
      const release = await cut(...given);
      await no(house, 'decline');
      return release;
    };
    await goes();
    expect(house.slack.notices('voided').at(-1)?.changes.join()).toContain('somebody declined');
    expect(house.repository.tags.has('v1.3.0')).toBe(true);
  });

  test('a decline is the answer to a tag that was refused, too', async () => {
    const house = new House();
    const facts = { tag: 'v1.3.0', branch: 'main', commit: 'a'.repeat(40), reason: 'a rule' };
    house.repository.failNext('cutRelease', new Refusal('tag-refused', facts));
    await house.open();
    let waits = 0;
    const script = async (): Promise<RunMessage | null> => {
      const { state, data } = await house.ledger.get(ID);
      if (state === 'awaiting-approval') return (await house.approveOnce(ID)) ? { kind: 'vote' } : null;
      if (data.decision !== 'retry-release') return null;
      waits += 1;
      if (waits === 2) await no(house, 'decline');
      // The first one is about nothing: the answer is still waited for.
      return { kind: 'vote' };
    };
    const run = new MemoryRun({ id: ID, clock: house.clock, script });
    await drive(run, (running) => promote(running, house.ports, ID));
    const { state, data } = await house.ledger.get(ID);
    expect([state, waits]).toEqual(['cancelled', 2]);
    expect(data.notice?.text).toContain('Declined.');
    expect(house.repository.tags.has('v1.3.0')).toBe(false);
  });

  test('a release that cannot be cut can be cancelled', async () => {
    const house = new House();
    const { goes } = story(house, (state) =>
      state === 'releasing' && house.slack.notices('trouble').length > 0
        ? { kind: 'cancel', by: 'U_ADA', reason: 'Not today.' }
        : null,
    );
    away(house, 1_000);
    const { state, data } = await goes();
    expect(state).toBe('cancelled');
    expect(data.notice?.text).toContain('Should v1.3.0 be tagged already');
  });

  test('a lock that is taken meanwhile is not overlooked: people are asked again', async () => {
    const house = new House();
    const { goes } = story(house, (state) =>
      state === 'blocked' ? { kind: 'cancel', by: 'U_ADA', reason: 'Not today.' } : null,
    );
    away(house, 10, () => house.ledger.lock({ service: 'shop', owner: 'U_LINUS', reason: 'incident' }));
    const { state } = await goes();
    expect(state).toBe('cancelled');
    expect(house.repository.tags.has('v1.3.0')).toBe(false);
    expect(house.slack.notices('voided').at(-1)?.changes.join()).toContain('Locked: incident');
  });
});

test('approvals expire after the release too: a retry a day later asks people again', async () => {
  const house = new House({ approvalsExpireMs: HOUR });
  house.target.breakNextDeployment();
  let isLate = false;
  const { goes } = story(house, (state) => {
    if (state !== 'deploying' || isLate || house.slack.notices('deploy-failed').length === 0) return null;
    isLate = true;
    void house.clock.advance(20 * HOUR);
    return { kind: 'retry', by: 'U_ADA' };
  });
  const { state } = await goes();
  expect(state).toBe('shipped');
  expect(house.slack.notices('voided').at(-1)?.changes.join()).toContain('they have expired');
  const votes = await house.ledger.approvals(ID);
  expect(votes.map(({ valid }) => valid)).toEqual([false, true]);
});
