import { alertsInWords, OVER_ANSWERS } from '../judge/alerts.ts';
import type { JudgeVerdict, MetricFinding } from '../judge/verdict.ts';
import { ownValue } from '../text/own.ts';
import type { FiringAlert } from './alert.ts';

/** What is remembered of one alert source during a watch; plain JSON. */
export interface AlertWatch {
  /** Ids that fired before the deploy and have not been over since; null: nobody knows yet. */
  readonly known: readonly string[] | null;
  /** In how many answers in a row one of them did not fire, by its id; absent: each fired in the last one. */
  readonly quiet?: Readonly<Record<string, number>>;
  /** Of those, the ones of which it is only supposed. */
  readonly unsure: readonly string[];
  /** As last heard; null: never. */
  readonly firing: readonly FiringAlert[] | null;
  /** How many fired since the deploy and are over. */
  readonly over: number;
  /** Ticks in a row without an answer, and why there is none. */
  readonly silent: number;
  readonly why: string | null;
}

/** `known` are the ids that fired before the deploy; null when the source did not answer then. */
export function beginAlertWatch(known: readonly string[] | null): AlertWatch {
  return { known, unsure: [], firing: null, over: 0, silent: 0, why: null };
}

/**
 * After an answer. What fired before the deploy counts again once it was over. An alert that says that it is older than
 * the deploy does not count, whether it was heard of then or not: it began just before, was silenced, or an answer was
 * not whole. Where nobody knows what fired then, one that does not say is only told.
 */
export function alertsHeard(
  before: AlertWatch,
  firing: readonly FiringAlert[],
  deployedAt: number,
): AlertWatch {
  const ids = new Set(firing.map(({ id }) => id));
  const knownBefore = new Set(before.known ?? []);
  const supposed = firing.filter(
    ({ id, since }) =>
      !knownBefore.has(id) && (since === undefined ? before.known === null : since < deployedAt),
  );
  const unsure = supposed.filter(({ since }) => since === undefined).map(({ id }) => id);
  const quiet = Object.fromEntries(
    [...knownBefore].flatMap((id) =>
      ids.has(id) ? [] : [[id, (ownValue(before.quiet, id) ?? 0) + 1] as const],
    ),
  );
  const isOver = (id: string) => (ownValue(quiet, id) ?? 0) >= OVER_ANSWERS;
  const still = Object.entries(quiet).filter(([id]) => !isOver(id));
  const ended = freshOf(before).filter(({ id }) => !ids.has(id)).length;
  return {
    known: [...[...knownBefore].filter((id) => !isOver(id)), ...supposed.map(({ id }) => id)],
    ...(still.length === 0 ? {} : { quiet: Object.fromEntries(still) }),
    unsure: [...before.unsure.filter((id) => !isOver(id)), ...unsure],
    firing,
    over: before.over + ended,
    silent: 0,
    why: null,
  };
}

export function alertsUnheard(before: AlertWatch, why: string): AlertWatch {
  return { ...before, silent: before.silent + 1, why };
}

function freshOf({ known, firing }: AlertWatch): readonly FiringAlert[] {
  return (firing ?? []).filter(({ id }) => !known?.includes(id));
}

/** What the alerts of a source say of production now. An alarm is not lowered by a source that has gone silent. */
export function alertFinding(source: string, watch: AlertWatch): MetricFinding {
  const fresh = freshOf(watch);
  const old = (watch.firing ?? []).filter(({ id }) => watch.known?.includes(id));
  const critical = fresh.filter((alert) => alert.critical);
  const others = fresh.filter((alert) => !alert.critical);
  const oldCritical = old.filter((alert) => alert.critical);
  const sure = oldCritical.filter(({ id }) => !watch.unsure.includes(id));
  const unsure = old.filter(({ id }) => watch.unsure.includes(id));
  const silence = watch.silent > 0 || watch.firing === null ? `${source} does not answer` : null;
  const sentences = [
    critical.length > 0 ? `${alertsInWords(critical, true)} since the deploy.` : '',
    others.length > 0 ? `${alertsInWords(others, false)} since the deploy.` : '',
    sure.length > 0 ? `${alertsInWords(sure, true)}, as before the deploy.` : '',
    unsure.length > 0 ? `${alertsInWords(unsure, false)}; whether before the deploy too is not known.` : '',
    silence === null
      ? ''
      : `${silence}${watch.why === null ? '' : ` (${watch.why})`}: what fires now is not known.`,
  ].filter((sentence) => sentence !== '');
  const verdict: JudgeVerdict =
    critical.length > 0
      ? 'critical'
      : others.length + sure.length + unsure.length > 0
        ? 'warning'
        : silence !== null
          ? 'inconclusive'
          : 'healthy';
  const [link] = [...critical, ...others].flatMap(({ url }) => url ?? []);
  return {
    metric: `alerts in ${source}`,
    verdict,
    ...(watch.firing === null ? {} : { now: watch.firing.length }),
    unit: 'count',
    reason: sentences.length > 0 ? sentences.join(' ') : calm(watch, old.length),
    ...(link === undefined ? {} : { link }),
    ...(fresh.length > 0 ? { news: fresh.map(({ id }) => `${source}:${id}`) } : {}),
  };
}

function calm({ over }: AlertWatch, known: number): string {
  const ended =
    over === 0
      ? ''
      : ` ${over === 1 ? 'One' : over} that fired since the deploy ${over === 1 ? 'is' : 'are'} over.`;
  return known === 0 ? `No alert fires.${ended}` : `No alert fires that did not before the deploy.${ended}`;
}
