import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { CardPicture, Uploads } from '../../adapters/slack/port.ts';
import type { AuditEntry } from '../../domain/audit/entry.ts';
import type { FormChoice } from '../../domain/habits/habits.ts';
import type { Sample } from '../../domain/judge/sample.ts';
import type { Prompt, PromptOutcome } from '../../domain/promotion/asking/prompt.ts';
import type { KnownRelease } from '../../domain/promotion/known-release.ts';
import type { Notice } from '../../domain/promotion/notice.ts';
import type { PromotionData, PromotionRequest, PromotionState } from '../../domain/promotion/promotion.ts';
import type { Build } from '../../domain/release/release.ts';
import type { Sequence } from '../../domain/schedule/sequence.ts';
import type { QueuedRequest } from '../../flows/run/ledger.ts';
import type { RunMessage } from '../../flows/run/port.ts';

/** bigint: read as text by pg. */
type Big = ColumnType<string, string | number | bigint, string | number | bigint>;
type Seq = ColumnType<string, never, never>;
type Time = ColumnType<Date, Date, Date>;
/**
 * Documents are `json`, not `jsonb`, which keeps NUL and lone surrogates of outside text as they are. No query looks
 * inside them.
 */
type Document<T extends object> = JSONColumnType<T, string, string>;

/** The tables of our schema, as the migrations make them. */
export interface Tables {
  promotions: {
    id: string;
    seq: Seq;
    service: string;
    state: PromotionState;
    revision: number;
    turn: Generated<number>;
    created_at: Time;
    updated_at: Time;
    request: Document<PromotionRequest>;
    channel: string;
    digest: string | null;
    data: Document<PromotionData>;
  };
  changes: {
    promotion_id: string;
    key: string;
  };
  claims: {
    promotion_id: string;
    key: string;
    message: Document<RunMessage>;
    at: ColumnType<Date | null, Date | undefined, Date>;
  };
  messages: {
    seq: Seq;
    key: string;
    run: string;
    message: Document<RunMessage>;
    at: Time;
  };
  prompts: {
    seq: Seq;
    key: string;
    channel: string;
    thread: string | null;
    prompt: Document<Prompt>;
    at: Time;
    attempted_at: ColumnType<Date | null, Date | undefined, Date | null>;
    posted_in: ColumnType<string | null, string | undefined, string>;
    ts: ColumnType<string | null, string | undefined, string>;
    outcome: JSONColumnType<PromptOutcome, string | undefined, string> | null;
    closed_at: ColumnType<Date | null, Date | undefined, Date>;
    snoozed_until: ColumnType<Date | null, Date | null, Date | null>;
  };
  approvals: {
    seq: Seq;
    promotion_id: string;
    voter: string;
    digest: string;
    decision: 'approve' | 'decline';
    reason: string | null;
    at: Time;
    valid: boolean;
  };
  events: {
    seq: Big;
    at: Time;
    service: string | null;
    promotion_id: string | null;
    entry: Document<AuditEntry>;
    hash: string;
    signature: string | null;
  };
  chain: {
    single: Generated<boolean>;
    seq: Big;
    hash: string;
    /** The public key that signs; null until signing began. */
    key: ColumnType<string | null, string | null | undefined, string | null>;
  };
  locks: {
    service: string;
    owner: string;
    reason: string;
    promotion_id: string | null;
    since: Time;
    until: Time | null;
  };
  queue: {
    seq: Seq;
    service: string;
    person: string;
    wish: JSONColumnType<QueuedRequest, string | null, string | null> | null;
    called_at: ColumnType<Date | null, Date | null | undefined, Date>;
  };
  debts: {
    id: string;
    seq: Seq;
    promotion_id: string;
    service: string;
    person: string;
    reason: string;
    over: JSONColumnType<readonly string[], string, string>;
    since: Time;
    due: Time;
    acknowledged_by: string | null;
    acknowledged_at: Time | null;
  };
  samples: {
    seq: Seq;
    promotion_id: string;
    phase: Sample['phase'];
    at: Time;
    sample: Document<Sample>;
  };
  once: {
    key: string;
    seen_at: Time;
  };
  offers: {
    key: string;
    tried_at: Time;
    made_at: Time | null;
  };
  sequences: {
    id: string;
    seq: Seq;
    sequence: Document<Sequence>;
    settled: Generated<boolean>;
    updated_at: Time;
  };
  planned_services: {
    service: string;
    sequence_id: string;
  };
  webhooks: {
    name: string;
    address: string | null;
    sent: Big;
    holder: string | null;
    until: ColumnType<Date, Date | undefined, Date>;
    failures: Generated<number>;
  };
  subscriptions: {
    person: string;
    service: string;
    since: Time;
  };
  form_choices: {
    person: string;
    choice: Document<FormChoice>;
  };
  releases: {
    seq: Seq;
    service: string;
    version: string;
    tag: string;
    commit: string;
    build: JSONColumnType<Build, string | null, string | null> | null;
    how: KnownRelease['how'];
    promotion_id: string | null;
    by: string | null;
    at: Time;
  };
  deliveries: {
    promotion_id: string;
    service: string;
    version: string;
    at: Time;
    /** ms since the epoch */
    commits: number[] | null;
    rolled_back: boolean;
    restored_at: ColumnType<Date | null, Date | null, Date | null>;
    mends: string | null;
  };
  own_commits: {
    sha: string;
    version: string | null;
    promotion_id: string;
    at: Time;
  };
  cards: {
    promotion_id: string;
    channel: string;
    ts: string | null;
    hash: string | null;
    attempted_at: Date | null;
    wanted: ColumnType<string, number | undefined, string | number>;
    stale_since: Time | null;
    picture: JSONColumnType<CardPicture, string | undefined, string>;
  };
  notices: {
    seq: Seq;
    promotion_id: string;
    key: string;
    notice: Document<Notice>;
    attempted_at: Date | null;
    posted: string | null;
    uploads: JSONColumnType<Uploads, string | undefined, string>;
    created_at: Time;
    ts: string | null;
    asks: ColumnType<string | null, string | undefined, string | null>;
    asked_turn: ColumnType<number | null, number | undefined, number | null>;
  };
  moved_channels: {
    old: string;
    new: string;
  };
  slack_calls: {
    key: string;
    times: Generated<number[]>;
  };
  replicas: {
    executor_id: string;
    beat_at: Time;
    started_at: Time;
  };
  secrets: {
    name: string;
    value: Buffer;
  };
}
