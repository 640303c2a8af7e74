import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import type { AdapterContext } from '../../shared/context.ts';
import { awayFor } from '../away.ts';
import { countedBy } from '../names.ts';
import type { MetricSource, Range } from '../port.ts';
import { samplesOfReadings } from '../readings.ts';
import { type AskNumbers, endpointOf, mustHaveAll } from './answer.ts';
import { readingsOf, type TimedNumbers } from './readings-of.ts';
import type { HttpJsonSettings } from './settings.ts';

const PREFLIGHT_MS = 300_000;
const SIDE_BY_SIDE = 4;
/** Times in its address are whole seconds. */
const SHORTEST_TICK_MS = 1_000;

/** Numbers that are asked for by the time that they are of, once for each tick. */
export function openWindows(
  settings: HttpJsonSettings,
  url: string,
  ask: AskNumbers,
  context: AdapterContext,
): MetricSource {
  const addressOf = (fromMs: number, toMs: number) =>
    url
      .replaceAll('{from}', String(Math.floor(fromMs / 1_000)))
      .replaceAll('{to}', String(Math.floor(toMs / 1_000)));

  async function timed(
    { fromMs, toMs, stepMs }: Range,
    signal: AbortSignal | undefined,
  ): Promise<readonly TimedNumbers[]> {
    const ends = Array.from(
      { length: Math.floor((toMs - fromMs) / stepMs) },
      (_, tick) => fromMs + (tick + 1) * stepMs,
    );
    const found: TimedNumbers[] = [];
    const next = async (): Promise<void> => {
      for (let end = ends.shift(); end !== undefined; end = ends.shift()) {
        found.push({ at: end, numbers: await ask(addressOf(end - stepMs, end), signal) });
      }
    };
    try {
      await Promise.all(Array.from({ length: SIDE_BY_SIDE }, next));
    } finally {
      // After one that failed nobody waits for the others.
      ends.length = 0;
    }
    return found;
  }

  return {
    kind: 'http-json',
    delayMs: settings.delay,
    shortestTickMs: SHORTEST_TICK_MS,
    counts: countedBy(settings.counts),
    preflight: async (signal) => {
      const toMs = context.now() - settings.delay;
      const numbers = await ask(addressOf(toMs - PREFLIGHT_MS, toMs), signal);
      mustHaveAll(numbers, settings, url);
      const rate = Number((((numbers['total'] ?? 0) / PREFLIGHT_MS) * 1_000).toPrecision(2));
      return `${new URL(url).host} has ${rate} requests a second in the last five minutes.`;
    },
    observe: () => {},
    read: async (range, phase, signal) => {
      try {
        const all = await timed(range, signal);
        if (all.length > 0 && all.every(({ numbers }) => numbers['total'] === undefined)) {
          throw new Unavailable(endpointOf(url), `there is no number at ${settings.total}`);
        }
        return samplesOfReadings(readingsOf(all, settings), range, phase);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        throw awayFor(endpointOf(url), error);
      }
    },
    close: async () => {},
  };
}
