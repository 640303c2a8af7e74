import type { Migration } from '../migration.ts';

export const askingNotices: Migration = {
  number: 10,
  name: 'asking-notices',
  sql: `
    alter table slipway.notices
      -- Ids of the buttons that the message shows; null: none any more.
      add column asks text,
      -- The turn of the promotion in which it was sent.
      add column asked_turn integer;
    create index notices_asking on slipway.notices (promotion_id) where asks is not null;
    alter table slipway.claims add column at timestamptz;
  `,
};
