import type { Migration } from '../migration.ts';

export const earlierDays: Migration = {
  number: 11,
  name: 'earlier-days',
  sql: `
    alter table slipway.samples drop constraint samples_phase_check;
    -- What is there has one of fewer phases: it need not be looked at.
    alter table slipway.samples add constraint samples_phase_check
      check (phase in ('baseline', 'after', 'history')) not valid;
  `,
};
