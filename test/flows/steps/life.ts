import fc from 'fast-check';
import { expect } from 'vitest';
import type { DeployOrder } from '../../../src/adapters/targets/port.ts';
import type { Policy } from '../../../src/domain/policy/service.ts';
import { decidedBy } from '../../../src/domain/promotion/deciders.ts';
import { digestOf } from '../../../src/domain/promotion/plan.ts';
import { promote } from '../../../src/flows/promote.ts';
import type { Caller } from '../../../src/flows/requests/request.ts';
import { steer } from '../../../src/flows/requests/steer.ts';
import { vote, withdrawVote } from '../../../src/flows/requests/vote.ts';
import type { Ledger } from '../../../src/flows/run/ledger.ts';
import { countApprovals } from '../../../src/flows/steps/votes.ts';
import { MemoryJournal, MemoryRun } from '../../fakes/memory-run.ts';
import { House, STATE, stateFile } from '../house.ts';

const MINUTE = 60_000;
const EXPIRE_MS = 30 * MINUTE;
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
      // Mostly a while; now and then for longer than approvals last.
      ms: fc.oneof(
        { weight: 5, arbitrary: fc.integer({ min: 1_000, max: 5 * MINUTE }) },
        { weight: 1, arbitrary: fc.integer({ min: 5 * MINUTE, max: 40 * MINUTE }) },
      ),
    }),
  },
);
/** What ends a promotion, if it comes in time. */
const ending = fc.oneof(
  fc.record({ kind: fc.constant('decline' as const), who: person }),
  fc.record({ kind: fc.constant('cancel' as const) }),
);
const anything = fc.oneof({ weight: 2, arbitrary: happening }, { weight: 1, arbitrary: ending });
type Happening = typeof anything extends fc.Arbitrary<infer T> ? T : never;

export const life = fc.record({
  approvals: fc.integer({ min: 1, max: 3 }),
  happenings: fc.array(happening, { minLength: 3, maxLength: 12 }),
  /** Afterwards people do what it takes, as far as policy lets them: so there is a deployment to look at. */
  settled: fc.boolean(),
  /** What happens between the push of the release and the look before the deploy. */
  between: fc.option(anything, { freq: 3, nil: null }),
  /** What happens in the middle of one of the looks at gates and plan. */
  during: fc.option(fc.record({ look: fc.integer({ min: 2, max: 5 }), what: anything }), {
    freq: 2,
    nil: null,
  }),
});

const SETTLING: readonly Happening[] = [
  { kind: 'staging', status: 'approved' },
  { kind: 'recheck' },
  ...PEOPLE.map((who) => ({ kind: 'approve', who }) as const),
];

export type Life = typeof life extends fc.Arbitrary<infer T> ? T : never;

/**
 * Lives through it all and checks each deployment that begins; answers with how many there were. Nothing in it is
 * left to chance but `service`, which names a life that shares its store with others.
 */
export async function live(
  service: string,
  storeOf: (house: House) => Ledger,
  { approvals, happenings, settled, between, during }: Life,
): Promise<number> {
  const house = new House({ approvals, approvalsExpireMs: EXPIRE_MS }, MINUTE);
  const stored = storeOf(house);
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
  const requests = house.requests({
    services: new Map([[service, ports]]),
    ledger: stored,
    runs: {
      start: async () => {},
      standing: async () => new Map(),
      send: async (_id: string, message: Parameters<MemoryRun['send']>[0], key: string) =>
        run.send(message, key),
    },
    newId: () => id,
  });

  let deployments = 0;
  /** A cancel was accepted, and nothing that it could not stop was under way. */
  let isCancelled = false;
  let wrong: unknown;
  const start = house.target.start.bind(house.target);
  house.target.start = async (order, key) => {
    if (order.kind === 'deploy') {
      deployments += 1;
      // Thrown here it would only be a failed run, which a crash may hide.
      await examine(order).catch((error: unknown) => {
        wrong ??= error;
      });
    }
    return start(order, key);
  };
  /** Whether what is deployed now was approved as it is. */
  const examine = async (order: DeployOrder) => {
    const promotion = await stored.get(id);
    const { plan } = promotion.data;
    if (!plan) throw new Error('deployed without a plan');
    expect(promotion.digest, 'the plan is what the digest says').toBe(digestOf(plan));
    const valid = (await stored.approvals(id)).filter((one) => one.valid);
    expect(
      valid.filter((one) => one.decision === 'decline'),
      'nobody declined',
    ).toEqual([]);
    expect(isCancelled, 'nobody cancelled').toBe(false);
    const votes = valid.filter((one) => one.decision === 'approve');
    for (const one of votes)
      expect(one.at, 'none has expired').toBeGreaterThan(house.clock.now() - EXPIRE_MS);
    for (const one of votes) expect(one.digest, 'each approval is on this digest').toBe(promotion.digest);
    expect(
      (await countApprovals(ports, promotion, votes)).missing,
      'approvals that the policy asks for',
    ).toBe(0);
    if (!policy.selfApproval) expect(votes.map(({ by }) => by)).not.toContain('U_ADA');
    const deciders = await stored.deciders(id);
    if (deciders === null) throw new Error('nobody knows who asked');
    for (const { by } of votes)
      expect(decidedBy(promotion, by, deciders), 'nobody approved what they decided').toBeNull();
    expect(house.repository.text('main', STATE), 'staging is approved').toContain('status: approved');
    const parents: string[] = [];
    for await (const commit of house.repository.commits(null, order.release.commit)) parents.push(commit.sha);
    if (plan.release.kind === 'cut') expect(parents[1], 'cut on the candidate').toBe(plan.candidate.commit);
    else expect(order.release.commit).toBe(plan.release.release.commit);
  };
  const digests: string[] = [];
  let acts = 0;
  const act = async (what: Happening) => {
    acts += 1;
    const caller = (user: string): Caller => ({ user, via: 'button', key: `${acts}` });
    const { digest } = await stored.get(id);
    if (digest) digests.push(digest);
    const quietly = (work: Promise<unknown>) => work.catch(() => undefined);
    switch (what.kind) {
      case 'approve':
        return quietly(
          vote(requests, caller(what.who), id, { decision: 'approve', digest: digest ?? 'none' }),
        );
      case 'approve-stale':
        return quietly(
          vote(requests, caller(what.who), id, { decision: 'approve', digest: digests[0] ?? 'none' }),
        );
      case 'decline':
        return quietly(
          vote(requests, caller(what.who), id, { decision: 'decline', digest: digest ?? 'none' }),
        );
      case 'cancel':
        return steer(requests, caller('U_ADA'), id, { kind: 'cancel', reason: 'stop' }).then(
          () => {
            isCancelled = true;
          },
          () => undefined,
        );
      case 'withdraw':
        return quietly(withdrawVote(requests, caller(what.who), id));
      case 'staging':
        return house.repository.push('main', 'docs: state', {
          [STATE]: stateFile(house.validated, { staging: what.status }),
        });
      case 'push':
        return house.repository.push('main', 'docs: more', { [what.path]: `change ${acts}` });
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
          steer(requests, caller('U_ADA'), id, {
            kind: 'bump',
            bump: what.bump,
            lowerConfirmed: what.lowerConfirmed,
          }),
        );
      case 'recheck':
      case 'retry':
        return quietly(steer(requests, caller('U_ADA'), id, { kind: what.kind }));
      case 'break-deploy':
        return house.target.breakNextDeployment();
      case 'kill':
        run.kill();
        run = new MemoryRun({ id, clock: house.clock, journal });
        return begin();
      case 'wait':
        return house.clock.advance(what.ms, calm);
    }
  };
  const cut = house.repository.cutRelease.bind(house.repository);
  house.repository.cutRelease = async (...given) => {
    const release = await cut(...given);
    if (between && between.kind !== 'kill' && between.kind !== 'wait') await act(between);
    return release;
  };
  let looks = 0;
  const preflight = house.metrics.preflight.bind(house.metrics);
  house.metrics.preflight = async () => {
    looks += 1;
    const what = during?.look === looks ? during.what : null;
    if (what && what.kind !== 'kill' && what.kind !== 'wait') await act(what);
    return preflight();
  };
  const calm = () => Promise.race([run.waiting(), end]);
  begin();
  await calm();
  for (const one of happenings) {
    await act(one);
    await calm();
  }
  for (const one of settled ? SETTLING : []) {
    if (deployments > 0) break;
    await act(one);
    await calm();
  }
  if (wrong ?? failure) throw wrong ?? failure;
  return deployments;
}
