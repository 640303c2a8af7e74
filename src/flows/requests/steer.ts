import type { Permission } from '../../domain/policy/policy.ts';
import { undecided } from '../../domain/promotion/asking/undecided.ts';
import {
  isOpen,
  OPEN_STATES,
  type Promotion,
  type PromotionState,
  windowOf,
} from '../../domain/promotion/promotion.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { RunMessage } from '../run/port.ts';
import { mustBeAllowedOneOf, mustBeMember } from './permission.ts';
import { type AuditedRequest, about, audited, type Caller, portsOf, type RequestContext } from './request.ts';
import { tellRunOnce } from './tell-run.ts';

/** What people may tell a running promotion, besides votes, rollbacks, overrides and hotfixes. */
export type Steering =
  Exclude<RunMessage, { kind: 'vote' | 'rollback' | 'override' | 'hotfix' }> extends infer M
    ? Without<M>
    : never;
type Without<M> = M extends { by: string } ? Omit<M, 'by'> : never;

/** What the button that a person pressed was drawn for; empty for words and forms. */
export interface Seen {
  readonly turn?: number | undefined;
  /** How often the window had been changed. */
  readonly window?: number | undefined;
}

interface Rule {
  /** Who may: whoever has one of these permissions; none: every full member of the workspace. */
  readonly permissions: readonly Permission[];
  readonly states: readonly PromotionState[];
  /** Only while the promotion asks for this decision. */
  readonly decisions?: readonly NonNullable<Promotion['data']['decision']>[];
  /**
   * What the first person decides for all: to look again, the answer to what this turn asks, a change of the window.
   * Absent: every request counts, and each button once.
   */
  readonly once?: 'look' | 'answer' | 'window';
}

const RULES: Readonly<Record<Steering['kind'], Rule>> = {
  recheck: { permissions: ['start'], states: ['blocked', 'awaiting-approval'], once: 'look' },
  bump: { permissions: ['start'], states: ['blocked', 'awaiting-approval'] },
  cancel: {
    permissions: ['start'],
    states: ['checking', 'blocked', 'awaiting-approval', 'releasing', 'deploying'],
    once: 'answer',
  },
  retry: {
    permissions: ['start'],
    states: ['releasing', 'deploying', 'verifying', 'rolling-back'],
    decisions: ['retry-release', 'retry-deploy', 'unhealthy'],
    once: 'answer',
  },
  // Watching longer is on the safe side, so whoever may roll back may do it too.
  extend: { permissions: ['start', 'rollback'], states: ['monitoring'], once: 'window' },
  hold: { permissions: ['start', 'rollback'], states: ['monitoring'], once: 'window' },
  'release-hold': { permissions: ['start', 'rollback'], states: ['monitoring'], once: 'window' },
  accept: {
    permissions: ['accept'],
    states: ['verifying', 'monitoring', 'rolling-back'],
    decisions: ['unhealthy', 'warning', 'unproven', 'retry-deploy'],
    once: 'answer',
  },
  // It decides nothing: people are asked then.
  stop: { permissions: ['rollback', 'accept'], states: ['verifying', 'monitoring'] },
  take: {
    permissions: [],
    states: ['blocked', 'releasing', 'deploying', 'verifying', 'monitoring', 'rolling-back'],
  },
  report: { permissions: [], states: ['deploying', 'verifying', 'monitoring'] },
};

/**
 * Passes a person's wish on to the run, when they may, when it makes sense now, and when nobody was faster. A button must
 * have been drawn for the present turn. Refusals: `not-allowed`, `person-not-full-member`,
 * `own-lower-version`, `too-early`, `promotion-moved-on`, `not-asked`, `cancel-not-possible`, `card-changed`, `already-asked`.
 */
export async function steer(
  requests: RequestContext,
  caller: Caller,
  promotionId: string,
  wish: Steering,
  seen: Seen = {},
): Promise<Promotion> {
  const promotion = await requests.ledger.get(promotionId);
  const { state } = promotion;
  const rule = RULES[wish.kind];
  const action = `promotion.${wish.kind}` as const;
  return audited(requests, caller, about(action, promotion), async (request) => {
    await maySteer(requests, caller, promotion, wish, seen);
    mustBeAsSeen(promotion, wish, seen);
    if (wish.kind === 'take' && state !== 'monitoring') {
      await takeUndecided(requests, request, promotion);
      return promotion;
    }

    const key = keyOf(promotion, wish, rule, seen, caller);
    await tellRunOnce(requests, request, promotion, {
      key,
      action,
      message: { ...wish, by: caller.user, ...aboutOf(promotion, wish) } as RunMessage,
      from: rule.states,
      ...(isBoundToTurn(wish, state) && seen.turn !== undefined ? { turn: seen.turn } : {}),
    });
    return promotion;
  });
}

/** Whether a person may ask for this and it makes sense now; for those who only open its form. Throws as `steer` does. */
export async function maySteer(
  requests: RequestContext,
  caller: Caller,
  promotion: Promotion,
  wish: Steering,
  seen: Seen = {},
): Promise<void> {
  const { service, state, data } = promotion;
  const ports = portsOf(requests, service);
  const rule = RULES[wish.kind];
  const [first, ...others] = permissionsFor(wish, rule, state);
  // Everybody may press these at once; only what goes on with production is asked anew however many there are.
  const people = first === 'start' || first === undefined ? ports.people.forClicks : ports.people;
  if (first === undefined) await mustBeMember({ people }, caller.user, 'start');
  else await mustBeAllowedOneOf({ service: ports.service, people }, caller.user, [first, ...others]);
  const isLowering = wish.kind === 'bump' && wish.lowerConfirmed;
  const { approvals, selfApproval } = ports.service.policy;
  if (isLowering && approvals > 0 && !selfApproval && wanted(promotion).includes(caller.user)) {
    throw new Refusal('own-lower-version', { service });
  }
  // A release that goes on by itself is nobody's to retry.
  const isReleasing = wish.kind === 'retry' && state === 'releasing' && data.decision !== 'retry-release';
  const isOld = isOfEarlierTurn(promotion, wish, seen);
  if (!isOld && isBefore(promotion, rule.states))
    throw new Refusal('too-early', { service, state, what: wish.kind });
  if (!rule.states.includes(state) || isReleasing)
    throw new Refusal('promotion-moved-on', { service, state });
  const mayGoOn = wish.kind === 'accept' && state === 'monitoring' && data.stage !== undefined;
  if (rule.decisions && !mayGoOn && !rule.decisions.some((decision) => decision === data.decision)) {
    throw new Refusal('not-asked', { service, what: wish.kind });
  }
  if (wish.kind === 'take' && !isWaiting(promotion))
    throw new Refusal('not-asked', { service, what: 'take' });
  if (wish.kind === 'stop' && (data.stoppable ?? 0) <= requests.now())
    throw new Refusal('not-asked', { service, what: 'stop' });
  const isHeld = data.monitor?.held ?? false;
  if ((wish.kind === 'hold' && isHeld) || (wish.kind === 'release-hold' && !isHeld)) {
    throw new Refusal('already-asked', { service, what: wish.kind });
  }
  const isAtIt = state === 'deploying' && data.decision !== 'retry-deploy' && !data.retrying;
  if (wish.kind === 'cancel' && isAtIt && ports.target.cancel === undefined) {
    throw new Refusal('cancel-not-possible', { service, target: ports.target.name });
  }
}

/** Whether a promotion comes to all of these states later. In stages it has been there: it goes round for each share. */
function isBefore({ state, data }: Promotion, wanted: readonly PromotionState[]): boolean {
  const at = (one: PromotionState) => (OPEN_STATES as readonly PromotionState[]).indexOf(one);
  return data.stage === undefined && isOpen(state) && wanted.every((one) => at(one) > at(state));
}

/** What an answer is about: it may arrive when something else is asked. */
function aboutOf({ data }: Promotion, wish: Steering): { readonly about?: string } {
  return wish.kind === 'accept' && data.decision !== undefined ? { about: data.decision } : {};
}

/** Something waits for somebody to look after it. */
function isWaiting(promotion: Promotion): boolean {
  if (promotion.state !== 'monitoring') return undecided(promotion) !== null;
  return promotion.data.monitor?.alarm !== undefined;
}

/** Who asked for the promotion, and for its version. */
function wanted({ request, data }: Promotion): readonly string[] {
  return [request.by, ...(data.wish === undefined ? [] : [data.wish.by])];
}

/**
 * Confirming a bump below the evidence takes an approver, and going on with a rollback whoever may roll back. So does making
 * room for one: what is not deployed yet is in its way.
 */
function permissionsFor(wish: Steering, rule: Rule, state: PromotionState): readonly Permission[] {
  if (wish.kind === 'bump' && wish.lowerConfirmed) return ['approve'];
  if (wish.kind === 'retry' && state === 'rolling-back') return ['rollback'];
  if (wish.kind === 'cancel' && state !== 'deploying') return ['start', 'rollback'];
  return rule.permissions;
}

const UNBOUND: readonly Steering['kind'][] = ['take', 'stop', 'extend', 'hold', 'release-hold'];

/**
 * Whether a button of an earlier turn does nothing any more. Before the release a cancel means the same in every
 * turn; what changes the window is bound to the window.
 */
function isBoundToTurn(wish: Steering, state: PromotionState): boolean {
  if (wish.kind === 'cancel') return state === 'deploying';
  return !UNBOUND.includes(wish.kind);
}

function isOfEarlierTurn({ state, turn }: Promotion, wish: Steering, seen: Seen): boolean {
  return isBoundToTurn(wish, state) && seen.turn !== undefined && seen.turn !== turn;
}

function mustBeAsSeen(promotion: Promotion, wish: Steering, seen: Seen): void {
  const { service, state } = promotion;
  const facts = { promotion: promotion.id, service, state };
  if (isOfEarlierTurn(promotion, wish, seen)) throw new Refusal('card-changed', facts);
  if (seen.window !== undefined && seen.window !== windowOf(promotion))
    throw new Refusal('card-changed', facts);
}

function keyOf(promotion: Promotion, wish: Steering, rule: Rule, seen: Seen, caller: Caller): string {
  // The first who takes an alarm has it.
  if (wish.kind === 'take') return `take:${promotion.data.monitor?.alarm?.nr ?? 0}`;
  if (wish.kind === 'stop') return `stop:${promotion.data.stoppable ?? 0}`;
  if (rule.once === 'window') return `window:${windowOf(promotion)}`;
  if (rule.once !== undefined) return `${rule.once}:${promotion.turn}`;
  return seen.turn === undefined ? `${wish.kind}:${caller.key}` : `${wish.kind}:${seen.turn}`;
}

/**
 * A person says that they look after what has failed and waits for a decision: nobody else is called. It decides nothing,
 * so the run need not know. Refusals: `not-asked`, `already-asked` with who was first.
 */
async function takeUndecided(
  requests: RequestContext,
  request: AuditedRequest,
  { id, service, state, turn }: Promotion,
): Promise<void> {
  const promotion = await requests.ledger.get(id);
  const waits = undecided(promotion);
  if (waits === null || promotion.turn !== turn) throw new Refusal('not-asked', { service, what: 'take' });
  const { since, failed } = waits;
  const taken = waits.taken ?? { by: request.user, at: requests.now() };
  const after = await request.storing(() =>
    requests.ledger.change(id, {
      key: `take:${turn}`,
      from: [state],
      data: { asked: { since, taken } },
      told: { key: `take:${turn}`, notice: { kind: 'alarm-taken', by: request.user } },
      audit: request.row('promotion.take', { failed }),
    }),
  );
  const { by } = after.data.asked?.taken ?? taken;
  if (by !== request.user) throw new Refusal('already-asked', { service, what: 'take', owner: by });
}
