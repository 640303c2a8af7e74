import { type AuditAction, actionInWords, isAtSurface } from '../audit/actions.ts';
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

const VERDICTS: Readonly<Record<JudgeVerdict, string>> = {
  healthy: 'healthy',
  watching: 'suspicious',
  warning: 'bad enough for a warning',
  critical: 'critical',
  inconclusive: 'impossible to judge',
};

/** Only looked at something, or said again in the row of what it led to. */
const ASIDE: readonly AuditAction[] = [
  'audit.seen',
  'plan.seen',
  'override.asked',
  'rollback.asked',
  'promotion.override',
];
/** What somebody could not do matters only for these. */
const TRIED: readonly AuditAction[] = ['rollback.requested'];

/** Their words say already that it did not work. */
const FAILURES: readonly AuditAction[] = ['release.refused', 'rollback.impossible', 'rollback.failed'];
const OUTCOME = { done: '', refused: ' (refused)', failed: ' (did not work)' } as const;

/** Whether it belongs into the account of an incident: no mere looks, and no clicks that came to nothing. */
export function isTold({ actor, action, result, detail }: AuditRow): boolean {
  if (isAtSurface(action) || isOneOf(ASIDE, action)) return false;
  if (result !== 'refused' || actor === 'slipway') return true;
  return isOneOf(TRIED, action) && detail?.['code'] !== 'already-asked';
}

/** A whole sentence without its subject and its full stop: `Asked for a rollback: orders fail`. Raw text. */
export function accountOf({ action, result, detail = {} }: AuditRow): string {
  const what = whatHappened(action, detail);
  const because = whyOf(action, detail);
  const came = isOneOf(FAILURES, action) ? '' : OUTCOME[result];
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
  if (action === 'health.checked')
    return [list(detail['bad']), uncheckedWords(detail)].filter(Boolean).join('; ') || 'all checks passed';
  return text(detail['text']) ?? text(detail['reason']) ?? list(detail['reasons']) ?? list(detail['changes']);
}

function uncheckedWords({ checks, unasked }: NonNullable<AuditRow['detail']>): string | undefined {
  if (checks === 0) return 'nothing was checked';
  return typeof unasked === 'number' ? `${unasked} could not be asked` : undefined;
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

function isOneOf(actions: readonly AuditAction[], action: string): boolean {
  return (actions as readonly string[]).includes(action);
}
