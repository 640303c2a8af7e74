import type { Migration } from '../migration.ts';

export const sequences: Migration = {
  number: 15,
  name: 'sequences',
  sql: `
    -- Services that people want to ship one after the other, or at a time.
    create table slipway.sequences (
      id text primary key,
      seq bigint generated always as identity,
      sequence json not null,
      -- Nothing is left to do for it, and its message in the channel shows how it ended.
      settled boolean not null default false,
      updated_at timestamptz not null
    );
    create index sequences_unsettled on slipway.sequences (seq) where not settled;
    -- Services that wait to be started by a sequence: each by one at most.
    create table slipway.planned_services (
      service text primary key,
      sequence_id text not null references slipway.sequences (id) on delete cascade
    );
  `,
};
