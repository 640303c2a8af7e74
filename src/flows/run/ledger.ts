import type { AuditEntry, AuditSource } from '../../domain/audit/entry.ts';
import type { AuditHead } from '../../domain/audit/head.ts';
import type { Sample } from '../../domain/judge/sample.ts';
import type { Debt, Override } from '../../domain/policy/override.ts';
import type { Deciders } from '../../domain/promotion/deciders.ts';
import type { PromotionEvent } from '../../domain/promotion/event.ts';
import type { KnownRelease, OwnCommit } from '../../domain/promotion/known-release.ts';
import type {
  Approval,
  Promotion,
  PromotionRequest,
  PromotionState,
} from '../../domain/promotion/promotion.ts';
import type { Release, Sha } from '../../domain/release/release.ts';
import type { RunMessage } from './port.ts';
import type {
  DeliveryStore,
  HabitStore,
  LockStore,
  PromptStore,
  SequenceLedger,
  ThreadNews,
} from './stores.ts';

export type { DeliveryStore, HabitStore, LockStore, PromptStore, SequenceLedger, ThreadNews };

/** As it was stored, by whatever version: its action may be one that this one does not know. */
export interface StoredAuditEntry extends Omit<AuditEntry, 'action'> {
  readonly action: string;
  readonly seq: number;
  /** ms since the epoch */
  readonly at: number;
  /** sha256 hex over the row before and this row. */
  readonly hash: string;
  /** Ed25519 over its number and hash, base64url; absent in rows from before signing began. */
  readonly signature?: string;
}

/** What to change of a promotion; its audit is written in the same transaction. */
export interface Change
  extends Pick<PromotionEvent, 'from' | 'to' | 'digest' | 'data' | 'voidApprovals' | 'override'> {
  /** Doing the same key twice for one promotion changes nothing and answers with the present promotion. */
  readonly key?: string;
  readonly audit?: Omit<AuditEntry, 'promotionId' | 'service'>;
  readonly told?: ThreadNews;
  /** Not when somebody has asked its run for such a thing: Refusal `already-asked`. */
  readonly unlessAsked?: RunMessage['kind'];
}

/** What a person who waits wants to ship, to be offered to them again. */
export type QueuedRequest = Pick<PromotionRequest, 'feature' | 'bump' | 'note'>;

export interface PlaceInQueue {
  /** Names this place, and no later one of the same person. */
  readonly id: string;
  readonly user: string;
  readonly wish?: QueuedRequest;
}

/** Why a row of the audit, or all from it on, is not what this installation wrote. */
export type ChainFault =
  /** The row is not what was written. */
  | 'changed'
  /** It is gone. */
  | 'missing'
  /** It and all after it are gone. */
  | 'cut-off'
  /** It has no signature, though rows before it have one. */
  | 'unsigned'
  /** Its signature is not of the key that signed the row before. */
  | 'forged'
  /** A key begins here that the key before it did not introduce. */
  | 'other-key'
  /** The key that signs from here on is not the one that is trusted. */
  | 'foreign-key';

/** What became of a walk along the chain of the audit. */
export interface ChainCheck {
  /** Rows that fit, from the first one on. */
  readonly rows: number;
  /** Number of the first row that does not fit; null when the chain is whole. */
  readonly brokenAt: number | null;
  readonly why?: ChainFault;
  /** The row as it is found at that place now. */
  readonly found?: StoredAuditEntry;
  /** Hash of the last row that fits: kept elsewhere, it proves later that nobody wrote the chain anew. */
  readonly head: string;
  /** Public keys that signed it, in order, each with the number of the row that introduces it. Empty: it is not signed. */
  readonly keys?: readonly { readonly key: string; readonly from: number }[];
}

/** The end of the audit is gone: an entry was signed here that the log does not hold. */
export interface MissingEnd {
  /** Number of the last entry that is known to have been signed. */
  readonly signed: number;
  /** Where the log ends now. */
  readonly rows: number;
}

/** What somebody knows of the audit from elsewhere. */
export interface AuditTrust {
  /** The public key that signs now, base64url. */
  readonly key?: string | undefined;
  /** Hashes of rows by their number: a key that begins at one of these without the key before is accepted. */
  readonly heads?: ReadonlyMap<number, string>;
}

/** What somebody told a run. */
export interface RunDelivery {
  readonly run: string;
  readonly message: RunMessage;
  /** Delivered twice with the same key it counts once. */
  readonly key: string;
}

/** Of one run; or of all of them what is older than that by the clock they share, with 0 whatever waits. */
export type Undelivered = { readonly run: string } | { readonly olderThanMs: number };

/** What one of several people may be first with. */
export interface Claim {
  /** `answer:7`: who claims the same key of a promotion later is not first. */
  readonly key: string;
  /** What is asked, and by whom. */
  readonly message: RunMessage;
  /** Only in these states, and when given only in this turn; else Refusal `promotion-moved-on` or `card-changed`. */
  readonly from: readonly PromotionState[];
  readonly turn?: number;
  /** Is first also where another kind of message was. */
  readonly overrides?: boolean;
  /** Written in the same transaction when it is first. */
  readonly audit: Omit<AuditEntry, 'promotionId' | 'service'>;
}

/**
 * Promotions and what belongs to them. All changes are transactions; all times come from the ledger's clock.
 * Throws Unavailable("the database") when it does not answer.
 */
export interface Ledger extends DeliveryStore, HabitStore, LockStore, PromptStore, SequenceLedger {
  /**
   * Creates a promotion in `checking`; Refusal `promotion-open` when the service has an open one. Asked again
   * with the same id it answers with the promotion as it is now. Writes `promotion.opened` to the audit. Whoever opened it
   * does not wait for the service any more.
   */
  open(promotion: {
    readonly id: string;
    readonly request: PromotionRequest;
    readonly channel: string;
    readonly source?: AuditSource;
  }): Promise<Promotion>;
  /** Refusal `promotion-unknown`. */
  get(id: string): Promise<Promotion>;
  openFor(service: string): Promise<Promotion | null>;
  /** Newest first; `skip`, with a service: without so many of the newest ones. */
  recent(filter: {
    readonly service?: string;
    readonly states?: readonly PromotionState[];
    readonly limit: number;
    readonly skip?: number;
  }): Promise<readonly Promotion[]>;
  /** The newest promotion of each of the services that has one, newest first. */
  newestOf(services: readonly string[]): Promise<readonly Pick<Promotion, 'id' | 'service' | 'state'>[]>;
  /** Also Refusal `promotion-open` when it would reopen a service that has another open promotion. */
  change(id: string, change: Change): Promise<Promotion>;
  /**
   * Takes a claim, or answers with the message of who was first. The state is compared in the same transaction. When it
   * is first its message waits to be delivered, and so does `vote` after each vote that is given or taken back.
   */
  claim(id: string, claim: Claim): Promise<{ readonly isFirst: boolean; readonly message: RunMessage }>;

  /** What waits to be delivered, oldest first. */
  undelivered(of: Undelivered): Promise<readonly RunDelivery[]>;
  /** The run has it; twice is once. */
  delivered(key: string): Promise<void>;

  /**
   * Records a vote on the digest that the person saw. Refusals: `promotion-moved-on` (not awaiting approval),
   * `digest-changed`, `already-voted` (same person, same digest, same decision). A person's other decision
   * replaces the earlier one, which stays in the list as invalid. Writes `approval.given` or
   * `approval.declined` to the audit. `told`: by all votes as they are then.
   */
  vote(
    id: string,
    vote: Omit<Approval, 'at' | 'valid'>,
    source?: AuditSource,
    told?: (votes: readonly Approval[]) => ThreadNews,
  ): Promise<readonly Approval[]>;
  /**
   * Takes a person's own approval back, while it is asked for. Refusals: `promotion-moved-on`, `no-vote`.
   * Answers with all votes. Writes `approval.withdrawn` to the audit.
   */
  withdrawVote(
    id: string,
    by: string,
    source?: AuditSource,
    told?: (votes: readonly Approval[]) => ThreadNews,
  ): Promise<readonly Approval[]>;
  approvals(id: string): Promise<readonly Approval[]>;
  /**
   * Who asked for a promotion and who decided something about it. Null when the audit does not prove it, or says that
   * somebody else asked: then nobody's approval can count.
   */
  deciders(id: string): Promise<Deciders | null>;
  /** Whether people were asked about the plan of this digest, in this promotion, by a signed entry of the audit. */
  wasAsked(id: string, digest: string): Promise<boolean>;
  /**
   * Those of a promotion's overrides that somebody asked for by signed entries of the audit, over the barriers that it
   * names there, with who acknowledged them by it.
   */
  overrides(id: string, stored: readonly Override[]): Promise<readonly Override[]>;

  /** Puts a person in the queue; their place, 1-based. Asking twice keeps the place; the newest wish counts. */
  joinQueue(service: string, user: string, wish?: QueuedRequest): Promise<number>;
  /**
   * Who waits longest, or null. They stay in the queue until they have been called, so that a crash in between loses
   * nobody. With `pauseMs` null also when somebody was called less than that long ago.
   */
  firstInQueue(service: string, pauseMs?: number): Promise<PlaceInQueue | null>;
  /** They have been called and wait no more; calling twice is calling once. */
  leaveQueue(place: PlaceInQueue): Promise<void>;

  /** Services that somebody waits for. */
  waitedFor(): Promise<readonly string[]>;

  /** Debts that the audit proves and that nobody has acknowledged by it, oldest first. */
  openDebts(): Promise<readonly Debt[]>;
  /**
   * A second person acknowledges the debts of a promotion that they did not make themselves; answers with these.
   * Refusals: `debt-settled` (there is none), `debt-own` (all are theirs). Writes `debt.acknowledged` to the audit.
   */
  acknowledge(
    id: string,
    by: string,
    source?: AuditSource,
    told?: (settled: readonly Debt[]) => ThreadNews,
  ): Promise<readonly Debt[]>;

  /**
   * Releases of a service that a rollback may return to, the one that was last in production first: those that the
   * audit proves to have been there, or that a person vouched for.
   */
  releases(service: string): Promise<readonly KnownRelease[]>;
  /** Those that are stored among them and that nothing proves: whoever wrote them, the bot did not. */
  unprovenReleases(service: string): Promise<readonly KnownRelease[]>;
  /** A person vouches for a release from before; twice is once. Writes `release.adopted` to the audit. */
  adopt(
    adopted: { readonly service: string; readonly release: Release; readonly by: string },
    source?: AuditSource,
  ): Promise<void>;
  /**
   * A commit of this promotion was made by Slipway: one with records, or half a release, of that `version`. Release
   * commits are remembered by `change`. Said twice, it is written once. Writes `commit.made` to the audit.
   */
  rememberCommit(id: string, commit: OwnCommit): Promise<void>;
  /** Those of the commits that Slipway made, whatever their messages say, and that the audit proves to be its own. */
  ownCommits(shas: readonly Sha[]): Promise<readonly OwnCommit[]>;

  addSamples(id: string, samples: readonly Sample[]): Promise<void>;
  /** In order of time; a sample of the same phase and time is stored once. */
  samples(id: string): Promise<readonly Sample[]>;

  /** True the first time that a key is seen, by any process, within the last days. */
  once(key: string): Promise<boolean>;
  /** Whether it was seen by then; it stays as it was. */
  wasSeen(key: string): Promise<boolean>;
  /** Those of the keys that were seen by then. */
  seenAmong(keys: readonly string[]): Promise<ReadonlySet<string>>;
  /** As if it had never been seen. */
  forget(key: string): Promise<void>;
  /**
   * Whether it is for this process to make an offer: nobody has made it, ever, or has tried to less than `pauseMs`
   * ago.
   */
  tryOffer(key: string, pauseMs: number): Promise<boolean>;
  /** It was made: nobody makes it again. */
  offerMade(key: string): Promise<void>;
  audit(entry: AuditEntry): Promise<void>;
  /** Newest first. */
  auditTrail(filter: {
    readonly promotionId?: string;
    readonly service?: string;
    readonly limit: number;
  }): Promise<readonly StoredAuditEntry[]>;
  /** Oldest first, a page at a time, however many there are; `sinceMs` in ms since the epoch. */
  auditRows(filter: {
    readonly service?: string;
    readonly sinceMs?: number;
  }): AsyncIterable<StoredAuditEntry>;
  /** Hash of one row; null when there is none of that number. */
  auditHash(seq: number): Promise<string | null>;
  /** Its end now; null while it is not signed. */
  auditHead(): Promise<AuditHead | null>;
  /**
   * Compares the log with the last entry that this machine knows to have been signed; null when it holds that. Throws
   * Unavailable also when what is kept outside of the database cannot be read.
   */
  missingEnd(): Promise<MissingEnd | null>;
  /** Walks the whole chain: hashes, signatures, and who signed. */
  verifyAudit(trust?: AuditTrust): Promise<ChainCheck>;
}
