import type { Migration } from '../migration.ts';

export const calledFromQueue: Migration = {
  number: 4,
  name: 'called-from-queue',
  sql: `
    -- Who was called leaves the queue only then; for a while it is remembered when.
    alter table slipway.queue add column called_at timestamptz;
    alter table slipway.queue drop constraint queue_service_person_key;
    create unique index queue_waiting on slipway.queue (service, person) where called_at is null;
    create index queue_called on slipway.queue (service, called_at) where called_at is not null;
  `,
};
