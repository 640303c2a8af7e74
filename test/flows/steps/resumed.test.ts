import { describe, expect, test } from 'vitest';
import { Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { promote } from '../../../src/flows/promote.ts';
import type { RunMessage } from '../../../src/flows/run/port.ts';
import { drive, MemoryJournal, MemoryRun } from '../../fakes/memory-run.ts';
import { House, STATE, stateFile } from '../house.ts';

const ID = 'shop-0001';
const HOUR = 3_600_000;

/** What people approved before, and no longer holds. */
const GONE: readonly (readonly [string, string, (house: House) => unknown])[] = [
  [
    'a lock',
    'Locked: incident',
    ({ ledger }) => ledger.lock({ service: 'shop', owner: 'U_LINUS', reason: 'incident' }),
  ],
  [
    'a lock of everything',
    'Everything is stopped: incident',
    ({ ledger }) => ledger.lock({ service: '*', owner: 'U_LINUS', reason: 'incident' }),
  ],
  [
    'an approver who was deactivated',
    'not everybody who approved may still approve',
    async ({ people }) =>
      people.profiles.set('U_GRACE', { ...(await people.profile('U_GRACE')), deleted: true }),
  ],
  ['approvals that expired', 'they have expired', ({ clock }) => clock.advance(5 * HOUR)],
  [
    'a validation that was withdrawn',
    'Staging validation',
    ({ repository, validated }) =>
      repository.push('main', 'docs: withdrawn', { [STATE]: stateFile(validated, { staging: 'rejected' }) }),
  ],
];

/** Grace approves whenever she is asked until `isOver`; then nobody does. */
function runOf(
  house: House,
  journal: MemoryJournal,
  more: Partial<ConstructorParameters<typeof MemoryRun>[0]> = {},
  then: (state: string) => RunMessage | null = () => null,
): MemoryRun {
  return new MemoryRun({
    id: ID,
    clock: house.clock,
    journal,
    script: async () => {
      const state = await house.state(ID);
      if (state !== 'awaiting-approval') return then(state);
      const isFirst = (await house.ledger.approvals(ID)).length === 0;
      return isFirst && (await house.approveOnce(ID)) ? { kind: 'vote' } : null;
    },
    ...more,
  });
}

/** Where the step of that name stands in the journal of a promotion that goes well. */
async function placeOf(name: string): Promise<number> {
  const house = new House();
  const journal = new MemoryJournal();
  await house.open();
  await drive(runOf(house, journal), (run) => promote(run, house.ports, ID));
  return journal.names().indexOf(name);
}

describe.each(GONE)('%s', (_what, why, happens) => {
  test.each(['releasing', 'released', 'recheck', 'deploying', 'deploy-begins', 'deploy-from'])(
    'while the bot was down after %s is not overlooked',
    async (last) => {
      const at = await placeOf(last);
      expect(at).toBeGreaterThan(0);
      const house = new House();
      const journal = new MemoryJournal();
      await house.open();
      const first = await drive(runOf(house, journal, { crash: { at, when: 'recorded' } }), (run) =>
        promote(run, house.ports, ID),
      );
      expect(first.kind).toBe('crashed');
      await happens(house);
      const tagged = house.repository.tags.has('v1.3.0');
      await drive(runOf(house, journal), (run) => promote(run, house.ports, ID));
      expect(house.target.started).toEqual([]);
      expect(house.repository.tags.has('v1.3.0'), 'no release is cut').toBe(tagged);
      expect(JSON.stringify(house.slack.said)).toContain(why);
    },
  );

  test('while the target is away is not overlooked, and a retry asks people again', async () => {
    const house = new House();
    const start = house.target.start.bind(house.target);
    let tries = 0;
    house.target.start = async (...given) => {
      tries += 1;
      if (tries === 2) await happens(house);
      if (tries <= 2) throw new Unavailable('production', 'connection refused');
      return start(...given);
    };
    let isAsked = false;
    await house.open();
    const run = runOf(house, new MemoryJournal(), {}, (state) => {
      if (state !== 'deploying' || isAsked || house.slack.notices('deploy-failed').length === 0) return null;
      isAsked = true;
      return { kind: 'retry', by: 'U_ADA' };
    });
    await drive(run, (running) => promote(running, house.ports, ID));
    expect(house.target.started).toEqual([]);
    expect(house.slack.notices('deploy-failed')[0]?.reason).toContain(why);
    expect(house.slack.notices('voided').at(-1)?.changes.join()).toContain(why);
  });
});

test('a deployment that had begun when the bot was killed is followed to its end', async () => {
  const at = await placeOf('deploy-1');
  const house = new House();
  const journal = new MemoryJournal();
  await house.open();
  await drive(runOf(house, journal, { crash: { at, when: 'unrecorded' } }), (run) =>
    promote(run, house.ports, ID),
  );
  expect(house.target.started).toHaveLength(1);
  await house.clock.advance(HOUR);
  await drive(runOf(house, journal), (run) => promote(run, house.ports, ID));
  expect(house.target.started).toHaveLength(1);
  expect(await house.state(ID)).toBe('shipped');
});

test('a cancel while the target is away counts: nothing is started when it answers again', async () => {
  const house = new House();
  const start = house.target.start.bind(house.target);
  let isAway = true;
  Object.assign(house.target, { cancel: async () => {} });
  house.target.start = async (...given) => {
    if (isAway) throw new Unavailable('production', 'connection refused');
    return start(...given);
  };
  await house.open();
  const run = runOf(house, new MemoryJournal(), {}, (state) => {
    if (state !== 'deploying' || house.slack.notices('trouble').length === 0 || !isAway) return null;
    isAway = false;
    return { kind: 'cancel', by: 'U_LINUS', reason: 'Stop.' };
  });
  await drive(run, (running) => promote(running, house.ports, ID));
  expect(house.target.started).toEqual([]);
  const { state, data } = await house.ledger.get(ID);
  expect(state).toBe('cancelled');
  expect(data.notice?.text).toContain('Stop.');
});
