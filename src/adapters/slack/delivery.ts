import type { Logger } from 'pino';
import type { ServiceView } from '../../blocks/kit/views.ts';
import type { ChartData } from '../../domain/judge/chart.ts';
import type { Urgency } from './budget.ts';
import type { Calls } from './calls.ts';
import type { Channels } from './channels.ts';
import type { RateLimit } from './rate-limit.ts';

/** Draws a chart as PNG. */
export type DrawChart = (data: ChartData) => Promise<Uint8Array>;

/** A card, or a notice by its number, that was posted. */
export interface Unrecorded {
  readonly what: 'card' | number;
  readonly channel: string;
  readonly ts: string;
}

/** What bringing threads up to date takes. */
export interface Delivery {
  readonly calls: Calls;
  readonly channels: Channels;
  /** Of one card. */
  readonly updates: RateLimit;
  /** In how many ms a promotion may update its card within the limits of the workspace; 0: now. */
  turnToUpdate(promotion: string, urgency: Urgency): Promise<number>;
  /** Throws NotYet while a promotion may not post in a channel. */
  turnToPost(channel: string, promotion: string, urgency: Urgency): Promise<void>;
  /** Slack's clock against ours, in ms; null when it is not known. */
  clockAhead(): Promise<number | null>;
  readonly drawChart: DrawChart;
  /** Undefined for a service that the config no longer names. */
  readonly serviceView: (name: string) => ServiceView | undefined;
  readonly log: Logger;
  /** What the card of a promotion showed last, in a word: a change of it is important. */
  readonly gist: Map<string, string>;
  /** By promotion, what this process has posted and could not record. */
  readonly unrecorded: Map<string, readonly Unrecorded[]>;
  now(): number;
}
