import type { Migration } from '../migration.ts';

export const offers: Migration = {
  number: 5,
  name: 'offers',
  sql: `
    -- Promotions that people were offered, for good. Tried and not made: it is tried again.
    create table slipway.offers (
      key text primary key,
      tried_at timestamptz not null,
      made_at timestamptz
    );
    -- Until now they were among the keys of the last days; their hashes do not say which.
    insert into slipway.offers (key, tried_at, made_at) select key, seen_at, seen_at from slipway.once;
  `,
};
