import type { Migration } from './migration.ts';

export const calledInLine: Migration = {
  number: 4,
  name: 'called-in-line',
  sql: `
    -- Who was called leaves the line only then; for a while it is remembered when.
    alter table slipway.line add column called_at timestamptz;
    alter table slipway.line drop constraint line_service_person_key;
    create unique index line_waiting on slipway.line (service, person) where called_at is null;
    create index line_called on slipway.line (service, called_at) where called_at is not null;
  `,
};
