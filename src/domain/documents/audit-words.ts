import type { JudgeVerdict } from '../judge/verdict.ts';

/** A row of the audit, as far as it is put into words. */
export interface AuditRow {
  /** ms since the epoch */
  readonly at: number;
  /** Slack user id, or `slipway`. */
  readonly actor: string;
  readonly action: string;
  readonly result: 'done' | 'refused' | 'failed';
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** What was done, as it is said after the name of who did it. */
const WORDS: Readonly<Record<string, string>> = {
  'promotion.opened': 'asked for a promotion',
  'promotion.blocked': 'found gates that do not pass',
  'promotion.recheck': 'asked for a re-check',
  'promotion.bump': 'chose another version',
  'promotion.agreed': 'found everything agreed',
  'promotion.withdrawn': 'stopped before the deploy, as what was approved no longer held',
  'promotion.retry': 'asked to try again',
  'promotion.cancel': 'asked to cancel',
  'promotion.cancelled': 'cancelled the promotion',
  'promotion.expired': 'let the promotion expire',
  'promotion.failed': 'ended the promotion as failed',
  'promotion.extend': 'asked for a longer watch',
  'promotion.hold': 'held the window open',
  'promotion.release-hold': 'released the hold',
  'promotion.accept': 'accepted it as it is',
  'promotion.report': 'reported a problem',
  'promotion.override': 'asked to break the glass',
  'promotion.shipped': 'closed the watch, as shipped',
  'plan.seen': 'looked at the plan',
  'plan.ready': 'showed the plan for approval',
  'plan.changed': 'showed a changed plan for approval',
  'approval.given': 'approved',
  'approval.declined': 'declined',
  'approval.withdrawn': 'took the approval back',
  'release.cut': 'released',
  'release.refused': 'could not release',
  'release.published': 'wrote the release page',
  'deployment.started': 'began to deploy',
  'deployment.succeeded': 'deployed',
  'deployment.failed': 'could not deploy',
  'deployment.not-stopped': 'could not stop the deployment',
  'health.checked': 'checked the health of production',
  'health.accepted': 'accepted a production that is not healthy',
  'production.turned': 'saw production change',
  'report.committed': 'committed the ship report',
  'rollback.asked': 'was asked whether to roll back',
  'rollback.requested': 'asked for a rollback',
  'rollback.started': 'began to roll back',
  'rollback.failed': 'could not roll back',
  'rollback.impossible': 'had nothing to roll back to',
  'rollback.given-up': 'gave the rollback up',
  'rollback.finished': 'finished the rollback',
  'lock.taken': 'locked',
  'lock.stolen': 'took the lock over',
  'lock.released': 'unlocked',
  'queue.joined': 'joined the line',
  'override.asked': 'looked at what breaking the glass would override',
  'override.used': 'broke the glass',
  'debt.acknowledged': 'acknowledged the broken glass',
  'audit.seen': 'looked at the audit',
};

const VERDICTS: Readonly<Record<JudgeVerdict, string>> = {
  healthy: 'healthy',
  watching: 'suspicious',
  warning: 'bad enough for a warning',
  critical: 'critical',
  inconclusive: 'impossible to judge',
};

/** Only looked at something, or said again in the row of what it led to. */
const ASIDE = /^(button|form|thread)\.|\.seen$|^(?:override|rollback)\.asked$|^promotion\.override$/;
/** What somebody could not do matters only for these. */
const TRIED = new Set(['rollback.requested']);

/** Their words say already that it did not work. */
const FAILURES = new Set(['release.refused', 'rollback.impossible', 'rollback.failed']);
const OUTCOME = { done: '', refused: ' (refused)', failed: ' (did not work)' } as const;

/** `rollback.requested` → `asked for a rollback`. What nobody wrote words for is said as it is named. */
export function actionInWords(action: string): string {
  const known = Object.hasOwn(WORDS, action) ? WORDS[action] : undefined;
  return known ?? action.replaceAll(/[._-]/g, ' ');
}

/** Whether it belongs into the account of an incident: no mere looks, and no clicks that came to nothing. */
export function isTold({ actor, action, result, detail }: AuditRow): boolean {
  if (ASIDE.test(action)) return false;
  if (result !== 'refused' || actor === 'slipway') return true;
  return TRIED.has(action) && detail?.['code'] !== 'already-asked';
}

/** A whole sentence without its subject and its full stop: `Asked for a rollback: orders fail`. Raw text. */
export function accountOf({ action, result, detail = {} }: AuditRow): string {
  const what = whatHappened(action, detail);
  const because = whyOf(action, detail);
  const came = FAILURES.has(action) ? '' : OUTCOME[result];
  const said = `${what}${came}${because === undefined ? '' : `: ${because}`}`;
  return said.charAt(0).toUpperCase() + said.slice(1);
}

function whatHappened(action: string, detail: NonNullable<AuditRow['detail']>): string {
  if (action === 'production.turned') return `saw that production is ${verdictOf(detail)}`;
  const words = actionInWords(action);
  const over = action === 'override.used' ? list(detail['over']) : undefined;
  if (over !== undefined) return `${words} over ${over}`;
  const to = text(detail['to']);
  const name = text(detail['tag']) ?? text(detail['version']);
  return `${words}${name === undefined ? '' : ` ${name}`}${to === undefined ? '' : ` to ${to}`}`;
}

function whyOf(action: string, detail: NonNullable<AuditRow['detail']>): string | undefined {
  if (action === 'health.checked') return list(detail['bad']) ?? 'all checks passed';
  return text(detail['text']) ?? text(detail['reason']) ?? list(detail['reasons']) ?? list(detail['changes']);
}

function verdictOf({ verdict }: NonNullable<AuditRow['detail']>): string {
  const known = typeof verdict === 'string' && Object.hasOwn(VERDICTS, verdict);
  return known ? VERDICTS[verdict as JudgeVerdict] : 'judged anew';
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

function list(value: unknown): string | undefined {
  if (!Array.isArray(value)) return undefined;
  return text(value.filter((one) => typeof one === 'string').join('; '));
}
