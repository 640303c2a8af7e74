import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestOf } from '../../src/domain/plan.ts';
import type { Policy } from '../../src/domain/service.ts';
import { createLedger } from '../../src/engine/ledger.ts';
import type { Ledger } from '../../src/flows/ledger.ts';
import { promote } from '../../src/flows/promote.ts';
import type { Caller, Office } from '../../src/flows/requests/office.ts';
import { steer } from '../../src/flows/requests/steer.ts';
import { vote, withdrawVote } from '../../src/flows/requests/vote.ts';
import { tallyOf } from '../../src/flows/tally.ts';
import { freshDatabase, type TestDatabase } from '../engine/database.ts';
import { MemoryJournal, MemoryRun } from '../fakes/memory-run.ts';
import { House, STATE, stateFile } from './house.ts';

const PEOPLE = ['U_ADA', 'U_GRACE', 'U_LINUS', 'U_MARY'] as const;
const person = fc.constantFrom(...PEOPLE);

/** Everything that may happen while a promotion waits, in any order. */
const happening = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('approve' as const), who: person }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('approve-stale' as const), who: person }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('withdraw' as const), who: person }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('staging' as const),
      status: fc.constantFrom('approved', 'rejected', 'pending'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('push' as const),
      path: fc.constantFrom('src/server.js', 'specs/014-coupons/notes.md'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('policy' as const),
      approvals: fc.integer({ min: 1, max: 3 }),
      self: fc.boolean(),
      group: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('person' as const), who: person, active: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('group' as const), members: fc.subarray([...PEOPLE]) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('bump' as const),
      bump: fc.constantFrom('auto' as const, 'major' as const, 'patch' as const),
      lowerConfirmed: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('recheck' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('retry' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('break-deploy' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('kill' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.integer({ min: 1_000, max: 3 * 3_600_000 }),
    }),
  },
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

const life = fc.record({
  approvals: fc.integer({ min: 1, max: 3 }),
  happenings: fc.array(happening, { minLength: 4, maxLength: 16 }),
  /** What happens between the push of the release and the look before the deploy. */
  between: fc.option(happening, { freq: 3, nil: null }),
});

let runs = 0;

/** Lives through it all and checks each deployment that begins; answers with how many there were. */
async function live(
  ledger: Ledger | null,
  { approvals, happenings, between }: typeof life extends fc.Arbitrary<infer T> ? T : never,
) {
  const service = `shop-${runs++}`;
  const house = new House({ approvals }, 60_000);
  const stored = ledger ?? house.ledger;
  const basis = house.ports.service;
  let policy: Policy = basis.policy;
  const ports = {
    ...house.ports,
    ledger: stored,
    get service() {
      return { ...basis, name: service, policy };
    },
  };
  house.people.profiles.set('U_MARY', {
    id: 'U_MARY',
    name: 'Mary',
    deleted: false,
    bot: false,
    restricted: false,
  });
  house.people.groups.set('managers', ['U_GRACE']);
  const id = `${service}-run`;
  await stored.open({ id, request: { service, bump: 'auto', by: 'U_ADA' }, channel: 'C_SHIP' });

  const journal = new MemoryJournal();
  let run = new MemoryRun({ id, clock: house.clock, journal });
  let failure: unknown;
  let end: Promise<void> = Promise.resolve();
  const begin = () => {
    const mine = run;
    end = promote(run, ports, id).then(
      () => undefined,
      (error: unknown) => {
        if (mine === run) failure = error;
      },
    );
  };
  const office = {
    services: new Map([[service, ports]]),
    ledger: stored,
    runs: {
      start: async () => {},
      send: async (_id: string, message: Parameters<MemoryRun['send']>[0], key: string) =>
        run.send(message, key),
    },
    people: house.people,
    threads: { byThread: async () => null, cardOf: async () => null },
    now: house.clock.now,
    newId: () => id,
  } satisfies Office;

  let deployments = 0;
  const start = house.target.start.bind(house.target);
  house.target.start = async (order, key) => {
    if (order.kind === 'deploy') {
      deployments += 1;
      const promotion = await stored.get(id);
      const { plan } = promotion.data;
      if (!plan) throw new Error('deployed without a plan');
      expect(promotion.digest, 'the plan is what the digest says').toBe(digestOf(plan));
      const votes = (await stored.approvals(id)).filter((one) => one.valid && one.decision === 'approve');
      for (const one of votes) expect(one.digest, 'each approval is on this digest').toBe(promotion.digest);
      expect(
        (await tallyOf(ports, votes, plan.authors ?? [])).missing,
        'approvals that the policy asks for',
      ).toBe(0);
      if (!policy.selfApproval) expect(votes.map(({ by }) => by)).not.toContain('U_ADA');
      expect(house.forge.text('main', STATE), 'staging is approved').toContain('status: approved');
      const parents: string[] = [];
      for await (const commit of house.forge.commits(null, order.release.commit)) parents.push(commit.sha);
      if (plan.release.kind === 'cut') expect(parents[1], 'cut on the candidate').toBe(plan.candidate.commit);
      else expect(order.release.commit).toBe(plan.release.release.commit);
    }
    return start(order, key);
  };
  const digests: string[] = [];
  const act = async (what: Happening) => {
    const caller = (user: string): Caller => ({ user, via: 'button', key: `${Math.random()}` });
    const { digest } = await stored.get(id);
    if (digest) digests.push(digest);
    const quietly = (work: Promise<unknown>) => work.catch(() => undefined);
    switch (what.kind) {
      case 'approve':
        return quietly(vote(office, caller(what.who), id, { decision: 'approve', digest: digest ?? 'none' }));
      case 'approve-stale':
        return quietly(
          vote(office, caller(what.who), id, { decision: 'approve', digest: digests[0] ?? 'none' }),
        );
      case 'withdraw':
        return quietly(withdrawVote(office, caller(what.who), id));
      case 'staging':
        return house.forge.push('main', 'docs: state', {
          [STATE]: stateFile(house.validated, { staging: what.status }),
        });
      case 'push':
        return house.forge.push('main', 'docs: more', { [what.path]: `${Math.random()}` });
      case 'policy': {
        const requirements = what.group
          ? [{ name: 'managers', who: { users: [], groups: ['managers'] }, count: 1 }]
          : [];
        policy = { ...policy, approvals: what.approvals, selfApproval: what.self, requirements };
        return;
      }
      case 'person': {
        const profile = await house.people.profile(what.who);
        return house.people.profiles.set(what.who, { ...profile, deleted: !what.active });
      }
      case 'group':
        return house.people.groups.set('managers', what.members);
      case 'bump':
        return quietly(
          steer(office, caller('U_ADA'), id, {
            kind: 'bump',
            bump: what.bump,
            lowerConfirmed: what.lowerConfirmed,
          }),
        );
      case 'recheck':
      case 'retry':
        return quietly(steer(office, caller('U_ADA'), id, { kind: what.kind }));
      case 'break-deploy':
        return house.target.breakNextDeployment();
      case 'kill':
        run.kill();
        run = new MemoryRun({ id, clock: house.clock, journal });
        return begin();
      case 'wait':
        return house.clock.advance(what.ms);
    }
  };
  const cut = house.forge.cutRelease.bind(house.forge);
  house.forge.cutRelease = async (...given) => {
    const release = await cut(...given);
    if (between && between.kind !== 'kill' && between.kind !== 'wait') await act(between);
    return release;
  };
  const settled = () => Promise.race([run.waiting(), end]);
  begin();
  await settled();
  for (const one of happenings) {
    await act(one);
    await settled();
  }
  if (failure) throw failure;
  return deployments;
}

describe('nothing is deployed that was not approved as it is', () => {
  let database: TestDatabase;
  let ledger: Ledger;
  beforeAll(async () => {
    database = await freshDatabase();
    ledger = createLedger({ pool: database.pool, now: () => Date.now() });
  });
  afterAll(() => database.close());

  test('whatever people, clocks, policies and gates do, over the store of the engine', async () => {
    let deployments = 0;
    const RUNS = Number(process.env['SLIPWAY_RUNS'] ?? 60);
    await fc.assert(
      fc.asyncProperty(life, async (one) => {
        deployments += await live(ledger, one);
      }),
      { numRuns: RUNS },
    );
    expect(deployments).toBeGreaterThan(RUNS / 20);
  }, 300_000);

  test('and many more lives over a store in memory that keeps the same contract', async () => {
    let deployments = 0;
    const RUNS = Number(process.env['SLIPWAY_RUNS'] ?? 60) * 10;
    await fc.assert(
      fc.asyncProperty(life, async (one) => {
        deployments += await live(null, one);
      }),
      { numRuns: RUNS },
    );
    expect(deployments).toBeGreaterThan(RUNS / 20);
  }, 300_000);
});
