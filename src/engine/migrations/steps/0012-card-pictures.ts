import type { Migration } from '../migration.ts';

export const cardPictures: Migration = {
  number: 12,
  name: 'card-pictures',
  sql: `
    -- The chart in a card: what Slack has of it.
    alter table slipway.cards add column picture json not null default '{}';
  `,
};
