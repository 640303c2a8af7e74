import type { Migration } from '../migration.ts';

export const foundation: Migration = {
  number: 1,
  name: 'foundation',
  sql: `
    create table slipway.promotions (
      id text primary key,
      seq bigint generated always as identity unique,
      service text not null,
      state text not null,
      revision integer not null,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      request json not null,
      channel text not null,
      digest text,
      data json not null
    );
    -- At most one open promotion per service, whatever process asks.
    create unique index promotions_one_open on slipway.promotions (service)
      where state in ('checking', 'blocked', 'awaiting-approval', 'releasing', 'deploying', 'verifying',
                      'monitoring', 'rolling-back');
    create index promotions_by_service on slipway.promotions (service, created_at desc, seq desc);
    create index promotions_by_time on slipway.promotions (created_at desc, seq desc);

    -- Keys of changes that were made, so that a repeated step changes nothing.
    create table slipway.changes (
      promotion_id text not null references slipway.promotions,
      key text not null,
      primary key (promotion_id, key)
    );

    create table slipway.approvals (
      seq bigint generated always as identity primary key,
      promotion_id text not null references slipway.promotions,
      voter text not null,
      digest text not null,
      decision text not null check (decision in ('approve', 'decline')),
      reason text,
      at timestamptz not null,
      valid boolean not null
    );
    create unique index approvals_one_valid on slipway.approvals (promotion_id, voter) where valid;
    create index approvals_by_promotion on slipway.approvals (promotion_id, seq);

    create table slipway.events (
      seq bigint primary key,
      at timestamptz not null,
      service text,
      promotion_id text,
      entry json not null,
      hash text not null
    );
    create index events_by_promotion on slipway.events (promotion_id, seq desc);
    create index events_by_service on slipway.events (service, seq desc);
    -- The end of the chain: serialises appends, and shows when rows were cut off.
    create table slipway.chain (
      single boolean primary key default true check (single),
      seq bigint not null,
      hash text not null
    );
    insert into slipway.chain (seq, hash) values (0, '');
    create function slipway.refuse_rewriting() returns trigger language plpgsql as $$
      begin
        raise exception 'the audit is append-only';
      end
    $$;
    create trigger events_append_only before update or delete on slipway.events
      for each row execute function slipway.refuse_rewriting();
    create trigger events_no_truncate before truncate on slipway.events
      for each statement execute function slipway.refuse_rewriting();

    create table slipway.locks (
      service text primary key,
      owner text not null,
      reason text not null,
      promotion_id text,
      since timestamptz not null,
      until timestamptz
    );

    create table slipway.queue (
      seq bigint generated always as identity primary key,
      service text not null,
      person text not null,
      unique (service, person)
    );

    create table slipway.samples (
      seq bigint generated always as identity primary key,
      promotion_id text not null references slipway.promotions,
      phase text not null check (phase in ('baseline', 'after')),
      at timestamptz not null,
      sample json not null,
      unique (promotion_id, phase, at)
    );

    create table slipway.once (
      key text primary key,
      seen_at timestamptz not null
    );
    create index once_by_time on slipway.once (seen_at);

    create table slipway.cards (
      promotion_id text primary key references slipway.promotions,
      channel text not null,
      ts text,
      hash text,
      attempted boolean not null default false,
      -- Grows with each wish to show the card; stale while it is above what was shown.
      wanted bigint not null default 0,
      shown bigint not null default 0,
      shown_revision integer,
      stale_since timestamptz
    );
    create index cards_stale on slipway.cards (stale_since) where stale_since is not null;
    create unique index cards_by_thread on slipway.cards (channel, ts) where ts is not null;

    create table slipway.notices (
      seq bigint generated always as identity primary key,
      promotion_id text not null references slipway.promotions,
      key text not null,
      notice json not null,
      attempted boolean not null default false,
      created_at timestamptz not null,
      ts text,
      unique (promotion_id, key)
    );
    create index notices_unsent on slipway.notices (promotion_id, seq) where ts is null;

    create table slipway.replicas (
      executor_id text primary key,
      beat_at timestamptz not null,
      started_at timestamptz not null
    );
  `,
};
