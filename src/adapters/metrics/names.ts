import { z } from 'zod';
import type { Chosen } from '../shared/kinds.ts';
import { PercentagePoints } from '../shared/ratio.ts';
import type { CountedMetric } from './port.ts';

/** Names of what the judge itself speaks of. */
const TAKEN = ['error rate', 'latency', 'traffic', 'critical alerts', 'samples', 'user reports', 'sources'];

/** What a count metric is called, in messages too. */
const MetricName = z
  .string()
  .regex(/^[a-z][a-z0-9 _-]{1,39}$/, 'a short name of lower-case letters, such as failed jobs')
  .refine((name) => !TAKEN.includes(name) && !name.startsWith('latency '), {
    error: `a name of its own; the judge has ${TAKEN.join(', ')} already`,
  });

/** What every kind of source takes. */
export const sourceSettings = {
  name: MetricName.optional().meta({
    description:
      'What its requests and errors are called, where they are not the error rate of the service. With several sources all but one need it. The latency of a source with a name is not judged.',
    examples: ['payments'],
  }),
  rise: PercentagePoints.optional().meta({
    description: 'Allowed rise of what is counted under `name`; monitor.error-rate-rise by default.',
  }),
};

const MOST_COUNTS = 10;

/** Other things that a source counts, each by queries of its own kind. */
export function countSettings<Q extends z.ZodType<string | object>>(query: Q) {
  const Count = z
    .strictObject({
      total: query.optional(),
      bad: query.optional(),
      value: query.optional(),
      above: z.number().optional(),
      below: z.number().optional(),
      rise: PercentagePoints.optional(),
    })
    .superRefine(({ total, bad, value, above, below }, context) => {
      const counts = total !== undefined && bad !== undefined;
      const isGauge = value !== undefined && (above === undefined) !== (below === undefined);
      const none = (...parts: readonly unknown[]) => parts.every((part) => part === undefined);
      if ((counts && none(value, above, below)) || (isGauge && none(total, bad))) return;
      context.addIssue({
        code: 'custom',
        message: 'either total and bad, or value with one limit: above or below',
      });
    });
  return z
    .record(MetricName, Count)
    .refine((counts) => Object.keys(counts).length <= MOST_COUNTS, { error: `at most ${MOST_COUNTS}` })
    .default({})
    .meta({
      description:
        'Other things to judge, by name: `total` and `bad` count things and the bad ones among them; `value` is looked at once a tick, and is bad `above` or `below` a limit. `rise` is how much the bad share may rise: monitor.error-rate-rise by default, 20pp for a value.',
    });
}

export interface CountSetting<Q> {
  readonly total?: Q | undefined;
  readonly bad?: Q | undefined;
  readonly value?: Q | undefined;
  readonly above?: number | undefined;
  readonly below?: number | undefined;
  readonly rise?: number | undefined;
}

/** A value that is over its limit in a fifth more of the ticks than before is worse. */
const GAUGE_RISE = 0.2;

/** How each of them is judged. */
export function countedBy(
  counts: Readonly<Record<string, CountSetting<unknown>>>,
): Readonly<Record<string, CountedMetric>> {
  return Object.fromEntries(
    Object.entries(counts).map(([name, { value, rise }]) => [
      name,
      { rise: rise ?? (value === undefined ? undefined : GAUGE_RISE) },
    ]),
  );
}

/** Whether a value is bad by its limit. */
export function isOver({ above, below }: CountSetting<unknown>, value: number): boolean {
  return (above !== undefined && value > above) || (below !== undefined && value < below);
}

/** What Sentry counts beside sessions. */
export const NEW_ISSUES = 'new issues';

interface NamingSettings extends Chosen {
  readonly name?: string | undefined;
  readonly counts?: unknown;
  readonly sessions?: unknown;
  readonly 'new-issues'?: unknown;
}

/** Sessions and new issues of Sentry are asked for apart: either may be away without the other. */
export function asked<S extends NamingSettings>(settings: S): readonly S[] {
  if (settings.sessions !== true || settings['new-issues'] !== true) return [settings];
  return [
    { ...settings, 'new-issues': false },
    { ...settings, name: undefined, sessions: false },
  ];
}

/** Whether what such a source counts is the error rate of the service, and its latency that of the service. */
export function givesErrorRate({ name, sessions }: NamingSettings): boolean {
  return name === undefined && sessions !== false;
}

/** What is wrong with the names of several sources, with the place in their list. */
export function namingFaults(
  sources: readonly Chosen[],
): readonly { readonly path: readonly (string | number)[]; readonly message: string }[] {
  const settings: readonly NamingSettings[] = sources;
  const rated = settings.flatMap((one, index) => (givesErrorRate(one) ? [index] : []));
  if (rated.length === 0) {
    const message = 'one source without a name: what it counts is the error rate of the service';
    return [{ path: sources.length === 1 ? [0, 'name'] : [], message }];
  }
  const faults = rated.slice(1).map((index) => ({
    path: [index],
    message: 'a name: another source gives the error rate already, and each metric is judged by its own name',
  }));
  const seen = new Set<string>();
  for (const [index, one] of settings.entries()) {
    const counts = typeof one.counts === 'object' ? Object.keys(one.counts ?? {}) : [];
    const issues = one['new-issues'] === true ? [NEW_ISSUES] : [];
    for (const name of [one.name, ...counts, ...issues]) {
      if (typeof name !== 'string') continue;
      if (seen.has(name)) faults.push({ path: [index], message: `one metric of the name ${name}, not two` });
      seen.add(name);
    }
  }
  return faults;
}
