/** The tables of the first build whose databases are taken over. */
export const FOUNDATION = `
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
    data json not null,
    -- Grows when the buttons drawn before mean something else now.
    turn integer not null default 1
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

  -- Who was first with what only one person may do.
  create table slipway.claims (
    promotion_id text not null references slipway.promotions,
    key text not null,
    message json not null,
    at timestamptz,
    primary key (promotion_id, key)
  );

  -- What people told runs, written with the decision itself and removed once the run has it.
  create table slipway.messages (
    seq bigint generated always as identity primary key,
    key text not null unique,
    run text not null,
    message json not null,
    at timestamptz not null
  );
  create index messages_by_run on slipway.messages (run);

  create table slipway.events (
    seq bigint primary key,
    at timestamptz not null,
    service text,
    promotion_id text,
    entry json not null,
    hash text not null,
    -- Ed25519 over number and hash.
    signature text
  );
  create index events_by_promotion on slipway.events (promotion_id, seq desc);
  create index events_by_service on slipway.events (service, seq desc);
  -- The end of the chain: serialises appends, and shows when rows were cut off.
  create table slipway.chain (
    single boolean primary key default true check (single),
    seq bigint not null,
    hash text not null,
    -- The public key that signs; null until the bot has begun to.
    key text
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
    -- What the person wants to ship.
    wish json,
    -- Who was called leaves the queue only then; for a while it is remembered when.
    called_at timestamptz
  );
  create unique index queue_waiting on slipway.queue (service, person) where called_at is null;
  create index queue_called on slipway.queue (service, called_at) where called_at is not null;

  -- What each override owes, until a second person has acknowledged it.
  create table slipway.debts (
    id text primary key,
    seq bigint generated always as identity unique,
    promotion_id text not null references slipway.promotions,
    service text not null,
    person text not null,
    reason text not null,
    over json not null,
    since timestamptz not null,
    due timestamptz not null,
    acknowledged_by text,
    acknowledged_at timestamptz,
    check (acknowledged_by is distinct from person),
    check ((acknowledged_by is null) = (acknowledged_at is null))
  );
  create index debts_open on slipway.debts (seq) where acknowledged_by is null;
  create index debts_by_promotion on slipway.debts (promotion_id);

  create table slipway.samples (
    seq bigint generated always as identity primary key,
    promotion_id text not null references slipway.promotions,
    phase text not null,
    at timestamptz not null,
    sample json not null,
    unique (promotion_id, phase, at),
    constraint samples_phase_check check (phase in ('baseline', 'after', 'history'))
  );

  create table slipway.once (
    key text primary key,
    seen_at timestamptz not null
  );
  create index once_by_time on slipway.once (seen_at);

  -- Promotions that people were offered. Tried and not made: it is tried again.
  create table slipway.offers (
    key text primary key,
    tried_at timestamptz not null,
    made_at timestamptz
  );

  -- What a rollback may return to: the commits that were in production, by version.
  create table slipway.releases (
    seq bigint generated always as identity unique,
    service text not null,
    version text not null,
    tag text not null,
    commit text not null,
    build json,
    how text not null check (how in ('shipped', 'live-before', 'adopted')),
    promotion_id text references slipway.promotions,
    by text,
    at timestamptz not null,
    primary key (service, version, commit),
    check ((how = 'adopted') = (by is not null))
  );

  -- Commits that Slipway made: release commits with their version, and records without.
  create table slipway.own_commits (
    sha text primary key,
    version text,
    promotion_id text not null references slipway.promotions,
    at timestamptz not null
  );

  -- What the figures of a service are made from: written with the promotion, in the same transaction.
  create table slipway.deliveries (
    promotion_id text primary key references slipway.promotions,
    service text not null,
    version text not null,
    at timestamptz not null,
    commits double precision[],
    rolled_back boolean not null,
    restored_at timestamptz,
    mends text
  );
  create index deliveries_by_service on slipway.deliveries (service, at);

  create table slipway.cards (
    promotion_id text primary key references slipway.promotions,
    channel text not null,
    ts text,
    hash text,
    -- Grows with each wish to show the card.
    wanted bigint not null default 0,
    -- Of builds from before; nobody reads these two.
    shown bigint not null default 0,
    shown_revision integer,
    stale_since timestamptz,
    -- When a message may have been sent, so that it is looked for there and nowhere else.
    attempted_at timestamptz,
    -- The chart in it: what Slack has of it.
    picture json not null default '{}'
  );
  create index cards_stale on slipway.cards (stale_since) where stale_since is not null;
  create unique index cards_by_thread on slipway.cards (channel, ts) where ts is not null;

  create table slipway.notices (
    seq bigint generated always as identity primary key,
    promotion_id text not null references slipway.promotions,
    key text not null,
    notice json not null,
    created_at timestamptz not null,
    ts text,
    attempted_at timestamptz,
    -- The ts of the message while its files are not attached yet.
    posted text,
    -- What was uploaded for it, by name.
    uploads json not null default '{}',
    -- Ids of the buttons that the message shows; null: none any more.
    asks text,
    -- The turn of the promotion in which it was sent.
    asked_turn integer,
    unique (promotion_id, key)
  );
  create index notices_unsent on slipway.notices (promotion_id, seq) where ts is null;
  create index notices_asking on slipway.notices (promotion_id) where asks is not null;

  -- When Slack was called lately, by the name of a limit, ms since the epoch: all processes share its limits.
  create table slipway.slack_calls (
    key text primary key,
    times double precision[] not null default '{}'
  );

  create table slipway.replicas (
    executor_id text primary key,
    beat_at timestamptz not null,
    started_at timestamptz not null
  );

  -- What this installation keeps to itself, such as the key that buttons are sealed with.
  create table slipway.secrets (
    name text primary key,
    value bytea not null
  );
`;
