import type { Permission } from '../../../src/domain/policy/policy.ts';

/**
 * Who may do what when: the one table that the matrix test is generated from. It is meant to be read: a change of
 * a rule begins here.
 */

/** What people are, by the lists of the policy that name them. */
export interface Role {
  readonly user: string;
  readonly rights: readonly Permission[];
  /** Asked for the promotion. */
  readonly asked?: true;
  /** Named in every list, and refused all the same. */
  readonly outsider?: 'guest' | 'deactivated' | 'bot' | 'stranger';
  /** No list names anybody: what counts is who is in the channel of the service, and who is not. */
  readonly unnamed?: 'in the channel' | 'elsewhere';
}

/** What a configuration without permissions leaves to the channel: everything but to break the glass. */
const OF_THE_CHANNEL: readonly Permission[] = ['start', 'approve', 'rollback', 'accept', 'lock'];

const EVERY_RIGHT: readonly Permission[] = ['start', 'approve', 'rollback', 'accept', 'override', 'lock'];

export const ROLES = {
  requester: { user: 'U_REQUESTER', rights: ['start'], asked: true },
  approver: { user: 'U_APPROVER', rights: ['approve'] },
  'requester who approves': { user: 'U_BOTH', rights: ['start', 'approve'], asked: true },
  'starter who did not ask': { user: 'U_STARTER', rights: ['start'] },
  'override only': { user: 'U_OVERRIDE', rights: ['override'] },
  'accept only': { user: 'U_ACCEPT', rights: ['accept'] },
  'rollback only': { user: 'U_ROLLBACK', rights: ['rollback'] },
  'lock only': { user: 'U_LOCK', rights: ['lock'] },
  'member without any right': { user: 'U_MEMBER', rights: [] },
  guest: { user: 'U_GUEST', rights: EVERY_RIGHT, outsider: 'guest' },
  deactivated: { user: 'U_GONE', rights: EVERY_RIGHT, outsider: 'deactivated' },
  bot: { user: 'U_BOT', rights: EVERY_RIGHT, outsider: 'bot' },
  stranger: { user: 'U_STRANGER', rights: EVERY_RIGHT, outsider: 'stranger' },
  'by default: who asked': {
    user: 'U_ASKED',
    rights: OF_THE_CHANNEL,
    asked: true,
    unnamed: 'in the channel',
  },
  'by default: in the channel': { user: 'U_INSIDE', rights: OF_THE_CHANNEL, unnamed: 'in the channel' },
  'by default: elsewhere': { user: 'U_ELSEWHERE', rights: [], unnamed: 'elsewhere' },
  'by default: a guest in the channel': {
    user: 'U_INVITED',
    rights: EVERY_RIGHT,
    outsider: 'guest',
    unnamed: 'in the channel',
  },
} as const satisfies Readonly<Record<string, Role>>;
export type RoleName = keyof typeof ROLES;

/** All states of a promotion, and none; where a state can ask people something, once more with the question. */
export const SITUATIONS = [
  'none',
  'checking',
  'blocked',
  'blocked: lower bump',
  'blocked: frozen',
  'awaiting-approval',
  'awaiting-approval: voted',
  'releasing',
  'deploying',
  'deploying: failed',
  'verifying',
  'verifying: unhealthy',
  'monitoring',
  'monitoring: held',
  'monitoring: warning',
  'monitoring: unproven',
  'rolling-back',
  'rolling-back: failed',
  'shipped',
  'rolled-back',
  'failed',
  'failed: deployed',
  'cancelled',
  'expired',
] as const;
export type Situation = (typeof SITUATIONS)[number];

/** `done`, or the code of the refusal. */
export type Outcome = string;

export interface Rule {
  /** One of these rights is needed; none: any full member will do. */
  readonly rights: readonly Permission[] | ((situation: Situation) => readonly Permission[]);
  /** What whoever has the right gets, where it is not `otherwise`. */
  readonly when: Partial<Readonly<Record<Situation, Outcome>>>;
  readonly otherwise: Outcome;
  /** Whoever asked for the promotion gets this instead, in every situation with a promotion. */
  readonly asked?: Outcome;
  /** Whoever has approved already gets this in `awaiting-approval: voted`. */
  readonly voted?: Outcome;
}

const over = 'promotion-moved-on';
const done = (...situations: readonly Situation[]) =>
  Object.fromEntries(situations.map((situation) => [situation, 'done']));
const none = (code: Outcome) => ({ none: code });
const unknown = none('promotion-unknown');

const MONITORING = ['monitoring', 'monitoring: held', 'monitoring: warning', 'monitoring: unproven'] as const;
const PLANNING = [
  'blocked',
  'blocked: lower bump',
  'blocked: frozen',
  'awaiting-approval',
  'awaiting-approval: voted',
] as const;
const BEFORE_RELEASE = ['checking', ...PLANNING] as const;
const BEFORE_DEPLOY = [...BEFORE_RELEASE, 'releasing'] as const;
const BEFORE_WATCH = [
  ...BEFORE_DEPLOY,
  'deploying',
  'deploying: failed',
  'verifying',
  'verifying: unhealthy',
] as const;
const early = (...situations: readonly Situation[]) =>
  Object.fromEntries(situations.map((situation) => [situation, 'too-early']));

/** The service is free to be shipped: no promotion is open, no lock in force. */
const FREE = ['none', 'shipped', 'failed', 'failed: deployed', 'cancelled', 'expired'] as const;

export const RULES = {
  start: {
    rights: ['start'],
    otherwise: 'promotion-open',
    // A rollback leaves the service locked, and starting over a lock is another wish.
    when: { ...done(...FREE), 'rolled-back': 'locked' },
  },
  plan: { rights: ['start'], otherwise: 'done', when: {} },
  'join line': {
    rights: ['start'],
    otherwise: 'done',
    when: Object.fromEntries(FREE.map((situation) => [situation, 'nothing-to-wait-for'])),
  },
  approve: {
    rights: ['approve'],
    otherwise: over,
    when: { ...unknown, ...done('awaiting-approval', 'awaiting-approval: voted') },
    asked: 'self-approval',
    voted: 'already-voted',
  },
  decline: {
    rights: ['approve'],
    otherwise: over,
    when: { ...unknown, ...done('awaiting-approval', 'awaiting-approval: voted', 'releasing') },
  },
  'take approval back': {
    rights: [],
    otherwise: over,
    when: {
      ...unknown,
      'awaiting-approval': 'no-vote',
      'awaiting-approval: voted': 'no-vote',
      releasing: 'no-vote',
    },
    voted: 'done',
  },
  recheck: {
    rights: ['start'],
    otherwise: over,
    when: { ...unknown, ...early('checking'), ...done(...PLANNING) },
  },
  bump: {
    rights: ['start'],
    otherwise: over,
    when: { ...unknown, ...early('checking'), ...done(...PLANNING) },
  },
  'lower bump': {
    rights: ['approve'],
    otherwise: over,
    when: { ...unknown, ...early('checking'), ...done(...PLANNING) },
    asked: 'own-lower-version',
  },
  'break glass': {
    rights: ['override'],
    otherwise: over,
    when: {
      ...unknown,
      blocked: 'not-breakable',
      'blocked: lower bump': 'not-breakable',
      'blocked: frozen': 'done',
    },
  },
  cancel: {
    // What is not deployed yet is in the way of a rollback.
    rights: (situation) => (situation.startsWith('deploying') ? ['start'] : ['start', 'rollback']),
    otherwise: over,
    // The target of the house cannot stop what it has begun.
    when: {
      ...unknown,
      ...done('checking', ...PLANNING, 'releasing', 'deploying: failed'),
      deploying: 'cancel-not-possible',
    },
  },
  retry: {
    // A rollback is tried again by whoever may roll back.
    rights: (situation) => (situation.startsWith('rolling-back') ? ['rollback'] : ['start']),
    otherwise: over,
    when: {
      ...unknown,
      ...early(...BEFORE_RELEASE),
      deploying: 'not-asked',
      verifying: 'not-asked',
      'rolling-back': 'not-asked',
      ...done('deploying: failed', 'verifying: unhealthy', 'rolling-back: failed'),
    },
  },
  accept: {
    rights: ['accept'],
    otherwise: over,
    when: {
      ...unknown,
      ...early(...BEFORE_DEPLOY, 'deploying', 'deploying: failed'),
      verifying: 'not-asked',
      monitoring: 'not-asked',
      'monitoring: held': 'not-asked',
      'rolling-back': 'not-asked',
      ...done('verifying: unhealthy', 'monitoring: warning', 'monitoring: unproven', 'rolling-back: failed'),
    },
  },
  rollback: {
    rights: ['rollback'],
    otherwise: 'not-rollbackable',
    when: {
      ...unknown,
      ...done('deploying', 'deploying: failed', 'verifying', 'verifying: unhealthy', ...MONITORING),
      ...done('shipped', 'failed: deployed'),
      'rolling-back': 'already-asked',
      'rolling-back: failed': 'already-asked',
    },
  },
  'rollback to an older one': {
    rights: ['rollback'],
    otherwise: 'not-rollbackable',
    when: {
      ...unknown,
      ...done('deploying', 'deploying: failed', 'verifying', 'verifying: unhealthy', ...MONITORING),
      ...done('shipped', 'rolled-back', 'failed: deployed'),
      'rolling-back': 'already-asked',
      'rolling-back: failed': 'already-asked',
    },
  },
  'rollback to a tag that nobody shipped': {
    rights: ['rollback'],
    otherwise: 'not-rollbackable',
    when: {
      ...unknown,
      ...Object.fromEntries(
        (
          [
            'deploying',
            'deploying: failed',
            'verifying',
            'verifying: unhealthy',
            ...MONITORING,
            'shipped',
            'rolled-back',
            'failed: deployed',
          ] as const
        ).map((situation) => [situation, 'release-never-shipped']),
      ),
      'rolling-back': 'already-asked',
      'rolling-back: failed': 'already-asked',
    },
  },
  adopt: { rights: ['approve'], otherwise: 'done', when: {} },
  extend: {
    rights: ['start', 'rollback'],
    otherwise: over,
    when: { ...unknown, ...early(...BEFORE_WATCH), ...done(...MONITORING) },
  },
  hold: {
    rights: ['start', 'rollback'],
    otherwise: over,
    when: {
      ...unknown,
      ...early(...BEFORE_WATCH),
      ...done(...MONITORING),
      'monitoring: held': 'already-asked',
    },
  },
  'release hold': {
    rights: ['start', 'rollback'],
    otherwise: over,
    when: {
      ...unknown,
      ...early(...BEFORE_WATCH),
      monitoring: 'already-asked',
      'monitoring: warning': 'already-asked',
      'monitoring: unproven': 'already-asked',
      'monitoring: held': 'done',
    },
  },
  report: {
    rights: [],
    otherwise: over,
    when: {
      ...unknown,
      ...early(...BEFORE_DEPLOY),
      ...done('deploying', 'deploying: failed', 'verifying', 'verifying: unhealthy', ...MONITORING),
    },
  },
  lock: { rights: ['lock'], otherwise: 'done', when: { 'rolled-back': 'lock-held' } },
  unlock: { rights: ['lock'], otherwise: 'not-locked', when: done('rolled-back') },
  'acknowledge debt': { rights: ['approve'], otherwise: 'debt-settled', when: unknown },
  'audit trail': { rights: [], otherwise: 'done', when: {} },
} as const satisfies Readonly<Record<string, Rule>>;
export type ActionName = keyof typeof RULES;

/** What the table says of one cell. */
export function expected(roleName: RoleName, action: ActionName, situation: Situation): Outcome {
  const role: Role = ROLES[roleName];
  const rule: Rule = RULES[action];
  // Nobody can be asked about a promotion that does not exist.
  const outcome = rule.when[situation] ?? rule.otherwise;
  if (outcome === 'promotion-unknown') return outcome;
  if (role.outsider) return 'person-not-full-member';
  const rights = typeof rule.rights === 'function' ? rule.rights(situation) : rule.rights;
  if (rights.length > 0 && !rights.some((right) => role.rights.includes(right)))
    return role.unnamed && action === 'break glass' ? 'override-nobody' : 'not-allowed';
  if (role.asked && rule.asked !== undefined && situation !== 'none') return rule.asked;
  const hasVoted = situation === 'awaiting-approval: voted' && role.rights.includes('approve');
  return hasVoted && rule.voted !== undefined ? rule.voted : outcome;
}
