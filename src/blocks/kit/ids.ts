/**
 * What a button asks for. Its `action_id` may carry a suffix (`start:3`), because ids must differ within a message or
 * view, which may have several buttons of one kind.
 */
export const ACTION = {
  approve: 'approve',
  decline: 'decline',
  withdraw: 'withdraw',
  recheck: 'recheck',
  cancel: 'cancel',
  cancelPlanned: 'cancel_planned',
  confirmLowerBump: 'confirm_lower_bump',
  chooseBump: 'choose_bump',
  retryDeploy: 'retry_deploy',
  rollback: 'rollback',
  extend: 'extend',
  hold: 'hold',
  releaseHold: 'release_hold',
  accept: 'accept',
  hotfix: 'hotfix',
  take: 'take',
  stop: 'stop',
  start: 'start',
  snooze: 'snooze',
  subscribe: 'subscribe',
  unsubscribe: 'unsubscribe',
  plan: 'plan',
  details: 'details',
  joinQueue: 'join_queue',
  auditTrail: 'audit_trail',
  unlock: 'unlock',
  openThread: 'open_thread',
  openForm: 'open_form',
  breakGlass: 'break_glass',
  acknowledge: 'acknowledge',
  adopt: 'adopt',
  validate: 'validate_staging',
  dismiss: 'dismiss',
} as const;
export type Action = (typeof ACTION)[keyof typeof ACTION];

/** Callback ids of views and shortcuts. */
export const CALLBACK = {
  startForm: 'start_form',
  declineForm: 'decline_form',
  bumpForm: 'bump_form',
  reportForm: 'report_form',
  hotfixForm: 'hotfix_form',
  unlockForm: 'unlock_form',
  breakGlassForm: 'break_glass_form',
  details: 'details_view',
  shipShortcut: 'ship_shortcut',
  reportProblem: 'report_problem',
} as const;

/** Inputs of the forms: the same word is block_id and action_id, but for the block of `feature`. */
export const FIELD = {
  service: 'service',
  feature: 'feature',
  bump: 'bump',
  note: 'note',
  reason: 'reason',
  fix: 'fix',
} as const;

/** The block of the feature select: Slack keeps what was chosen under an id, and each service has features of its own. */
export function featureBlock(service: string | undefined): string {
  return service === undefined ? FIELD.feature : `${FIELD.feature}:${service}`.slice(0, 255);
}

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

/** The purpose for which the value of a button is sealed: it opens for this kind of button only. */
export function buttonPurpose(id: string): string {
  return `button ${id.split(':', 1)[0]}`;
}

/** The purpose for which the metadata of a form is sealed. */
export function viewPurpose(callback: string): string {
  return `view ${callback}`;
}
