import type { JudgeVerdict } from '../judge/verdict.ts';

/** Something that people have to decide about production, until it is over. */
export interface Alarm {
  /** 1 for the first one of the watch. */
  readonly nr: number;
  /** ms since the epoch */
  readonly since: number;
  /** The worst that the thread has heard since it was last said to be better. */
  readonly worst: JudgeVerdict;
  /** What it is about, as far as the thread has heard: names of metrics. */
  readonly signals: readonly string[];
  /** When the thread last heard of it, ms since the epoch. */
  readonly saidAt: number;
  /** How often people were called besides. */
  readonly reminders: number;
  /** Since when production is better than the worst that was heard; absent: it is not. ms since the epoch. */
  readonly better?: number;
  /** Who looks after it. */
  readonly taken?: { readonly by: string; readonly at: number };
}

/** Who is called when nobody takes an alarm. */
export type CallStep = 'approvers' | 'on-call';

/** A rollback that Slipway begins by itself. */
export interface OwnRollback {
  /** People may stop it until then, ms since the epoch. */
  readonly until: number;
  /** How long it takes, as far as earlier ones tell, ms. */
  readonly takesMs?: number;
}

/** What the thread hears of an alarm that stands. */
export type AlarmChange = 'worse' | 'other' | 'better' | 'over';

/** Who is called about an alarm that nobody takes. */
export interface Called {
  readonly step: CallStep;
  /** In words for people; mention tokens of ours in it are shown as such. */
  readonly who: string;
  /** Why it could not be asked who is on call, a sentence; raw. */
  readonly problem?: string;
}

/** What people are asked to decide. */
export type AskedDecision =
  | 'release-refused'
  | 'retry-release'
  | 'retry-deploy'
  | 'lower-bump'
  | 'unhealthy'
  | 'warning'
  | 'unproven';

/** Since when people are asked about something that failed, ms since the epoch, and who looks after it. */
export interface AskedPeople {
  readonly since: number;
  readonly taken?: { readonly by: string; readonly at: number };
}

/** No two reminders are farther apart, ms. */
const LONGEST_PAUSE_MS = 4 * 3_600_000;

/** How long it is until the next reminder after so many; the first comes after `firstMs`. Both in ms. */
export function pauseMs(firstMs: number, reminders: number): number {
  return Math.min(LONGEST_PAUSE_MS, firstMs * 2 ** Math.min(reminders, 20));
}

/** Something that has failed, and waits for a person to decide about it. */
export type FailedStep = 'refusal' | 'release' | 'deploy' | 'health' | 'rollback';
