import type { Sample } from '../../domain/judge/sample.ts';
import { explain } from '../../domain/refusals/explain.ts';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import { given } from '../../domain/text/given.ts';
import type { AdapterContext } from '../shared/context.ts';
import type { Chosen, Table } from '../shared/kinds.ts';
import { asked, givesErrorRate } from './names.ts';
import type { CountedMetric, MetricSource, Range } from './port.ts';

interface SourceChoice extends Chosen {
  readonly name?: string | undefined;
  readonly rise?: number | undefined;
}

/** Opens the sources of a service as one; null for none. Connects to nothing yet. */
export function openSources(
  table: Table<Chosen, AdapterContext, MetricSource>,
  settings: readonly Chosen[],
  context: AdapterContext,
): MetricSource | null {
  const parts = settings.flatMap(asked).map((one: SourceChoice): Part => {
    const source = table.open(one, context);
    const opened = one.name === undefined ? source : named(source, one.name, one.rise);
    return { source: opened, isRate: givesErrorRate(one) };
  });
  const [first, ...others] = parts;
  if (first === undefined) return null;
  return others.length === 0 ? first.source : new CombinedSource(parts);
}

interface Part {
  readonly source: MetricSource;
  /** It gives the error rate and the latency of the service. */
  readonly isRate: boolean;
}

/** The same source, whose requests and errors are a metric of their own: its latency is not judged. */
function named(source: MetricSource, name: string, rise: number | undefined): MetricSource {
  const { delayMs, shortestTickMs, forgets, isLate, alerts } = source;
  return {
    kind: source.kind,
    ...given({ delayMs, shortestTickMs, forgets }),
    counts: { [name]: { rise, ...given({ isLate }) }, ...source.counts },
    preflight: async (signal) => `${name}: ${await source.preflight(signal)}`,
    doubt: async (signal) => {
      const doubt = (await source.doubt?.(signal)) ?? null;
      return doubt && `${name}: ${doubt}`;
    },
    observe: (untilMs) => source.observe(untilMs),
    read: async (range, phase, signal) =>
      (await source.read(range, phase, signal)).map((sample) => ({
        at: sample.at,
        phase,
        counts: { ...sample.counts, ...countedAs(name, sample) },
        ...alertsOf(sample),
      })),
    ...(alerts === undefined ? {} : { alerts: (signal) => alerts.call(source, signal) }),
    close: () => source.close(),
  };
}

/** What a sample says of now, and not of its tick. */
function alertsOf({ alerts, alerts_since: since }: Sample): Pick<Sample, 'alerts' | 'alerts_since'> {
  return { ...(alerts && { alerts }), ...(since && { alerts_since: since }) };
}

function countedAs(name: string, { total, errors, beside }: Sample): Sample['counts'] {
  if (total === undefined || errors === undefined) return {};
  return { [name]: { total, bad: errors, ...(beside === undefined ? {} : { beside }) } };
}

/**
 * Several sources that are read side by side and merged by tick. One that does not answer takes nothing from the
 * others: what it counts is missing, and `absent` says so. All together are away only when each of them is.
 *
 * A tick is read when the source of the error rate has it whole. What another one only has later is told with a later
 * tick, as many ticks late as it takes, before and after the deploy alike: nobody waits for the slowest.
 */
class CombinedSource implements MetricSource {
  readonly kind = 'sources';
  readonly delayMs?: number;
  readonly forgets: boolean;
  readonly isLate?: true | undefined;
  readonly counts: Readonly<Record<string, CountedMetric>>;
  readonly parts: readonly MetricSource[];
  readonly alerts?: (signal?: AbortSignal) => Promise<readonly string[]>;
  readonly #rate: MetricSource | undefined;
  #absent: readonly string[] = [];

  constructor(all: readonly Part[]) {
    const parts = all.map(({ source }) => source);
    this.parts = parts;
    this.#rate = all.find(({ isRate }) => isRate)?.source;
    if (this.#rate?.delayMs !== undefined) this.delayMs = this.#rate.delayMs;
    this.isLate = this.#rate?.isLate;
    this.forgets = parts.some(({ forgets }) => forgets === true);
    this.counts = Object.assign({}, ...parts.map(({ counts }) => counts ?? {}));
    const alerting = parts.filter((part) => part.alerts !== undefined);
    if (alerting.length > 0) {
      this.alerts = async (signal) => {
        const firing = await Promise.all(alerting.map((part) => part.alerts?.(signal) ?? []));
        return [...new Set(firing.flat())].sort();
      };
    }
  }

  async preflight(signal?: AbortSignal): Promise<string> {
    const all = await Promise.allSettled(this.parts.map((part) => part.preflight(signal)));
    const failed = all.filter((one) => one.status === 'rejected').map(({ reason }): unknown => reason);
    const worst = failed.find((error) => error instanceof Refusal) ?? failed[0];
    if (worst !== undefined) throw worst;
    return all.map((one) => (one.status === 'fulfilled' ? one.value : '')).join(' ');
  }

  async doubt(signal?: AbortSignal): Promise<string | null> {
    const all = await Promise.all(this.parts.map((part) => part.doubt?.(signal) ?? null));
    return all.filter((doubt) => doubt !== null).join(' ') || null;
  }

  observe(untilMs: number): void {
    for (const part of this.parts) part.observe(untilMs);
  }

  async read(range: Range, phase: Sample['phase'], signal?: AbortSignal): Promise<readonly Sample[]> {
    const all = await Promise.allSettled(
      this.parts.map((part) => this.#readPart(part, range, phase, signal)),
    );
    const failed = all.flatMap((one, index) =>
      one.status === 'rejected' ? [{ index, error: one.reason }] : [],
    );
    for (const { error } of failed) {
      if (!(error instanceof Unavailable) && !(error instanceof Refusal)) throw error;
    }
    if (failed.length === this.parts.length) throw failed[0]?.error;
    this.#absent = failed.map(({ index, error }) => this.#absence(this.parts[index], error));
    const alertsKnown = failed.every(({ index }) => this.parts[index]?.alerts === undefined);
    const read = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    return merged(read, phase, alertsKnown);
  }

  absent(): readonly string[] {
    return this.#absent;
  }

  async close(): Promise<void> {
    await Promise.all(this.parts.map((part) => part.close()));
  }

  #absence(part: MetricSource | undefined, error: Refusal | Unavailable): string {
    const names = Object.keys(part?.counts ?? {});
    const what = part === this.#rate ? ['errors and latency', ...names] : names;
    const why = error instanceof Refusal ? explain(error).text : `${error.message}.`;
    return `Nothing is seen of ${what.join(', ')}: ${why}`;
  }

  async #readPart(
    part: MetricSource,
    { fromMs, toMs, stepMs, sinceMs, isLive, release }: Range,
    phase: Sample['phase'],
    signal: AbortSignal | undefined,
  ): Promise<readonly Sample[]> {
    const later = Math.max(0, (part.delayMs ?? 0) - (this.delayMs ?? 0));
    const lateMs = Math.ceil(later / stepMs) * stepMs;
    const range = {
      fromMs: fromMs - lateMs,
      toMs: toMs - lateMs,
      stepMs,
      ...given({ isLive, release }),
    };
    const samples = await part.read(range, phase, signal);
    if (lateMs === 0) return samples;
    return samples.flatMap((sample) => {
      const at = new Date(Date.parse(sample.at) + lateMs).toISOString();
      if (sinceMs === undefined || Date.parse(sample.at) > sinceMs) return [{ ...sample, at }];
      return sample.alerts === undefined ? [] : [{ at, phase, ...alertsOf(sample) }];
    });
  }
}

/** The samples of each tick as one. Alerts are known only where everybody who tells of them answered. */
function merged(
  read: readonly (readonly Sample[])[],
  phase: Sample['phase'],
  alertsKnown: boolean,
): readonly Sample[] {
  const ticks = new Map<string, Sample>();
  for (const sample of read.flat()) {
    const known = ticks.get(sample.at);
    const { alerts, alerts_since: _, ...rest } = { ...known, ...sample, phase };
    const since = { ...known?.alerts_since, ...sample.alerts_since };
    const counts = { ...known?.counts, ...sample.counts };
    const firing = [known?.alerts, sample.alerts].flatMap((one) => one ?? []);
    const isTold = alertsKnown && alerts !== undefined;
    ticks.set(sample.at, {
      ...rest,
      ...(Object.keys(counts).length > 0 ? { counts } : {}),
      ...(isTold ? { alerts: [...new Set(firing)].sort() } : {}),
      ...(isTold && Object.keys(since).length > 0 ? { alerts_since: since } : {}),
    });
  }
  return [...ticks.values()].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
