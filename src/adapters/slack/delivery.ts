import type { Logger } from 'pino';
import type { ServiceView } from '../../blocks/kit/views.ts';
import type { ChartData } from '../../domain/judge/chart.ts';
import type { Calls } from './calls.ts';
import type { Channels } from './channels.ts';
import type { RateLimit } from './rate-limit.ts';

/** Draws a chart as PNG. */
export type DrawChart = (data: ChartData) => Promise<Uint8Array>;

/** What bringing threads up to date takes. */
export interface Delivery {
  readonly calls: Calls;
  readonly channels: Channels;
  readonly updates: RateLimit;
  readonly posts: RateLimit;
  readonly drawChart: DrawChart;
  /** Undefined for a service that the config no longer names. */
  readonly serviceView: (name: string) => ServiceView | undefined;
  readonly log: Logger;
  /** What the card of a promotion showed last, in a word: a change of it is important. */
  readonly gist: Map<string, string>;
  now(): number;
}
