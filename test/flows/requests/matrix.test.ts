import { beforeAll, describe, expect, inject, test } from 'vitest';
import type { Permission } from '../../../src/domain/policy/policy.ts';
import type { Who } from '../../../src/domain/policy/service.ts';
import type { PromotionData, PromotionState } from '../../../src/domain/promotion/promotion.ts';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { adoptRelease } from '../../../src/flows/requests/adopt.ts';
import { auditTrailFor } from '../../../src/flows/requests/audit-trail.ts';
import { acknowledgeDebt, breakGlass } from '../../../src/flows/requests/break-glass.ts';
import { lockService, unlockService } from '../../../src/flows/requests/locks.ts';
import { audited, type Caller, type RequestContext } from '../../../src/flows/requests/request.ts';
import { requestRollback } from '../../../src/flows/requests/roll-back.ts';
import { joinQueue, planOnly, startPromotion } from '../../../src/flows/requests/start.ts';
import { steer } from '../../../src/flows/requests/steer.ts';
import { vote, withdrawVote } from '../../../src/flows/requests/vote.ts';
import type { Change } from '../../../src/flows/run/ledger.ts';
import type { RunMessage } from '../../../src/flows/run/port.ts';
import type { Ports } from '../../../src/flows/run/ports.ts';
import { type Inspection, inspect } from '../../../src/flows/steps/inspect.ts';
import { MemoryLedger } from '../../fakes/memory-ledger.ts';
import { parseConfig } from '../../support/all-adapters.ts';
import { House } from '../house.ts';
import {
  type ActionName,
  expected,
  type Outcome,
  ROLES,
  type Role,
  type RoleName,
  RULES,
  SITUATIONS,
  type Situation,
} from './matrix.ts';

const ID = 'shop-0001';
const roleNames = Object.keys(ROLES) as RoleName[];
const roles: readonly Role[] = Object.values(ROLES);

const namedFor = (right: Permission): Who => ({
  users: roles.filter((role) => !role.unnamed && role.rights.includes(right)).map(({ user }) => user),
  groups: [],
});

/** Two approvals, so that the first one is not the last. */
const named = new House({
  start: namedFor('start'),
  approve: namedFor('approve'),
  rollback: namedFor('rollback'),
  accept: namedFor('accept'),
  override: namedFor('override'),
  lock: namedFor('lock'),
  approvals: 2,
});
/** By a configuration in which nobody is named. */
const SHORT = `
slack: { channel: "#ship" }
services:
  shop:
    repository: { use: git, url: "https://git.example.com/shop.git" }
    target: { use: git-branch, branch: production }
    approvals: { required: 2 }
`;
const unnamed = new House(parseConfig(SHORT, 'slipway.yaml').services.get('shop')?.service.policy);
const houseOf = (role: Role) => (role.unnamed ? unnamed : named);
for (const role of roles) {
  const { user: id, outsider } = role;
  const profile = { id, name: id, deleted: outsider === 'deactivated', bot: outsider === 'bot' };
  const { people } = houseOf(role);
  people.profiles.set(id, { ...profile, restricted: outsider === 'guest' || outsider === 'stranger' });
  if (role.unnamed === 'elsewhere') people.outsideChannel.add(id);
}

/** Two old tags, of what production was built upon. */
const older = named.repository.branches.get('production') ?? '';
for (const { repository } of [named, unnamed]) {
  repository.tag('v1.1.0', older);
  repository.tag('v0.1.0', older);
}

let seen: Inspection;
beforeAll(async () => {
  seen = await inspect(named.ports, { service: 'shop', bump: 'auto', by: 'U_REQUESTER' });
  expect(seen.plan?.rollbackTo?.version).toBe('1.2.0');
});

const ACTIONS: Readonly<Record<ActionName, (requests: RequestContext, caller: Caller) => Promise<unknown>>> =
  {
    start: (requests, caller) => startPromotion(requests, caller, { service: 'shop', bump: 'auto' }),
    plan: (requests, caller) => planOnly(requests, caller, { service: 'shop', bump: 'auto' }),
    'join line': (requests, caller) => joinQueue(requests, caller, 'shop'),
    approve: (requests, caller) => vote(requests, caller, ID, { decision: 'approve', digest: 'digest' }),
    decline: (requests, caller) => vote(requests, caller, ID, { decision: 'decline', digest: 'digest' }),
    'take approval back': (requests, caller) => withdrawVote(requests, caller, ID),
    recheck: (requests, caller) => steer(requests, caller, ID, { kind: 'recheck' }),
    bump: (requests, caller) =>
      steer(requests, caller, ID, { kind: 'bump', bump: 'major', lowerConfirmed: false }),
    'lower bump': (requests, caller) =>
      steer(requests, caller, ID, { kind: 'bump', bump: 'patch', lowerConfirmed: true }),
    'break glass': (requests, caller) => breakGlass(requests, caller, ID, 'customers cannot pay'),
    cancel: (requests, caller) => steer(requests, caller, ID, { kind: 'cancel', reason: 'not today' }),
    retry: (requests, caller) => steer(requests, caller, ID, { kind: 'retry' }),
    accept: (requests, caller) => steer(requests, caller, ID, { kind: 'accept' }),
    rollback: (requests, caller) => requestRollback(requests, caller, ID, { reason: 'broken' }),
    'rollback to an older one': (requests, caller) =>
      requestRollback(requests, caller, ID, { reason: 'broken', to: '1.2.0' }),
    'rollback to a tag that nobody shipped': (requests, caller) =>
      requestRollback(requests, caller, ID, { reason: 'broken', to: '0.1.0' }),
    adopt: (requests, caller) =>
      adoptRelease(requests, caller, { service: 'shop', version: '1.1.0', commit: older }),
    extend: (requests, caller) => steer(requests, caller, ID, { kind: 'extend', ms: 60_000 }),
    hold: (requests, caller) => steer(requests, caller, ID, { kind: 'hold' }),
    'release hold': (requests, caller) => steer(requests, caller, ID, { kind: 'release-hold' }),
    report: (requests, caller) => steer(requests, caller, ID, { kind: 'report', text: 'the cart is empty' }),
    lock: (requests, caller) => lockService(requests, caller, { service: 'shop', reason: 'migration' }),
    unlock: (requests, caller) => unlockService(requests, caller, 'shop', { because: 'mended' }),
    'acknowledge debt': (requests, caller) => acknowledgeDebt(requests, caller, ID),
    'audit trail': (requests, caller) => auditTrailFor(requests, caller, 'shop'),
  };

/** How a promotion gets into each situation. */
function stateOf(situation: Situation): Change | null {
  if (situation === 'none' || situation === 'checking') return null;
  const { plan, gates } = seen;
  const [state, question] = situation.split(': ') as [PromotionState, string | undefined];
  const at = named.clock.now();
  const planned: Change['data'] = { gates, plan };
  const deployment = { id: 'dep-1', startedAt: at, finishedAt: at };
  const release = { version: '1.3.0', tag: 'v1.3.0', commit: named.validated };
  const deployed = { ...planned, release, deployment };
  const monitor: PromotionData['monitor'] = {
    startedAt: at,
    endsAt: at + 600_000,
    tick: 1,
    judgement: { verdict: 'healthy', findings: [] },
    held: question === 'held',
    errorRates: [],
    blind: 0,
    reports: 0,
  };
  const failed = (barriers?: readonly string[]) => ({
    id: 'not-frozen',
    title: 'Freeze',
    verdict: 'failed' as const,
    reason: 'why',
    ...(barriers ? { barriers } : {}),
  });
  const decisions: Readonly<Record<string, PromotionData['decision']>> = {
    'deploying: failed': 'retry-deploy',
    'rolling-back: failed': 'retry-deploy',
    'verifying: unhealthy': 'unhealthy',
    'monitoring: warning': 'warning',
    'monitoring: unproven': 'unproven',
    'blocked: lower bump': 'lower-bump',
  };
  const decision = decisions[situation] ?? null;
  switch (state) {
    case 'blocked':
      return {
        to: state,
        data: { plan, gates: [failed(question === 'frozen' ? ['freeze:x'] : undefined)], decision },
      };
    case 'awaiting-approval':
      return { to: state, digest: 'digest', data: planned };
    case 'monitoring':
      return { to: state, digest: 'digest', data: { ...deployed, monitor, decision } };
    case 'verifying':
    case 'rolling-back':
    case 'shipped':
    case 'rolled-back':
      return { to: state, digest: 'digest', data: { ...deployed, decision } };
    case 'failed':
      return { to: state, data: question === 'deployed' ? deployed : planned };
    default:
      return { to: state, digest: 'digest', data: { ...planned, decision } };
  }
}

/** One cell: the situation made anew, the action done as a handler does it. */
async function cell(role: Role, action: ActionName, situation: Situation) {
  const house = houseOf(role);
  const ledger = new MemoryLedger(house.clock.now);
  const sent: RunMessage[] = [];
  const started: string[] = [];
  const ports: Ports = { ...house.ports, ledger };
  const requests = house.requests({
    services: new Map([['shop', ports]]),
    ledger,
    runs: {
      start: async (flow) => void started.push(flow),
      send: async (_id, message) => void sent.push(message),
      standing: async () => new Map(),
    },
    newId: () => 'shop-0002',
  });
  if (situation !== 'none') {
    const by = role.asked ? role.user : 'U_SOMEBODY';
    await ledger.open({ id: ID, request: { service: 'shop', bump: 'auto', by }, channel: 'C_SHIP' });
    const change = stateOf(situation);
    if (change) await ledger.change(ID, change);
    if (situation === 'awaiting-approval: voted') {
      for (const { user, rights } of roles) {
        if (rights.includes('approve'))
          await ledger.vote(ID, { by: user, digest: 'digest', decision: 'approve' });
      }
    }
    if (situation === 'rolled-back') {
      await ledger.lock({ service: 'shop', owner: 'slipway', reason: 'Rolled back', promotionId: ID });
    }
  }
  const world = async () => ({
    promotion: situation === 'none' ? null : await ledger.get(ID),
    votes: await ledger.approvals(ID),
    lock: await ledger.lockOf('shop'),
    line: (await ledger.recent({ limit: 9 })).length,
    adopted: (await ledger.releases('shop')).filter(({ how }) => how === 'adopted').length,
    sent: sent.length,
    started: started.length,
  });

  const before = await world();
  const rows = (await ledger.auditTrail({ limit: 99 })).length;
  const caller: Caller = {
    user: role.user,
    via: 'button',
    channel: 'C_SHIP',
    ts: '1.2',
    link: 'https://x',
    key: 'k',
  };
  const outcome = await audited(requests, caller, { action: 'button.x' }, (request) =>
    ACTIONS[action](requests, request),
  ).then(
    () => 'done',
    (error: unknown) => {
      if (error instanceof Refusal) return error.code;
      throw error;
    },
  );
  const written = (await ledger.auditTrail({ limit: 99 })).slice(0, -rows || undefined);
  const changed = JSON.stringify(await world()) !== JSON.stringify(before);
  return { outcome, written, changed };
}

/** What only looks changes nothing. */
const LOOKS: readonly ActionName[] = ['plan', 'audit trail'];

/** All cells, or every fourth of them, others by each seed. */
const { whole, seed } = inject('sampling');
const actions = Object.keys(RULES) as ActionName[];
const situationsOf = (role: (typeof roleNames)[number], action: ActionName) =>
  SITUATIONS.filter(
    (_one, nth) => whole || (nth + roleNames.indexOf(role) + actions.indexOf(action) + seed) % 4 === 0,
  );

describe.each(actions)('%s', (action) => {
  test.each(roleNames)('%s', async (roleName) => {
    const role: Role = ROLES[roleName];
    const actual: Partial<Record<Situation, Outcome>> = {};
    const wanted: Partial<Record<Situation, Outcome>> = {};
    for (const situation of situationsOf(roleName, action)) {
      const where = `${roleName}, ${action}, ${situation}`;
      const { outcome, written, changed } = await cell(role, action, situation);
      actual[situation] = outcome;
      wanted[situation] = expected(roleName, action, situation);
      expect(written, `rows of the audit: ${where}`).toHaveLength(1);
      expect(written[0], where).toMatchObject({
        actor: role.user,
        result: outcome === 'done' ? 'done' : 'refused',
        source: { via: 'button', channel: 'C_SHIP', ts: '1.2', link: 'https://x' },
      });
      if (outcome !== 'done') expect(written[0]?.detail, where).toMatchObject({ code: outcome });
      if (action !== 'join line')
        expect(changed, `an effect: ${where}`).toBe(outcome === 'done' && !LOOKS.includes(action));
    }
    expect(actual).toEqual(wanted);
  });
});

/** Nobody may ever, or only in situations that are none of a promotion. */
const NEVER: readonly ActionName[] = ['acknowledge debt', 'rollback to a tag that nobody shipped'];

test('every situation and every role is somewhere allowed something, and refused something', () => {
  const cells = roleNames.flatMap((role) =>
    (Object.keys(RULES) as ActionName[]).flatMap((action) =>
      SITUATIONS.map((situation) => ({
        role,
        action,
        situation,
        outcome: expected(role, action, situation),
      })),
    ),
  );
  expect(cells.length).toBeGreaterThan(5_000);
  for (const action of Object.keys(RULES) as ActionName[]) {
    const outcomes = cells.filter((one) => one.action === action).map(({ outcome }) => outcome);
    if (!NEVER.includes(action)) expect(outcomes, action).toContain('done');
    expect(outcomes, action).toContain('person-not-full-member');
  }
  for (const situation of SITUATIONS) {
    expect(cells.filter((one) => one.situation === situation).some(({ outcome }) => outcome === 'done')).toBe(
      true,
    );
  }
});
