import { z } from 'zod';
import type { LogRead } from '../../domain/logs/known.ts';
import type { LogRules } from '../../domain/logs/log-watch.ts';
import { Duration } from '../shared/context.ts';

/** From `fromMs` on, and before `toMs`; ms since the epoch. */
export interface LogRange {
  readonly fromMs: number;
  readonly toMs: number;
  /** So many lines at most: the newest. */
  readonly most: number;
}

/** Where the error messages of production are read from. */
export interface LogSource {
  readonly kind: string;
  /** In words for people, and different for each source of a service: "Loki". */
  readonly name: string;
  readonly rules: LogRules;
  /** How long after it was written a line can be read, in ms. */
  readonly delayMs: number;
  /** It has little of the past, so what was before the deploy is read before it or never. */
  readonly forgets?: boolean;
  /** Listens from now on, until then (ms since the epoch): for what tells only what is written from now on. */
  observe?(untilMs: number): void;
  /** A sentence for doctor. Throws as `read` does. */
  preflight(signal?: AbortSignal): Promise<string>;
  /**
   * The lines of that time. Throws Unavailable when the source does not answer now, and a Refusal for what a person has
   * to mend. None is only where the source has said so.
   */
  read(range: LogRange, signal?: AbortSignal): Promise<LogRead>;
  /** Where people read these lines. */
  link?(range: Pick<LogRange, 'fromMs' | 'toMs'>): string | undefined;
  close?(): Promise<void>;
}

const Text = z.string().min(1).max(200);

/** Settings of every kind. */
export const logSettings = {
  name: z
    .string()
    .regex(/^\S(?:.{0,38}\S)?$/, 'a name of at most 40 characters')
    .optional()
    .meta({ description: 'What people read it as; needed where a service has two of a kind.' }),
  'at-least': z
    .int()
    .min(1)
    .max(10_000)
    .default(5)
    .meta({ description: 'So many lines of a new message ask people; fewer are only counted.' }),
  critical: z
    .array(
      z.strictObject({
        contains: Text.meta({ description: 'Text that a line holds, as it is.' }),
        'at-least': z.int().min(1).max(10_000).default(1).meta({ description: 'In so many lines.' }),
      }),
    )
    .max(20)
    .default([])
    .meta({
      description: 'New messages with one of these texts are critical; all others only ask people.',
      examples: [[{ contains: 'OutOfMemoryError', 'at-least': 1 }]],
    }),
  ignore: z
    .array(Text)
    .max(50)
    .default([])
    .meta({ description: 'Lines that hold one of these texts do not count.' }),
  delay: Duration.prefault('10s').meta({
    description: 'How long after it was written a line is read: so long it may take to be there.',
  }),
  timeout: Duration.prefault('15s').meta({ description: 'After this it has not answered.' }),
};

interface RuleSettings {
  readonly 'at-least': number;
  readonly critical: readonly { readonly contains: string; readonly 'at-least': number }[];
  readonly ignore: readonly string[];
}

export function rulesOf({ 'at-least': atLeast, critical, ignore }: RuleSettings): LogRules {
  return {
    atLeast,
    critical: critical.map((one) => ({ contains: one.contains, atLeast: one['at-least'] })),
    ignore,
  };
}

const PREFLIGHT_MS = 5 * 60_000;

/** The sentence of a preflight: how many lines there are of the last five minutes. */
export async function countedLines(
  source: string,
  read: LogSource['read'],
  toMs: number,
  signal: AbortSignal | undefined,
): Promise<string> {
  const { lines, cut } = await read({ fromMs: toMs - PREFLIGHT_MS, toMs, most: 100 }, signal);
  const count = `${cut ? 'over ' : ''}${lines.length} ${lines.length === 1 ? 'line' : 'lines'}`;
  return `${source} answers: ${count} in the last five minutes.`;
}
