import type { Migration } from '../migration.ts';

export const overrides: Migration = {
  number: 3,
  name: 'overrides',
  sql: `
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

    -- What a person who waits wants to ship.
    alter table slipway.queue add column wish json;
  `,
};
