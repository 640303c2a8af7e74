/** What a chart of the watch window shows; drawn to an image by an adapter. */
export interface ChartData {
  readonly title: string;
  readonly unit: 'ratio' | 'ms';
  /** x in ms since the epoch; null where nothing was seen. */
  readonly points: readonly { readonly at: number; readonly value: number | null }[];
  readonly baseline?: number;
  /** Line above which the judge complains. */
  readonly limit?: number;
  readonly deployedAt: number;
}
