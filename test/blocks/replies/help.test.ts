import { describe, expect, it } from 'vitest';
import { help } from '../../../src/blocks/replies/help.ts';
import { fine } from '../shown.ts';

describe('help', () => {
  it('lists the commands', () => {
    expect(fine(help())).toMatchInlineSnapshot(`
      "Slipway ships what was validated on staging to production: gates, version, approvals, release, deploy, health checks, and a watch.
      • \`/ship-prod\` choose what to ship in a form
      • \`/ship-prod shop\` ship shop; add minor, major or patch to choose the step, --feature 014-checkout to choose the feature, --note "why"
      • \`/ship-prod shop api\` ship several: each starts when the one before is shipped and its watch is over
      • \`/ship-prod plan shop\` show gates and plan; changes nothing
      • \`/ship-prod status\` what is under way, live and locked
      • \`/ship-prod history [shop]\` what was shipped, who approved it, how it ended, and the figures of a service; --audit: who did what, and when
      • \`/ship-prod cancel shop\` stop a promotion that is not deployed yet
      • \`/ship-prod schedule shop tomorrow 9:00\` start it then, or “after the freeze”; alone it lists what is planned, and “schedule cancel shop” takes it back
      • \`/ship-prod rollback shop [2.6.0]\` go back to the release before, or to that one
      • \`/ship-prod hotfix shop [commit]\` mend the release that is live, by a commit or branch, with all gates and approvals
      • \`/ship-prod adopt shop 2.6.0\` let rollbacks return to a release that was shipped before Slipway
      • \`/ship-prod validate shop [014-checkout]\` record that a person validated what is on staging
      • \`/ship-prod lock shop "reason" [2h]\` let nobody ship it; --steal takes over the lock of someone else
      • \`/ship-prod unlock shop [because …]\` let people ship it again
      • \`/ship-prod freeze all "reason" [2h]\` incident: stop everything, of every service
      • \`/ship-prod thaw all [because …]\` let people ship again
      • \`/ship-prod subscribe [shop]\` a direct message when your commits are in production, and when they are rolled back
      • \`/ship-prod unsubscribe [shop]\` no such messages any more
      In the thread of a promotion you can write \`status\`, \`rollback\`, \`extend 15m\` or \`hold\`; or mention me: “ship shop to prod”. Words never act by themselves: you are asked to confirm."
    `);
  });
});
