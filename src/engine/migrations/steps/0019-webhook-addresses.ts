import type { Migration } from '../migration.ts';

export const webhookAddresses: Migration = {
  number: 19,
  name: 'webhook-addresses',
  sql: `
    -- A hash of where it sends to; null: nobody has said so yet.
    alter table slipway.webhooks add column address text;
  `,
};
