import type { Migration } from '../migration.ts';

export const snoozedPrompts: Migration = {
  number: 16,
  name: 'snoozed-prompts',
  sql: `
    -- It is held back until then; null: it is posted as soon as may be.
    alter table slipway.prompts add column snoozed_until timestamptz;
  `,
};
