import type { Logger } from 'pino';
import type { JudgeVerdict } from '../../domain/judge/verdict.ts';
import type { PromotionState } from '../../domain/promotion/promotion.ts';
import type { AuditEntry } from '../../flows/run/ledger.ts';

/** What one transaction changed, for the log. */
export interface News {
  readonly entries: AuditEntry[];
  /** The promotion whose state, or whose watch, is another one now. */
  changed?: {
    readonly promotion: string;
    readonly service: string;
    readonly state?: { readonly from: PromotionState; readonly to: PromotionState };
    readonly verdict?: { readonly from: JudgeVerdict | undefined; readonly to: JudgeVerdict };
  };
}

/** By transaction: one that is rolled back or tried again is no news. */
const collected = new WeakMap<object, News>();

/** What the transaction has to tell so far. Whoever changes something adds to it. */
export function newsOf(tx: object): News {
  let news = collected.get(tx);
  if (!news) {
    news = { entries: [] };
    collected.set(tx, news);
  }
  return news;
}

/** Facts of an entry that are ids, versions or numbers of ours; sentences and outside text stay out of the log. */
const TOLD = ['tag', 'version', 'commit', 'to', 'attempt', 'verdict', 'gates', 'code', 'reference'] as const;
const ID = /^[\w.@:+/-]{1,120}$/;

/**
 * One line for each thing that was done and for each change of state, at `info`, and `warn` for an alarm. Attempts
 * that were refused are at `debug`: whoever refused them has a line of its own.
 */
export function logNews(log: Logger): (news: News) => void {
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
  const told = TOLD.flatMap((name) => {
    const value = detail[name];
    const values = Array.isArray(value) ? value : [value];
    if (!values.every((one) => typeof one === 'number' || (typeof one === 'string' && ID.test(one))))
      return [];
    // `to` is a state in the lines about promotions.
    return [[name === 'to' ? 'version' : name, value] as const];
  });
  return {
    ...(promotionId === undefined ? {} : { promotion: promotionId }),
    ...(service === undefined ? {} : { service }),
    by: actor,
    ...(source === undefined ? {} : { via: source.via }),
    ...(result === 'done' ? {} : { result }),
    ...Object.fromEntries(told),
  };
}
