import type { Migration } from '../migration.ts';

export const webhooks: Migration = {
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
};
