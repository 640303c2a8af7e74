import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import { durationInWords } from '../../../domain/text/duration.ts';
import type { AdapterContext } from '../../shared/context.ts';
import { awayFor } from '../away.ts';
import { countedBy } from '../names.ts';
import type { MetricSource } from '../port.ts';
import { samplesOfReadings } from '../readings.ts';
import { type AskNumbers, endpointOf, mustHaveAll } from './answer.ts';
import { growthOf } from './growth.ts';
import { readingsOf, type TimedNumbers } from './readings-of.ts';
import type { HttpJsonSettings } from './settings.ts';

/** How much of the past is kept. */
const KEPT_MS = 3 * 3_600_000;
const MOST_KEPT = 20_000;
/** Readings that were missed between two that are still compared. */
const MISSED = 3;

/** Counters that are read in the background from `observe` on; what they said is kept in memory only. */
export function openCounters(
  settings: HttpJsonSettings,
  url: string,
  ask: AskNumbers,
  context: AdapterContext,
): MetricSource {
  const stop = new AbortController();
  const most = Math.min(MOST_KEPT, Math.ceil(KEPT_MS / settings.every));
  let readings: readonly TimedNumbers[] = [];
  let failure: Unavailable | Refusal | null = null;
  let asking: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let untilMs = 0;

  async function readOnce(): Promise<void> {
    try {
      const numbers = await ask(url, stop.signal);
      readings = [...readings.slice(-most + 1), { at: context.now(), numbers }];
      failure = null;
    } catch (error) {
      if (!(error instanceof Unavailable) && !(error instanceof Refusal)) throw error;
      failure = error;
    }
  }

  function beat(): void {
    if (context.now() >= untilMs) rest();
    else
      asking ??= readOnce().finally(() => {
        asking = null;
      });
  }

  function rest(): void {
    if (timer !== null) clearInterval(timer);
    timer = null;
  }

  return {
    kind: 'http-json',
    forgets: true,
    shortestTickMs: 2 * settings.every,
    counts: countedBy(settings.counts),
    preflight: async (signal) => {
      const numbers = await ask(url, signal ?? stop.signal);
      mustHaveAll(numbers, settings, url);
      const total = Math.round(numbers['total'] ?? 0).toLocaleString('en');
      return `${new URL(url).host} has counted ${total} requests so far; it is read every ${durationInWords(settings.every)}.`;
    },
    observe: (until) => {
      untilMs = Math.max(untilMs, until);
      if (timer !== null || stop.signal.aborted || context.now() >= untilMs) return;
      timer = setInterval(beat, settings.every);
      timer.unref();
      beat();
    },
    read: async (range, phase) => {
      const grown = growthOf(readings, (MISSED + 1) * settings.every + settings.timeout);
      const samples = samplesOfReadings(readingsOf(grown, settings), range, phase);
      if (samples.length === 0 && failure !== null) {
        throw failure instanceof Unavailable ? failure : awayFor(endpointOf(url), failure);
      }
      return samples;
    },
    close: async () => {
      rest();
      stop.abort();
      await asking;
    },
  };
}
