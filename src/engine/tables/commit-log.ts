import type { Logger } from 'pino';
import type { AuditEntry } from '../../domain/audit/entry.ts';
import type { AuditHead } from '../../domain/audit/head.ts';
import type { JudgeVerdict } from '../../domain/judge/verdict.ts';
import { measured } from '../../domain/operations/measures.ts';
import { isOpen, type PromotionState } from '../../domain/promotion/promotion.ts';
import { given } from '../../domain/text/given.ts';

/** What one transaction changes, for the log once it is committed. Whoever changes something adds to it. */
export interface CommitLog {
  readonly entries: AuditEntry[];
  /** The end of the audit that it leaves, where that comes behind the last one that was kept outside. */
  end?: AuditHead;
  /** The promotion whose state, or whose watch, is another one now. */
  changed?: {
    readonly promotion: string;
    readonly service: string;
    /** When it was asked for, ms since the epoch. */
    readonly createdAt: number;
    readonly state?: { readonly from: PromotionState; readonly to: PromotionState };
    readonly verdict?: { readonly from: JudgeVerdict | undefined; readonly to: JudgeVerdict };
  };
}

/** What is done with each commit: it counts what has come to an end and, with a log, has its lines there. */
export function afterCommit(log: Logger | undefined): (commit: CommitLog) => void {
  const logged = log && logCommits(log);
  return (commit) => {
    measureCommit(commit);
    logged?.(commit);
  };
}

function measureCommit({ changed }: CommitLog): void {
  if (changed?.state === undefined || isOpen(changed.state.to)) return;
  const { promotion, service, createdAt: since, state } = changed;
  measured('ending', { promotion, service, since, state: state.to });
}

/** Facts of an entry that are ids, versions or numbers of ours; sentences and outside text stay out of the log. */
const LOGGED = [
  'tag',
  'version',
  'commit',
  'to',
  'attempt',
  'verdict',
  'gates',
  'code',
  'reference',
] as const;
const ID = /^[\w.@:+/-]{1,120}$/;

/**
 * One line for each thing that was done and for each change of state, at `info`, and `warn` for an alarm. Attempts
 * that were refused are at `debug`: whoever refused them has a line of its own.
 */
function logCommits(log: Logger): (commit: CommitLog) => void {
  return ({ entries, changed }) => {
    const { promotion, service, state, verdict } = changed ?? {};
    const about = promotion === undefined ? {} : { promotion, service };
    const move = state === undefined ? {} : { from: state.from, to: state.to };
    for (const entry of entries) {
      const level = entry.result === 'done' ? 'info' : 'debug';
      log[level]({ ...factsOf(entry), ...about, ...move }, entry.action);
    }
    if (state !== undefined && entries.length === 0) log.info({ ...about, ...move }, 'promotion.moved');
    if (verdict === undefined) return;
    const facts = { ...about, verdict: verdict.to, ...(verdict.from ? { was: verdict.from } : {}) };
    if (isAlarm(verdict.to)) log.warn(facts, 'watch.alarm');
    else if (isAlarm(verdict.from)) log.info(facts, 'watch.calm');
  };
}

function isAlarm(verdict: JudgeVerdict | undefined): boolean {
  return verdict === 'warning' || verdict === 'critical';
}

function factsOf({ actor, service, promotionId, source, result, detail = {} }: AuditEntry) {
  const logged = LOGGED.flatMap((name) => {
    const value = detail[name];
    const values = Array.isArray(value) ? value : [value];
    if (!values.every((one) => typeof one === 'number' || (typeof one === 'string' && ID.test(one))))
      return [];
    // `to` is a state in the lines about promotions.
    return [[name === 'to' ? 'version' : name, value] as const];
  });
  return {
    ...given({ promotion: promotionId, service, by: actor, via: source?.via }),
    ...(result === 'done' ? {} : { result }),
    ...Object.fromEntries(logged),
  };
}
