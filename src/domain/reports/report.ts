/** Where a problem was reported, besides the form and the thread of the release. */
export type ReportPlace = 'channel' | 'issue';

/** A problem that somebody reported with a release, while that was watched. */
export interface UserReport {
  /** Slack user id; of a bot or a host its name. Raw outside text. */
  readonly by: string;
  /** ms since the epoch */
  readonly at: number;
  /** `form`: the shortcut on a message of the thread. */
  readonly place: 'form' | ReportPlace;
  readonly link?: string;
  /** A few words, raw; absent for what was written in a private channel. */
  readonly text?: string;
}

/** So many reports of one watch are kept by themselves; all are counted. */
export const MOST_REPORTS = 20;

/** In which channels and with which words problems are reported, and by which issues. */
export interface ReportRules {
  /** Ids, or names as `#support`. */
  readonly channels: readonly string[];
  /** What a message has to say, one of these; whole words, in whatever case. */
  readonly words: readonly string[];
  /** Bots (B…) and apps (A…) whose messages count like those of people. */
  readonly bots: readonly string[];
  /** An issue of the host with one of these labels counts. */
  readonly issues: readonly string[];
}
