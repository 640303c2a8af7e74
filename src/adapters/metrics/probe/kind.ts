import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import { durationInWords } from '../../../domain/text/duration.ts';
import { withoutTrailing } from '../../../domain/text/trailing.ts';
import { type AdapterContext, Duration } from '../../shared/context.ts';
import {
  type Answer,
  askOnce,
  Headers,
  HttpUrl,
  matchesStatus,
  resolveHeaders,
  StatusPattern,
} from '../../shared/http.ts';
import { defineKind } from '../../shared/kinds.ts';
import { sourceSettings } from '../names.ts';
import type { MetricSource, Range } from '../port.ts';
import { Observations } from './observations.ts';

const ProbeSettings = z
  .strictObject({
    use: z.literal('probe'),
    ...sourceSettings,
    url: HttpUrl.meta({ description: 'Where production answers, such as https://shop.example' }),
    paths: z.array(z.string().startsWith('/')).min(1).max(20).default(['/']),
    rate: z
      .number()
      .positive()
      .max(50)
      .default(2)
      .meta({ description: 'Requests per second, over all paths.' }),
    timeout: Duration.prefault('5s'),
    headers: Headers.default({}),
    errors: z
      .array(z.union([StatusPattern, z.enum(['timeout', 'no-connection'])]))
      .min(1)
      .default(['5xx', 'timeout', 'no-connection'])
      .meta({ description: 'Which answers count as failed requests.' }),
  })
  .meta({ description: 'Watches production by its own requests; for services without a metrics system.' });
type ProbeSettings = z.infer<typeof ProbeSettings>;

export const probeMetrics = defineKind({ settings: ProbeSettings, open: openProbe });

/** How much of the past is kept, in ms, as long as it fits. */
const KEPT_MS = 3 * 3_600_000;
const MOST_KEPT = 500_000;

/** Requests of our own, made in the background from `observe` on; what they saw is kept in memory only. */
function openProbe(settings: ProbeSettings, context: AdapterContext): MetricSource {
  const headers = resolveHeaders(settings.headers, context);
  const capacity = Math.min(MOST_KEPT, Math.ceil((settings.rate * KEPT_MS) / 1_000));
  const observations = new Observations(capacity);
  const mostInFlight = Math.ceil((settings.rate * settings.timeout) / 1_000) + 1;
  const stop = new AbortController();
  const inFlight = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | null = null;
  let untilMs = 0;
  let turn = 0;

  const ask = (path: string, signal: AbortSignal): Promise<Answer> =>
    askOnce({ url: addressOf(settings.url, path), headers, timeoutMs: settings.timeout, signal });

  async function probe(): Promise<void> {
    const path = settings.paths[turn++ % settings.paths.length] ?? '/';
    const answer = await ask(path, stop.signal);
    if (stop.signal.aborted || (answer.kind === 'no-connection' && answer.own)) return;
    const latencyMs = answer.kind === 'no-connection' ? null : answer.tookMs;
    observations.add(context.now(), latencyMs, isError(answer, settings));
  }

  function beat(): void {
    if (context.now() >= untilMs) {
      rest();
      return;
    }
    if (inFlight.size >= mostInFlight) return;
    const one = probe().finally(() => inFlight.delete(one));
    inFlight.add(one);
  }

  function rest(): void {
    if (timer !== null) clearInterval(timer);
    timer = null;
  }

  return {
    kind: 'probe',
    forgets: true,
    preflight: async (signal) => {
      const seen: string[] = [];
      for (const path of new Set(settings.paths)) {
        const answer = await ask(path, signal ?? stop.signal);
        const reason =
          answer.kind === 'reply' ? `${path} answered ${answer.status}` : `${path}: ${answer.words}`;
        if (answer.kind !== 'reply' || answer.status >= 400 || isError(answer, settings)) {
          throw new Refusal('metrics-blind', { source: 'probe', reason });
        }
        seen.push(`${path} in ${durationInWords(answer.tookMs)}`);
      }
      return `Production answers ${seen.join(', ')}; it is asked ${settings.rate} times a second.`;
    },
    observe: (until) => {
      untilMs = Math.max(untilMs, until);
      if (timer !== null || stop.signal.aborted || context.now() >= untilMs) return;
      timer = setInterval(beat, 1_000 / settings.rate);
      timer.unref();
      beat();
    },
    read: async (range: Range, phase) => observations.samples(range, phase),
    close: async () => {
      rest();
      stop.abort();
      await Promise.all(inFlight);
    },
  };
}

function addressOf(base: string, path: string): string {
  return `${withoutTrailing(base, '/')}${path}`;
}

function isError(answer: Answer, settings: ProbeSettings): boolean {
  if (answer.kind !== 'reply') return settings.errors.includes(answer.kind);
  const patterns = settings.errors.filter((one) => one !== 'timeout' && one !== 'no-connection');
  return matchesStatus(answer.status, patterns);
}
