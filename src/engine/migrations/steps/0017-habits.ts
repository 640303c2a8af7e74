import type { Migration } from '../migration.ts';

export const habits: Migration = {
  number: 17,
  name: 'habits',
  sql: `
    -- Who wants a direct message when their commits are in production; '*' is every service.
    create table slipway.subscriptions (
      person text not null,
      service text not null,
      since timestamptz not null,
      primary key (person, service)
    );
    -- What people chose in the form the last time.
    create table slipway.form_choices (
      person text primary key,
      choice json not null
    );
  `,
};
