import { z } from 'zod';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { LIMITS } from './limits.ts';

/**
 * What a button asks for. Its `action_id` on the wire may carry a suffix (`start:shop`), because a message or
 * view may hold the same kind of button twice and the ids must differ.
 */
export const ACTION = {
  approve: 'approve',
  decline: 'decline',
  withdraw: 'withdraw',
  recheck: 'recheck',
  cancel: 'cancel',
  confirmLowerBump: 'confirm_lower_bump',
  chooseBump: 'choose_bump',
  retryDeploy: 'retry_deploy',
  rollback: 'rollback',
  extend: 'extend',
  hold: 'hold',
  releaseHold: 'release_hold',
  accept: 'accept',
  start: 'start',
  plan: 'plan',
  details: 'details',
  joinQueue: 'join_queue',
  auditTrail: 'audit_trail',
  unlock: 'unlock',
  openThread: 'open_thread',
  openForm: 'open_form',
  breakGlass: 'break_glass',
  acknowledge: 'acknowledge',
  dismiss: 'dismiss',
} as const;
export type Action = (typeof ACTION)[keyof typeof ACTION];

/** Callback ids of views and shortcuts. */
export const CALLBACK = {
  startForm: 'start_form',
  declineForm: 'decline_form',
  bumpForm: 'bump_form',
  reportForm: 'report_form',
  breakGlassForm: 'break_glass_form',
  details: 'details_view',
  shipShortcut: 'ship_shortcut',
  reportProblem: 'report_problem',
} as const;

/** Inputs of the forms: the same word is block_id and action_id. */
export const FIELD = {
  service: 'service',
  feature: 'feature',
  bump: 'bump',
  note: 'note',
  reason: 'reason',
} as const;

/** The value of the feature select that stands for "decide by the state files". */
export const NEWEST_READY = 'newest-ready';

export function actionId(action: Action, suffix?: string): string {
  return suffix === undefined ? action : `${action}:${suffix}`.slice(0, 255);
}

/** The kind of a clicked button, whatever its suffix; null for an id that this version does not know. */
export function actionOf(id: string): Action | null {
  const kind = id.split(':', 1)[0];
  return Object.values(ACTION).find((action) => action === kind) ?? null;
}

/** Matches every id of one kind; for `app.action`. */
export function actionPattern(action: Action): RegExp {
  return new RegExp(`^${action}(:|$)`);
}

/** Sealing adds 16 bytes and two characters, and base64 a third. */
const PLAIN_BYTES = 1_450;

const Bump = z.enum(['auto', 'major', 'minor', 'patch']);

/** What a button or a form carries to its handler. Never trusted: the handler checks state and permission again. */
export const ButtonValue = z.strictObject({
  promotion: z.string().max(100).optional(),
  /** Digest that the person saw, the first digits. */
  digest: z.string().max(64).optional(),
  /** Turn of the promotion that the person saw. */
  turn: z.int().nonnegative().optional(),
  /** How often the monitor's window had been changed. */
  window: z.int().nonnegative().optional(),
  /** The lock that the person saw, as its `since`, ms since the epoch. */
  lock: z.number().optional(),
  service: z.string().max(200).optional(),
  feature: z.string().max(300).optional(),
  bump: Bump.optional(),
  /** Length of an extension, ms. */
  ms: z.number().positive().optional(),
  /** Version to go back to. */
  to: z.string().max(100).optional(),
  channel: z.string().max(100).optional(),
  thread: z.string().max(40).optional(),
  via: z.enum(['card', 'thread', 'home', 'offer', 'command']).optional(),
});
export type ButtonValue = z.infer<typeof ButtonValue>;

/**
 * The value in plain text, as it is before `sealed` makes it opaque. At most 1,450 bytes, so that it fits into
 * Slack's 2,000 characters then: a value beyond that is a mistake of the caller and throws.
 */
export function encodeValue(value: ButtonValue): string {
  const text = JSON.stringify(ButtonValue.parse(value));
  if (Buffer.byteLength(text) > PLAIN_BYTES) throw new Error('button value too long');
  return text;
}

/** The value of an opened token; null for a text that was not made by `encodeValue`. */
export function decodeValue(text: string | undefined): ButtonValue | null {
  if (text === undefined || text.length > LIMITS.value) return null;
  try {
    return ButtonValue.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** What the token of a button is good for: one kind of action. */
export function buttonPurpose(id: string): string {
  return `button ${id.split(':', 1)[0]}`;
}

/** What the token of a form is good for. */
export function viewPurpose(callback: string): string {
  return `view ${callback}`;
}

const SHORT_DIGEST = 16;

function shortDigest(digest: string): string {
  return digest.slice(0, SHORT_DIGEST);
}

/** Whether the digest that a button carries is the promotion's present one. */
export function sameDigest(short: string | undefined, digest: string | null): boolean {
  return digest !== null && short === shortDigest(digest);
}

/**
 * The value of a button on a card or in its thread. Nothing in it changes with mere progress: a card that shows
 * the same must be the same.
 */
export function promotionValue(promotion: Promotion, more: ButtonValue = {}): string {
  return encodeValue({
    promotion: promotion.id,
    ...(promotion.digest === null ? {} : { digest: shortDigest(promotion.digest) }),
    turn: promotion.turn,
    ...more,
  });
}
