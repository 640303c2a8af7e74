import { describe, expect, test } from 'vitest';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { metricsAnswer } from '../../../src/flows/gates/metrics-answer.ts';
import { runGates } from '../../../src/flows/gates/run-gates.ts';
import { Facts } from '../../../src/flows/plan/facts.ts';
import { House } from '../house.ts';
import { town } from '../locks/town.ts';

async function ask(blindMonitor: 'allow' | 'refuse', change: (house: House) => void = () => {}) {
  const house = new House({ blindMonitor });
  change(house);
  const facts = new Facts(house.ports, { service: 'shop', bump: 'auto', by: 'U_ADA' });
  const [gate] = await runGates([metricsAnswer], facts);
  return { ...gate, away: facts.unavailable.size };
}

const down = ({ metrics }: House) => void metrics.down(true);
const blind = ({ metrics }: House) => void metrics.blind('it has no series of it');
const shipsAllTheSame = 'The policy allows to ship all the same: nobody may see that production suffers.';

describe('the gate of the metrics', () => {
  test('keeps a blind monitor from shipping', async () => {
    expect(await ask('refuse', down)).toMatchObject({ verdict: 'unknown', away: 1 });
    expect(await ask('refuse', blind)).toMatchObject({ verdict: 'failed' });
  });

  test('lets one ship where the policy allows it, and says so before the approval', async () => {
    expect(await ask('allow', down)).toMatchObject({
      verdict: 'passed',
      reason: `the metrics source: connection refused. ${shipsAllTheSame}`,
      notable: true,
      away: 0,
    });
    expect(await ask('allow', blind)).toMatchObject({
      verdict: 'passed',
      reason: `The metrics source memory cannot see the service: it has no series of it. ${shipsAllTheSame}`,
      notable: true,
    });
  });

  test('says nothing of it when all is seen', async () => {
    const seen = await ask('allow');
    expect(seen).toMatchObject({ verdict: 'passed', reason: 'The source answers.' });
    expect(seen).not.toHaveProperty('notable');
  });

  test('passes with a doubt of what is counted, and shows it', async () => {
    const doubt = 'No error was ever counted: check the query.';
    const doubting = ({ metrics }: House) => void Object.assign(metrics, { doubt: async () => doubt });
    expect(await ask('refuse', doubting)).toMatchObject({
      verdict: 'passed',
      reason: `The source answers. ${doubt}`,
      notable: true,
    });
  });

  test('refuses ticks that the source cannot tell apart', async () => {
    const short = await ask(
      'allow',
      ({ metrics }) => void Object.assign(metrics, { shortestTickMs: 60_000 }),
    );
    expect(short).toMatchObject({
      verdict: 'failed',
      reason: 'memory has new figures only every 1 min: looking at it every 30 s is too often.',
    });
  });

  test('refuses a source whose ticks have no value, though it sees the service in a longer time', async () => {
    const empty = (valued: (tick: number) => boolean) => (house: House) =>
      void house.metrics.weather((end) =>
        valued(Math.floor((house.clock.now() - end) / 30_000))
          ? { total: 60, errors: 0, latencyMs: 20 }
          : null,
      );
    const none = await ask(
      'refuse',
      empty(() => false),
    );
    expect(none).toMatchObject({ verdict: 'failed' });
    expect(none.reason).toMatch(
      /^The metrics source memory cannot see the service: none of the \d+ ticks of 30 s before has a value: make/,
    );
    const told = async (more: object) => {
      const { reason = '' } = await ask('refuse', (house) => {
        empty(() => false)(house);
        Object.assign(house.metrics, more);
      });
      return /metrics\.scrape/.test(reason) ? 'both' : /metrics\.delay/.test(reason) ? 'delay' : reason;
    };
    expect(await told({ delayMs: 0 }), 'settings that it has').toBe('delay');
    expect(await told({ delayMs: 0, kind: 'prometheus' })).toBe('both');
    const shortly = await ask('refuse', (house) => {
      empty(() => false)(house);
      Object.assign(house.ports.service.monitoring, { baselineMs: 600_000 });
    });
    expect(shortly, 'seen in 15 minutes').toMatchObject({ verdict: 'passed' });
    const allowed = await ask(
      'allow',
      empty(() => false),
    );
    expect(allowed).toMatchObject({ verdict: 'passed', notable: true });
    // Now and then a request is how a service with little traffic looks.
    const little = await ask(
      'refuse',
      empty((tick) => tick % 7 === 0),
    );
    expect(little).toMatchObject({ verdict: 'passed' });
    expect(little.reason).toMatch(/^The source answers\. Only \d+ of \d+ ticks before have a value/);
    const half = await ask(
      'refuse',
      empty((tick) => tick % 2 === 0),
    );
    expect(half).toMatchObject({ verdict: 'passed', reason: 'The source answers.' });
    // What forgets has seen nothing of before yet.
    const forgets = (house: House) => {
      empty(() => false)(house);
      Object.assign(house.metrics, { forgets: true });
    };
    expect(await ask('refuse', forgets)).toMatchObject({ verdict: 'passed', reason: 'The source answers.' });
  });

  test('keeps one from shipping into trouble that is there already, unless somebody breaks the glass', async () => {
    const worse = (since: number, share: number) => (house: House) =>
      void house.metrics.weather((end) => {
        const isLate = end > house.clock.now() - since * 60_000;
        return { total: 600, errors: isLate ? 600 * share : 0, latencyMs: 20 };
      });
    expect(await ask('refuse', worse(10, 0.05))).toMatchObject({
      verdict: 'failed',
      reason: expect.stringMatching(
        /^Production is not well before the deploy: the error rate has risen from 0 % to 5 %\.$/,
      ),
    });
    expect(await ask('allow', worse(600, 0.12))).toMatchObject({
      verdict: 'failed',
      reason: expect.stringMatching(
        /^Production is not well before the deploy: 12 % of [\d,]+ requests failed\.$/,
      ),
    });
    expect(await ask('refuse', worse(600, 0.05))).toMatchObject({ verdict: 'passed' });
  });

  test('does not take what is set up wrongly for blindness', async () => {
    const refused = await ask('allow', ({ metrics }) => {
      metrics.preflight = () =>
        Promise.reject(new Refusal('metrics-unauthorised', { source: 'm', status: 401 }));
    });
    expect(refused).toMatchObject({ verdict: 'failed' });
  });
});

test('who may break the glass ships the mend into trouble that is there already', async () => {
  const place = town();
  place.house.metrics.weather(() => ({ total: 600, errors: 120, latencyMs: 20 }));
  await place.start();
  expect((await place.newest()).state).toBe('blocked');
  await place.breakGlass('U_LINUS', 'this release is the mend');
  const { state, data } = await place.newest();
  expect(state).toBe('awaiting-approval');
  expect(data.gates?.find(({ id }) => id === 'metrics-answer')?.verdict).toBe('overridden');
  expect(place.house.target.started).toEqual([]);
});

test('an override covers the trouble that somebody saw: what comes later, or is worse, is another', async () => {
  const place = town();
  const { metrics, clock } = place.house;
  const weather = (share: number, latencyMs: number) =>
    metrics.weather((end) => {
      const isLate = end > clock.now() - 600_000;
      return { total: 600, errors: isLate ? 600 * share : 0, latencyMs: isLate ? latencyMs : 20 };
    });
  const state = async () => (await place.newest()).state;
  weather(0.02, 20);
  await place.start();
  expect(await state()).toBe('blocked');
  await place.breakGlass('U_LINUS', 'this is the mend');
  expect(await state()).toBe('awaiting-approval');
  weather(0.02, 2_000);
  await place.approve();
  expect(await state(), 'latency too').toBe('blocked');
  weather(0.5, 20);
  await place.recheck();
  expect(await state(), 'far worse').toBe('blocked');
  await place.breakGlass('U_LINUS', 'this is the mend of all of it');
  expect(await state()).toBe('awaiting-approval');
  weather(0.02, 20);
  await place.recheck();
  expect(await state(), 'less than what was covered').toBe('awaiting-approval');
  expect(place.house.target.started).toEqual([]);
});
