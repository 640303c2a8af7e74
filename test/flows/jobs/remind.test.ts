import { describe, expect, test } from 'vitest';
import type { OnCall } from '../../../src/adapters/on-call/port.ts';
import { actionsFor } from '../../../src/blocks/card/buttons.ts';
import { ACTION } from '../../../src/blocks/kit/ids.ts';
import type { PromotionState } from '../../../src/domain/promotion/promotion.ts';
import { Refusal, Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { remindOfUndecided } from '../../../src/flows/jobs/remind.ts';
import { steer } from '../../../src/flows/requests/steer.ts';
import { refused, town } from '../locks/town.ts';

const MINUTE = 60_000;
const PAGER: OnCall = {
  kind: 'pagerduty',
  name: 'PagerDuty',
  ids: [],
  people: async () => [{ name: 'Mallory' }],
  preflight: async () => 'answers',
};

type Place = ReturnType<typeof town>;

/** What fails, and the state in which people are asked about it. */
const FAILURES: readonly (readonly [
  failed: string,
  state: PromotionState,
  breaks: (place: Place) => void,
])[] = [
  [
    'deploy',
    'deploying',
    ({ house }) => {
      house.target.breakNextDeployment('no space');
    },
  ],
  [
    'refusal',
    'blocked',
    ({ house }) => {
      house.repository.cutRelease = async () => {
        throw new Refusal('not-writable', { reason: 'protected', rule: 'signature' });
      };
    },
  ],
  ['health', 'verifying', ({ house }) => house.check.always(() => ({ ok: false, detail: 'answered 503' }))],
  [
    'rollback',
    'rolling-back',
    ({ house }) => {
      house.metrics.weather((_end, phase) => ({
        total: 600,
        errors: phase === 'after' ? 590 : 0,
        latencyMs: 20,
      }));
    },
  ],
];

async function undecided(failed: string, state: PromotionState, breaks: (place: Place) => void) {
  const place = town({ automaticRollback: failed === 'health' ? 'never' : 'critical' });
  Object.assign(place.house.ports, { onCall: PAGER });
  await place.start();
  breaks(place);
  await place.approve();
  for (let minute = 0; minute < 10 && (await place.newest()).state !== state; minute += 1) {
    if (failed === 'rollback' && (await place.newest()).state === 'monitoring')
      for (const _time of [1, 2]) place.house.target.breakNextDeployment('no space');
    await place.wait(MINUTE);
    await place.settle();
  }
  expect(await place.newest()).toMatchObject({ state, data: { decision: expect.any(String) } });
  return place;
}

describe.each(FAILURES)('a %s that failed, and that nobody decides about', (failed, state, breaks) => {
  const calls = (place: Place) =>
    place.said('undecided').map(({ notice }) => (notice.kind === 'undecided' ? notice : null));

  test('calls those who approve, then who is on call, at growing intervals, each once', async () => {
    const place = await undecided(failed, state, breaks);
    const since = (await place.newest()).data.asked?.since ?? 0;
    expect(since).toBeGreaterThan(0);
    const { checkpointMs } = place.house.ports.service.monitoring;
    const at: number[] = [];
    for (let minute = 0; minute < 40; minute += 1) {
      const before = calls(place).length;
      await Promise.all([remindOfUndecided(place.requests), remindOfUndecided(place.requests)]);
      await remindOfUndecided(place.requests);
      if (calls(place).length > before) at.push(place.house.clock.now() - since);
      expect(calls(place).length - before).toBeLessThanOrEqual(1);
      await place.wait(MINUTE);
    }
    expect(calls(place)).toMatchObject([
      { failed, since, step: 'approvers' },
      { failed, since, step: 'on-call', who: 'Mallory' },
      { failed, since, step: 'on-call' },
    ]);
    for (const [nr, ms] of at.entries()) {
      const due = checkpointMs * (2 ** (nr + 1) - 1);
      expect(ms).toBeGreaterThanOrEqual(due);
      expect(ms).toBeLessThan(due + MINUTE);
    }
  });

  test('calls nobody else once somebody is on it, who is named, and was first', async () => {
    const place = await undecided(failed, state, breaks);
    const { id } = await place.newest();
    const take = (user: string) => steer(place.requests, place.caller(user), id, { kind: 'take' });
    await take('U_GRACE');
    expect((await place.newest()).data.asked?.taken?.by).toBe('U_GRACE');
    expect(await refused(take('U_LINUS'))).toMatchObject({
      code: 'already-asked',
      facts: { owner: 'U_GRACE' },
    });
    expect(place.said('alarm-taken')).toHaveLength(1);
    for (let minute = 0; minute < 40; minute += 5) {
      await remindOfUndecided(place.requests);
      await place.wait(5 * MINUTE);
    }
    expect(calls(place)).toEqual([]);
    // Whoever is on it decides: the buttons mean what they meant.
    await place.settle();
    expect(await place.newest()).toMatchObject({ state, data: { decision: expect.any(String) } });
  });
});

test('what is asked anew after a person tried again calls people anew', async () => {
  const place = await undecided(...(FAILURES[0] as (typeof FAILURES)[number]));
  const { id } = await place.newest();
  await steer(place.requests, place.caller('U_GRACE'), id, { kind: 'take' });
  const before = (await place.newest()).data.asked;
  place.house.target.breakNextDeployment('no space');
  await place.wait(MINUTE);
  await steer(place.requests, place.caller('U_ADA'), id, { kind: 'retry' });
  await place.settle();
  const { data } = await place.newest();
  expect(data.decision).toBe('retry-deploy');
  expect(data.asked?.taken).toBeUndefined();
  expect(data.asked?.since).toBeGreaterThan(before?.since ?? 0);
});

test('a Retry answers, also while what it needs does not answer yet: nobody else is called', async () => {
  const place = await undecided(...(FAILURES[0] as (typeof FAILURES)[number]));
  const { id, turn } = await place.newest();
  place.house.target.preflight = async () => {
    throw new Unavailable('production', 'answered 502');
  };
  await steer(place.requests, place.caller('U_ADA'), id, { kind: 'retry' });
  await place.wait(40 * MINUTE);
  await remindOfUndecided(place.requests);
  expect(place.said('undecided')).toEqual([]);
  const waiting = await place.newest();
  expect(waiting.state).toBe('deploying');
  expect(waiting.data.decision).toBeUndefined();
  expect(waiting.turn).toBeGreaterThan(turn);
  // The target is at nothing: whoever cancels needs none that can be stopped.
  expect(actionsFor(waiting)).toEqual([ACTION.cancel, ACTION.details]);
  Object.assign(place.house.target, { cancel: undefined });
  await steer(place.requests, place.caller('U_ADA'), id, { kind: 'cancel', reason: 'too long' });
  await place.wait(MINUTE);
  expect(await place.newest()).toMatchObject({ id, state: 'cancelled' });
});
