import type { Migration } from '../migration.ts';

export const signedAudit: Migration = {
  number: 7,
  name: 'signed-audit',
  sql: `
    -- Ed25519 over number and hash. Rows from before have none.
    alter table slipway.events add column signature text;
    -- The public key that signs; null until the bot has begun to.
    alter table slipway.chain add column key text;
  `,
};
