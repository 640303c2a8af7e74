import type { Migration } from '../migration.ts';

export const deliveries: Migration = {
  number: 9,
  name: 'deliveries',
  sql: `
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
  `,
};
