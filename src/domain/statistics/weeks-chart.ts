import type { DoraFigures } from './dora.ts';

/** What a chart of releases shows; drawn to an image by an adapter. */
export interface WeeksChart {
  readonly title: string;
  /** Oldest first; `failed` of `releases`. */
  readonly weeks: readonly { readonly endsAt: number; readonly releases: number; readonly failed: number }[];
}

const WEEK_MS = 7 * 86_400_000;

/** The releases of each whole week, and those that failed: a part of one would look like a quiet week. */
export function weeksChart({ service, weeks, failedWeeks, fromMs, toMs }: DoraFigures): WeeksChart {
  const all = weeks.map((releases, index) => ({
    endsAt: toMs - (weeks.length - 1 - index) * WEEK_MS,
    releases,
    failed: failedWeeks[index] ?? 0,
  }));
  return {
    title: `Releases of ${service}, each week`,
    weeks: all.slice(-Math.max(1, Math.floor((toMs - fromMs) / WEEK_MS))),
  };
}

/** The same for whoever does not see it: `2, 0, 3 (1 failed)`. */
export function weeksInWords({ title, weeks }: WeeksChart): string {
  const each = weeks.map(({ releases, failed }) => `${releases}${failed === 0 ? '' : ` (${failed} failed)`}`);
  return `${title}, for ${weeks.length} weeks, the last one being the newest: ${each.join(', ')}.`;
}
