import type { NativeHistogram } from './native-histogram.ts';

/** One series: labels, and value by time in ms; NaN and infinities are left out. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly values: ReadonlyMap<number, number>;
  /** Native histograms by time in ms. */
  readonly histograms?: ReadonlyMap<number, NativeHistogram>;
}
