import { expect, test } from 'vitest';
import { Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { mendingRuns, resumeAll } from '../../../src/flows/jobs/resume-runs.ts';
import type { RequestContext } from '../../../src/flows/requests/request.ts';
import { steer } from '../../../src/flows/requests/steer.ts';
import { deliver } from '../../../src/flows/requests/tell-run.ts';
import type { RunMessage } from '../../../src/flows/run/port.ts';
import { EVERY } from '../../../src/jobs/repeat.ts';
import { House } from '../house.ts';

const ID = 'shop-0001';
const log = { error: () => undefined };

/** A house whose runs are as this says; what was started and sent is kept. */
function houseWith(standing: Readonly<Record<string, 'not-started' | 'over'>> = {}) {
  const house = new House();
  const started: unknown[] = [];
  const sent: RunMessage[] = [];
  const outage = { is: false };
  const requests = house.requests({
    runs: {
      start: async (flow, id, input) => void started.push([flow, id, input]),
      send: async (_id, message) => {
        if (outage.is) throw new Unavailable('the database', 'no answer yet');
        sent.push(message);
      },
      standing: async (ids) => new Map(Object.entries(standing).filter(([id]) => ids.includes(id))),
    },
  });
  return { house, requests, started, sent, outage };
}

/** Mends what has not changed for long, as this process sees it. */
async function mendLate(house: House, requests: RequestContext): Promise<void> {
  const mend = mendingRuns(requests, log, house.clock.now);
  await mend();
  await house.clock.advance(20_000);
  await mend();
}

test('what a person decided reaches the run, also when nobody could tell it then', async () => {
  const { house, requests, sent, outage } = houseWith();
  await house.open();
  outage.is = true;
  const caller = { user: 'U_ADA', via: 'button', key: 'k' };
  const asked = steer(requests, caller, ID, { kind: 'cancel', reason: 'no' });
  await expect(asked).rejects.toMatchObject({ name: 'Unavailable', what: 'the database' });
  expect((await house.ledger.auditTrail({ promotionId: ID, limit: 1 }))[0]).toMatchObject({
    action: 'promotion.cancel',
    result: 'done',
  });
  outage.is = false;
  await deliver(requests, { olderThanMs: 0 });
  await deliver(requests, { olderThanMs: 0 });
  expect(sent).toEqual([{ kind: 'cancel', by: 'U_ADA', reason: 'no' }]);
});

test('an open promotion without a run is given it, once it is clear that nobody else will', async () => {
  const { house, requests, started } = houseWith({ [ID]: 'not-started' });
  await house.open();
  const mend = mendingRuns(requests, log, house.clock.now);
  await mend();
  await house.clock.advance(5_000);
  await mend();
  expect(started).toEqual([]);
  await house.clock.advance(5_000);
  await mend();
  expect(started).toEqual([['promote', ID, { promotionId: ID }]]);
});

test('within twenty seconds of being stored it is given its run, also when a look comes early', async () => {
  const { house, requests, started } = houseWith({ [ID]: 'not-started' });
  let elapsed = 0;
  const mend = mendingRuns(requests, log, () => elapsed);
  await mend();
  await house.open();
  for (const every of [EVERY.nineSeconds, EVERY.nineSeconds - 100]) {
    elapsed += every;
    await mend();
  }
  expect(elapsed).toBeLessThan(18_001);
  expect(started).toHaveLength(1);
});

test('a rollback whose run was never started is started as it was asked for', async () => {
  const { house, requests, started } = houseWith({ [`${ID}-rollback-3`]: 'not-started' });
  await house.open();
  const rollbackOrder = { by: 'U_ADA', reason: 'bad', to: '1.1.0' };
  await house.ledger.change(ID, {
    to: 'rolling-back',
    data: { run: `${ID}-rollback-3`, rollbackOrder },
  });
  await mendLate(house, requests);
  await resumeAll(requests);
  const begun = ['rollback', `${ID}-rollback-3`, { promotionId: ID, ...rollbackOrder }];
  expect(started).toEqual([begun, begun]);
});

test('one whose run is over is closed, with what is known of production', async () => {
  const { house, requests, started } = houseWith({ [ID]: 'over' });
  await house.open();
  await house.ledger.change(ID, {
    to: 'rolling-back',
    data: { release: { version: '1.3.0', tag: 'v1.3.0', commit: 'c'.repeat(40) } },
  });
  await mendLate(house, requests);
  const { state, data } = await house.ledger.get(ID);
  expect(state).toBe('failed');
  expect(data.notice?.text).toMatch(/did not foresee.*Production says that .* is live\. The log/s);
  expect(started).toEqual([]);
  await mendLate(house, requests);
  expect(house.slack.notices('closed')).toHaveLength(1);
});

test('one that its run closes at the same moment is left as it is', async () => {
  const { house, requests } = houseWith({ [ID]: 'over' });
  await house.open();
  const { standing } = requests.runs;
  requests.runs.standing = async (ids) => {
    await house.ledger.change(ID, { to: 'cancelled' });
    return standing(ids);
  };
  await mendLate(house, requests);
  expect((await house.ledger.get(ID)).state).toBe('cancelled');
});

test.each([-3_600_000, 3_600_000])(
  'when it was stored is not asked: the clock of a replica may be off by %s ms',
  async (offMs) => {
    const { house, requests, started } = houseWith({ [ID]: 'not-started' });
    await house.open();
    let elapsed = 0;
    const { ledger } = house;
    const recent: typeof ledger.recent = async (filter) =>
      (await ledger.recent(filter)).map((one) => ({ ...one, updatedAt: one.updatedAt + offMs }));
    const skewed = Object.assign(Object.create(ledger), { recent });
    const mend = mendingRuns({ ...requests, ledger: skewed }, log, () => elapsed);
    await mend();
    expect(started).toEqual([]);
    elapsed = 10_000;
    await mend();
    expect(started).toHaveLength(1);
  },
);
