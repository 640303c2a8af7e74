import type { Sample } from '../../domain/judge/sample.ts';
import type { JudgeVerdict } from '../../domain/judge/verdict.ts';
import type { StoredPrompt } from '../../domain/promotion/asking/prompt.ts';
import type { DecidedAnswer } from '../../domain/promotion/decided-answer.ts';
import type { Notice } from '../../domain/promotion/notice.ts';
import type { Approval, Promotion } from '../../domain/promotion/promotion.ts';

/** What an answer of Slack means, for those who call it themselves. */
export { failureOf, slackCode } from './errors.ts';

/** Where people see a promotion: one card and its thread. What is said and shown is only stored; an outbox worker delivers. */
export interface Slack {
  /** The stored promotion changed: show it when there is time. */
  refresh(promotionId: string): Promise<void>;
  /** Says something in the thread, once per key, in the order of the calls. */
  say(promotionId: string, key: string, notice: Notice): Promise<void>;
  /** Web address of the card, for documents; undefined when it is not posted, or Slack does not say where we are. */
  addressOf(promotionId: string): Promise<string | undefined>;
}

/** The installation that this process speaks for. */
export interface Installation {
  /** Id of the workspace (T…) that Slack names; where the app is installed in a whole organisation, one of it or its own. */
  readonly team: string;
  /** Id of the organisation (E…), where the app is installed in all of it; absent for an install in one workspace. */
  readonly enterprise?: string;
  /** Id of the app (A…); null when Slack does not say. */
  readonly app: string | null;
  /** Web address of the workspace, with the slash at its end. */
  readonly url: string;
  readonly botUser: string;
  readonly bot?: string;
}

export interface Profile {
  readonly id: string;
  readonly name: string;
  readonly email?: string;
  /** IANA zone that they have set in Slack. */
  readonly zone?: string;
  readonly deleted: boolean;
  readonly bot: boolean;
  /**
   * Guest of one or several channels, or somebody of another workspace in a shared channel; also whoever Slack does not
   * plainly call a full member of this workspace.
   */
  readonly restricted: boolean;
  /** Somebody of another workspace. */
  readonly stranger?: boolean;
  /** Known as one of a whole organisation: of which workspace does not count. */
  readonly ofOrganisation?: boolean;
}

/** Who people are. Throws Unavailable when Slack does not answer. */
export interface Directory {
  profile(user: string): Promise<Profile>;
  /** The member whose address this is, in use or not; null for none. May be a minute old. */
  byEmail(email: string): Promise<string | null>;
  /**
   * Members of a user group, given by its id (S…). A handle says nothing: it can be given to another group. Refusal
   * `group-unknown`, also for a group that was disabled.
   */
  members(group: string): Promise<readonly string[]>;
  /** Whether a person is in a channel, given by id or as `#name`; a channel that the bot is not in has nobody. */
  isInChannel(user: string, channel: string): Promise<boolean>;
}

/** Who people are now: each call asks anew, because what people may do and which votes count is decided by it. */
export interface People extends Directory {
  /** Answers of the last minute where there are such, of the last ten while Slack limits them: for what is only shown. */
  readonly forDisplay: Directory;
  /**
   * Asks anew, until so much is asked that Slack would soon answer nobody: then, and while Slack limits it, by an answer
   * of the last minute and by none that is older. For letting in a vote, which is counted by who people are then, and what
   * any member may do.
   */
  readonly forClicks: Directory;
}

/** A file that was given to Slack, which shares it in the thread some moments later. */
export interface Upload {
  readonly id: string;
  /** When it was given, ms since the epoch. */
  readonly at: number;
  /** With its text for screen readers. */
  readonly described: boolean;
  /** It was seen in the thread, or given up. */
  readonly isOver: boolean;
  /** How often Slack did not get it, the last time then; such a one has no id. */
  readonly failed?: number;
}
/** By the name of the file. */
export type Uploads = Readonly<Record<string, Upload>>;

/** One stored notice. */
export interface StoredNotice {
  readonly seq: number;
  readonly key: string;
  readonly notice: Notice;
  /** When a process may have sent it, or one of its files, before it died: the last time, ms since the epoch. */
  readonly attemptedAt: number | null;
  /** The ts of its message, while its files are not all in the thread. */
  readonly posted: string | null;
  readonly uploads: Uploads;
}

/** A notice that was sent with buttons, and has some still. */
export interface AskingNotice extends Pick<StoredNotice, 'seq' | 'key' | 'notice'> {
  readonly ts: string;
  /** Ids of its buttons. */
  readonly asks: string;
  /** The turn of the promotion in which it was sent. */
  readonly turn: number;
}

/** The chart in a card, of which Slack has the file: how far it is. */
export interface CardPicture {
  readonly shown?: { readonly file: string; readonly alt: string };
  /** Given to Slack then, ms since the epoch, which still looks through it. */
  readonly coming?: { readonly file: string; readonly alt: string; readonly at: number };
  /** The last one that was drawn: when, and what of the watch was to be seen. */
  readonly last?: { readonly at: number; readonly looks: string; readonly verdict: JudgeVerdict };
  /** Slack did not take a card with it. */
  readonly refused?: boolean;
}

/** Sends messages with buttons outside of threads. What does not get through now throws. */
export interface PromptSender {
  /** Posts it, unless a process that died has; where. Null: it can never be delivered. */
  post(prompt: StoredPrompt): Promise<{ readonly channel: string; readonly ts: string } | null>;
  /** Its message as it should look now; one that is gone or cannot be edited stays as it is. */
  update(prompt: StoredPrompt): Promise<void>;
}

/** All that the outbox worker needs to bring one thread up to date; valid while `withThread` runs. */
export interface Thread {
  readonly promotion: Promotion;
  readonly approvals: readonly Approval[];
  /** `ts` is null until the card is posted; `hash` is of what it shows, null while another one may have been posted. */
  readonly card: {
    readonly channel: string;
    readonly ts: string | null;
    readonly hash: string | null;
    /** When a process may have posted it: the last time, ms since the epoch. */
    readonly attemptedAt: number | null;
  };
  /** What was measured of production, in the order of time. */
  samples(): Promise<readonly Sample[]>;
  /** As it was stored last. */
  picture(): CardPicture;
  pictureIs(picture: CardPicture): Promise<void>;
  /** Unsent notices, oldest first. */
  readonly notices: readonly StoredNotice[];
  /** Sent with buttons that people can still press, oldest first. */
  readonly asking: readonly AskingNotice[];
  /** What people decided about it, for all. */
  readonly answers: readonly DecidedAnswer[];
  /** Who began the next promotion of the service, and when; null while there is none. */
  readonly later: { readonly by: string; readonly at: number } | null;
  /** Before a call that must not happen twice. The time of attempts is that of the store, the same for all replicas. */
  attempting(what: 'card' | number): Promise<void>;
  /** Slack did not take the call, for certain. */
  notTaken(what: 'card' | number): Promise<void>;
  /** After it. `isAll`: nothing else of the thread is still to be brought up to date. */
  cardShown(card: {
    readonly channel: string;
    readonly ts: string;
    readonly hash: string;
    readonly revision: number;
    readonly isAll?: boolean;
  }): Promise<void>;
  /** The message of a notice is there, its files are not. */
  noticePosted(seq: number, ts: string): Promise<void>;
  uploaded(seq: number, uploads: Uploads): Promise<void>;
  /** `asks`: ids of its buttons; null for none. */
  noticeSent(seq: number, ts: string, asks: string | null): Promise<void>;
  /** The ts of the message of a notice, as it is recorded; null while it is not. */
  sentAs(seq: number): Promise<string | null>;
  /** Its message shows these buttons now; null for none any more. */
  noticeUpdated(seq: number, asks: string | null): Promise<void>;
}

/** The stored side of Slack: an outbox. Implemented by the engine. */
export interface Outbox {
  put(promotionId: string, key: string, notice: Notice): Promise<void>;
  markStale(promotionId: string): Promise<void>;
  /** Promotions whose card is stale or that have unsent notices, longest waiting first. */
  waiting(limit: number): Promise<readonly string[]>;
  /** Runs `work` while no other process holds this thread; false when one does. */
  withThread(promotionId: string, work: (thread: Thread) => Promise<void>): Promise<boolean>;
  /** The promotion whose card has this channel and ts, or null. */
  byThread(channel: string, ts: string): Promise<Promotion | null>;
  /** How far Slack's clock is ahead of the one of attempts, in ms, by the last card that was posted; null when none was. */
  clockAhead(): Promise<number | null>;
  /** Replaces what is noted of calls under a key, ms since the epoch; one process at a time. `now`: by the clock of all of them. */
  noteCalls(key: string, change: (times: readonly number[], now: number) => readonly number[]): Promise<void>;
  /** Where the card of a promotion is, once posted. */
  cardOf(promotionId: string): Promise<{ readonly channel: string; readonly ts: string } | null>;
  /** Somebody deleted this message: when it was a card it is looked at again, however little of it has changed. */
  messageGone(channel: string, ts: string): Promise<void>;
  /** Slack gave a channel another id: what is stored of the one before is of this one from now on. */
  channelMoved(from: string, to: string): Promise<void>;
  /** The ids that channels got, by those that they had. */
  movedChannels(): Promise<ReadonlyMap<string, string>>;
  /** Somebody may have deleted its card: it is sent once more as it is, and Slack's answer tells. */
  cardMayBeGone(promotionId: string): Promise<void>;
  /** Calls back soon after any process has stored something to deliver. Returns the way to stop. */
  onWork(callback: (promotionId: string) => void): () => void;
}
