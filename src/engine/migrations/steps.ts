import { FOUNDATION } from './foundation.ts';

export interface Migration {
  /** One more than that of the step before. */
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

/** In order. What was released is never edited: add another one. */
export const MIGRATIONS: readonly Migration[] = [
  { number: 13, name: 'foundation', sql: FOUNDATION },
  {
    number: 14,
    name: 'prompts',
    sql: `
      -- Messages with buttons outside of the threads of promotions: offers, and direct messages to those who wait.
      create table slipway.prompts (
        seq bigint generated always as identity primary key,
        key text not null unique,
        -- Where it goes: a channel, or a person.
        channel text not null,
        thread text,
        prompt json not null,
        at timestamptz not null,
        -- When a process may have posted it; null: none has tried.
        attempted_at timestamptz,
        posted_in text,
        ts text,
        -- What became of it; its buttons give way to that.
        outcome json,
        -- Its message shows that, or cannot.
        closed_at timestamptz
      );
      create index prompts_open on slipway.prompts (seq) where closed_at is null;
    `,
  },
  {
    number: 15,
    name: 'sequences',
    sql: `
      -- Services that people want to ship one after the other, or at a time.
      create table slipway.sequences (
        id text primary key,
        seq bigint generated always as identity,
        sequence json not null,
        -- Nothing is left to do for it, and its message in the channel shows how it ended.
        settled boolean not null default false,
        updated_at timestamptz not null
      );
      create index sequences_unsettled on slipway.sequences (seq) where not settled;
      -- Services that wait to be started by a sequence: each by one at most.
      create table slipway.planned_services (
        service text primary key,
        sequence_id text not null references slipway.sequences (id) on delete cascade
      );
    `,
  },
  {
    number: 16,
    name: 'snoozed-prompts',
    sql: `
      -- It is held back until then; null: it is posted as soon as may be.
      alter table slipway.prompts add column snoozed_until timestamptz;
    `,
  },
  {
    number: 17,
    name: 'habits',
    sql: `
      -- Who wants a direct message when their commits are in production; '*' is every service.
      create table slipway.subscriptions (
        person text not null,
        service text not null,
        since timestamptz not null,
        primary key (person, service)
      );
      -- What people chose in the form the last time.
      create table slipway.form_choices (
        person text primary key,
        choice json not null
      );
    `,
  },
  {
    number: 18,
    name: 'webhooks',
    sql: `
      -- How far each webhook is with the audit, and who sends for it now.
      create table slipway.webhooks (
        name text primary key,
        -- Number of the last entry that was taken, or is not for it.
        sent bigint not null,
        holder text,
        -- Nobody but the holder sends before that.
        until timestamptz not null default now(),
        -- In a row; how often it was tried since it took one.
        failures integer not null default 0
      );
    `,
  },
  {
    number: 19,
    name: 'webhook-addresses',
    sql: `
      -- A hash of where it sends to; null: nobody has said so yet.
      alter table slipway.webhooks add column address text;
    `,
  },
  {
    number: 20,
    name: 'deliveries-by-time',
    sql: `
      -- Authors are told of what went live, or back, of any service.
      create index deliveries_by_time on slipway.deliveries (at);
      create index deliveries_by_restored on slipway.deliveries (restored_at) where restored_at is not null;
    `,
  },
  {
    number: 21,
    name: 'moved-channels',
    sql: `
      -- A private channel that is shared with others gets another id: Slack has said so.
      create table slipway.moved_channels (
        old text primary key,
        new text not null
      );
    `,
  },
];
