import type { Migration } from '../migration.ts';

export const slackCalls: Migration = {
  number: 8,
  name: 'slack-calls',
  sql: `
    -- When a message may have been sent, so that it is looked for there and nowhere else.
    alter table slipway.cards add column attempted_at timestamptz;
    update slipway.cards set attempted_at = coalesce(stale_since, now()) where attempted;
    alter table slipway.cards drop column attempted;
    alter table slipway.notices
      add column attempted_at timestamptz,
      -- The ts of the message while its files are not attached yet.
      add column posted text,
      -- What was uploaded for it, by name.
      add column uploads json not null default '{}';
    update slipway.notices set attempted_at = created_at where attempted;
    alter table slipway.notices drop column attempted;

    -- When Slack was called lately, by the name of a limit, ms since the epoch: all processes share its limits.
    create table slipway.slack_calls (
      key text primary key,
      times double precision[] not null default '{}'
    );
  `,
};
