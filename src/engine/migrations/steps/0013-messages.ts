import type { Migration } from '../migration.ts';

export const messages: Migration = {
  number: 13,
  name: 'messages',
  sql: `
    -- What people told runs, written with the decision itself and removed once the run has it.
    create table slipway.messages (
      seq bigint generated always as identity primary key,
      key text not null unique,
      run text not null,
      message json not null,
      at timestamptz not null
    );
    create index messages_by_run on slipway.messages (run);
  `,
};
