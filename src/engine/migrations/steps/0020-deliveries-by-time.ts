import type { Migration } from '../migration.ts';

export const deliveriesByTime: Migration = {
  number: 20,
  name: 'deliveries-by-time',
  sql: `
    -- Authors are told of what went live, or back, of any service.
    create index deliveries_by_time on slipway.deliveries (at);
    create index deliveries_by_restored on slipway.deliveries (restored_at) where restored_at is not null;
  `,
};
