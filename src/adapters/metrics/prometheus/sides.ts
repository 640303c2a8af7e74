import type { Beside, Sample } from '../../../domain/judge/sample.ts';
import type { Range } from '../port.ts';
import { badAmong, countFrom } from '../readings.ts';
import type { Series } from './series.ts';

/** By which label the new release is told from the one before. */
export interface ReleaseLabel {
  readonly label: string;
  readonly release: NonNullable<Range['release']>;
}

export type SidesAt = Required<Pick<Sample, 'total' | 'errors' | 'beside'>> | Pick<Sample, 'apart'>;

const MOST_CHARS = 60;
const LEAST_COMMIT = /^[0-9a-f]{7,64}$/i;
const SEVERAL = 'the others';

/**
 * Whether the value of a label names the release: its version, with or without `v`, its tag, or its commit or that of the
 * build that was promoted, 7 digits or more.
 */
export function namesRelease(
  value: string,
  { version, tag, commit, build }: ReleaseLabel['release'],
): boolean {
  if (value === version || value === tag || value === `v${version}`) return true;
  const commits = build === undefined ? [commit] : [commit, build.commit];
  return LEAST_COMMIT.test(value) && commits.some((one) => one.startsWith(value.toLowerCase()));
}

/**
 * The requests of a tick, and those among them that are not of the release: series without the label are of before
 * it was there. What has no series of errors had none, when another has some. Null where the counts of the tick are not
 * known, or contradict each other.
 */
export function sidesAt(
  total: readonly Series[],
  errors: readonly Series[],
  at: number,
  { label, release }: ReleaseLabel,
): SidesAt | null {
  const here = total.filter(({ values }) => values.has(at));
  const isOwn = ({ labels }: Series) => namesRelease(labels[label] ?? '', release);
  const isOther = (one: Series) => !isOwn(one);
  if (here.length === 0) return null;
  if (!here.some(isOwn)) {
    const missing = here.every(({ labels }) => labels[label] === undefined)
      ? `No series has the label ${label}`
      : `No series has ${label} ${release.version}`;
    return { apart: `${missing}: the releases are not compared side by side.` };
  }
  if (!errors.some(({ values }) => values.has(at))) return null;
  const own = countsAt(total.filter(isOwn), errors.filter(isOwn), at);
  const others = countsAt(total.filter(isOther), errors.filter(isOther), at);
  if (own === null || others === null) return null;
  const names = [...new Set(here.filter(isOther).map(({ labels }) => labels[label] ?? `no ${label}`))];
  const other = names.length > 1 ? SEVERAL : names[0]?.slice(0, MOST_CHARS);
  const beside: Beside = { ...others, release: release.version, ...(other === undefined ? {} : { other }) };
  return {
    total: rounded(own.total + others.total),
    errors: rounded(own.errors + others.errors),
    beside,
  };
}

function countsAt(
  total: readonly Series[],
  errors: readonly Series[],
  at: number,
): { readonly total: number; readonly errors: number } | null {
  const sum = (series: readonly Series[]) =>
    countFrom(series.reduce((all, { values }) => all + (values.get(at) ?? 0), 0));
  const [all, failed] = [sum(total), sum(errors)];
  const among = all === null || failed === null ? null : badAmong(all, failed);
  return all === null || among === null ? null : { total: all, errors: among };
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
