import { alertsInWords, knownAfter } from '../judge/alerts.ts';
import type { JudgeVerdict, MetricFinding } from '../judge/verdict.ts';
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

/** After an answer; see `knownAfter`. `deployedAt`: ms since the epoch. */
export function alertsHeard(
  before: AlertWatch,
  firing: readonly FiringAlert[],
  deployedAt: number,
): AlertWatch {
  const times = new Map(firing.map(({ id, since }) => [id, since]));
  const isOlder = (id: string): boolean | null => {
    const since = times.get(id);
    return since === undefined ? null : since < deployedAt;
  };
  const { known, unsure, quiet } = knownAfter(
    { quiet: {}, ...before },
    [...times.keys()],
    isOlder,
    Object.is,
  );
  const ended = freshOf(before).filter(({ id }) => !times.has(id)).length;
  return {
    known,
    ...(Object.keys(quiet).length === 0 ? {} : { quiet }),
    unsure,
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
