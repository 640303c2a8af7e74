import type { Migration } from '../migration.ts';

export const prompts: Migration = {
  number: 14,
  name: 'prompts',
  sql: `
    -- Messages with buttons outside of the threads of promotions: offers, and direct messages to those who wait.
    create table slipway.prompts (
      seq bigint generated always as identity primary key,
      key text not null unique,
      -- Where it goes: a channel, or a person.
      channel text not null,
      thread text,
      prompt json not null,
      at timestamptz not null,
      -- When a process may have posted it; null: none has tried.
      attempted_at timestamptz,
      posted_in text,
      ts text,
      -- What became of it; its buttons give way to that.
      outcome json,
      -- Its message shows that, or cannot.
      closed_at timestamptz
    );
    create index prompts_open on slipway.prompts (seq) where closed_at is null;
  `,
};
