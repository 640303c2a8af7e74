import type { Migration } from '../migration.ts';

export const trustedClicks: Migration = {
  number: 2,
  name: 'trusted-clicks',
  sql: `
    -- Grows when the buttons drawn before mean something else now.
    alter table slipway.promotions add column turn integer not null default 1;

    -- Who was first with what only one person may do.
    create table slipway.claims (
      promotion_id text not null references slipway.promotions,
      key text not null,
      message json not null,
      primary key (promotion_id, key)
    );

    -- What this installation keeps to itself, such as the key that buttons are sealed with.
    create table slipway.secrets (
      name text primary key,
      value bytea not null
    );
  `,
};
