import type { KnownBlock } from '@slack/types';
import { describe, expect, it } from 'vitest';
import { card, smallCard } from '../../../src/blocks/card/card.ts';
import { details } from '../../../src/blocks/card/details.ts';
import { stateWords } from '../../../src/blocks/card/summary.ts';
import { weight } from '../../../src/blocks/kit/limits.ts';
import type { CardView } from '../../../src/blocks/kit/views.ts';
import { deployFailed, deploying } from '../../../src/domain/promotion/events/delivery.ts';
import { unhealthyAccepted } from '../../../src/domain/promotion/events/proof.ts';
import type { PromotionData, PromotionState } from '../../../src/domain/promotion/promotion.ts';
import { asText } from '../../support/as-text.ts';
import { outsideIsInert } from '../../support/outside.ts';
import { processorMs } from '../../support/processor-time.ts';
import { refusedBySlack, viewRefusedBySlack } from '../../support/slack-limits.ts';
import * as fixtures from '../fixtures.ts';

function view(name: string): CardView {
  const found = fixtures.views[name];
  if (!found) throw new Error(`no fixture ${name}`);
  return found;
}

const shown = (name: string) => asText(card(view(name)).blocks);

it('the card and its details show what a failed deployment said last, until it is tried again', () => {
  const failed = deployFailed(
    {
      reason: 'The command ended with exit code 1.',
      log: ['pushing', 'error: disk full'],
      logUrl: 'https://ci.test/1',
    },
    1,
    'Production has 1.2.0.',
  );
  const data = { plan: fixtures.plan, release: fixtures.release, ...failed.data } as PromotionData;
  const view = {
    promotion: fixtures.promotion('deploying', data),
    approvals: [],
    service: fixtures.service,
  };
  for (const blocks of [card(view).blocks, details(view).blocks as KnownBlock[]]) {
    expect(asText(blocks)).toMatch(/pushing\nerror: disk full[\s\S]*\[Whole log\]\(https:\/\/ci\.test\/1\)/);
  }
  expect(deploying.data).toMatchObject({ failure: null });
});

it.each([
  ['verifying', { decision: 'unhealthy' }, 'mend it and check again, or accept it'],
  ['monitoring', { decision: 'warning', stage: fixtures.stage }, 'accept it, or hold'],
  ['monitoring', { decision: 'warning' }, 'ship a fix, or accept it'],
] as const)(
  'where there is nothing to go back to, %s with %j asks for what can be pressed',
  (state, data, asks) => {
    const plan = { ...fixtures.plan, rollbackTo: null };
    const monitor = fixtures.monitor({ judgement: fixtures.judgement('warning') });
    const promotion = fixtures.promotion(state, { plan, monitor, ...data });
    expect(stateWords({ promotion, approvals: [] })).toContain(`: ${asks}`);
  },
);

describe('the card', () => {
  it('while the gates are checked', () => {
    expect(shown('checking')).toMatchInlineSnapshot(`
      "# shop to production
      **🔍 Checking the gates**
      [ Cancel ]? [ Details ]
      **2 of 3 gates passed, 1 pending**
      | Gate | Result | Why |
      | Rollback gate | ⏳ pending | reading |
      | Staging validation | ✅ passed | approved by dana on 2026-11-21 [open](https://git.test/shop/blob/main/specs/014-checkout/state.yaml) |
      | Remote writable | ✅ passed | a push to main would be accepted |
      Asked by @U0ALEX {2026-11-22 09:00 UTC}
      Note: _please, <!channel> *urgent* <https://evil|approve>_"
    `);
  });

  it('says why an author whom nobody knows takes one approval more', () => {
    const awaiting = view('awaiting');
    const shownWith = (...unknown: string[]) =>
      asText(
        card({
          ...awaiting,
          promotion: {
            ...awaiting.promotion,
            data: { ...awaiting.promotion.data, voteCount: { missing: 1, wanted: [], of: 1, unknown } },
          },
        }).blocks,
      );
    expect(shownWith('@octocat')).toContain(
      'Nobody here knows who @octocat is, so whoever approves may be an author: it takes one approval more. Name authors under approvals.people',
    );
    expect(shownWith('a@b.test', 'c@b.test', 'd@b.test')).toContain('who a@b.test and 2 others are, so');
    expect(shown('awaiting')).not.toContain('Nobody here knows');
  });

  it('in a freeze: until when, and the glass', () => {
    expect(shown('frozen')).toMatchInlineSnapshot(`
      "# shop 2.6.0 → 2.7.0
      **⛔ Blocked** by Freezes
      [ Re-check ](primary) [ Break glass… ](danger) [ Change version… ] [ Cancel ]? [ Details ]
      **What to do**
      • **Freezes** (failed): Frozen: weekend <!channel> *urgent* <https://evil|approve> until {2026-11-23 07:00 UTC}. Wait until it is over: a promotion that waits then goes on by itself. In an emergency, break the glass.
      **3 of 4 gates passed, 1 failed**
      | Gate | Result | Why |
      | Freezes | ❌ failed | Frozen: weekend <!channel> *urgent* <https://evil|approve> until {2026-11-23 07:00 UTC} |
      | 3 gates | ✅ passed | Staging validation, Rollback gate, Remote writable |
      Commit [a1b2c3d](https://git.test/shop/commit/a1b2c3d000000000000000000000000000000000) of \`main\` for \`014-checkout\`, 3 commits since 2.6.0
      Deploys to [branch production](https://git.test/shop/tree/production), rolls back to 2.6.0
      Asked by @U0ALEX {2026-11-22 09:00 UTC}
      Note: _please, <!channel> *urgent* <https://evil|approve>_"
    `);
  });

  it('over broken glass: louder, with the debt', () => {
    expect(shown('glass broken')).toMatchInlineSnapshot(`
      "# 🚨 shop 2.6.0 → 2.7.0
      **🔔 Waiting for approval (2 missing)**
      [ Approve (2 missing) ](primary)? [ Decline… ] [ Change version… ] [ Re-check ] [ Cancel ]? [ Acknowledge ]? [ Details ]
      **🚨 Glass broken** by @U0KIM over: Frozen: weekend <!channel> *urgent* <https://evil|approve>. **A second person has to acknowledge it** by {2026-11-23 09:02 UTC}; that does not hold it back.
      > the till is down <!channel> *urgent* <https://evil|approve>
      **3 of 4 gates passed, 1 overridden**
      | Gate | Result | Why |
      | Freezes | 🚨 overridden | Frozen: weekend <!channel> *urgent* <https://evil|approve> until {2026-11-23 07:00 UTC} |
      **Version 2.6.0 → 2.7.0** (minor), because of
      • [a1b2c3d feat(cart): coupons](https://git.test/shop/commit/a1b2c3d000000000000000000000000000000000)
      • CHANGELOG: Added
      **Changelog**
      **Added**
      • Coupons in the cart
      **Fixed**
      • <!channel> *urgent* <https://evil|approve>
      Commit [a1b2c3d](https://git.test/shop/commit/a1b2c3d000000000000000000000000000000000) of \`main\` for \`014-checkout\`, 3 commits since 2.6.0
      Deploys to [branch production](https://git.test/shop/tree/production), rolls back to 2.6.0
      Asked by @U0ALEX {2026-11-22 09:00 UTC}
      Note: _please, <!channel> *urgent* <https://evil|approve>_
      **2 approvals missing**, from @S0RELEASE or @U0DANA"
    `);
    expect(shown('glass broken, acknowledged')).toContain('Acknowledged by @U0DANA.');
    expect(shown('glass broken, acknowledged')).not.toContain('[ Acknowledge ]');
  });

  it('when blocked: first what to do', () => {
    expect(shown('blocked')).toMatchInlineSnapshot(`
      "# shop 2.6.0 → 2.7.0
      **⛔ Blocked** by Staging validation, Candidate is what was validated
      [ Re-check ](primary) [ Change version… ] [ Cancel ]? [ Details ]
      **What to do**
      • **Staging validation** (failed): Run /validate-staging, commit the state file, then press Re-check. [open](https://git.test/shop/blob/main/specs/014-checkout/state.yaml)
      • **Candidate is what was validated** (unknown): Validate staging again.
      **2 of 4 gates passed, 1 failed, 1 unknown**
      | Gate | Result | Why |
      | Staging validation | ❌ failed | manual_gates.staging_validation.status is pending [open](https://git.test/shop/blob/main/specs/014-checkout/state.yaml) |
      | Candidate is what was validated | ❔ unknown | commits in between: <!channel> *urgent* <https://evil|approve> |
      | 2 gates | ✅ passed | Rollback gate, Remote writable |
      Commit [a1b2c3d](https://git.test/shop/commit/a1b2c3d000000000000000000000000000000000) of \`main\` for \`014-checkout\`, 3 commits since 2.6.0
      Deploys to [branch production](https://git.test/shop/tree/production), rolls back to 2.6.0
      Asked by @U0ALEX {2026-11-22 09:00 UTC}
      Note: _please, <!channel> *urgent* <https://evil|approve>_"
    `);
  });

  it('says before the approval what is worth reading of gates that passed, once', () => {
    const asked = view('awaiting');
    const way = `A rollback returns to v2.6.0. ${fixtures.EVIL}`;
    const gate = { id: 'rollback-target', title: 'Rollback target', verdict: 'passed', reason: way } as const;
    const gates = [...fixtures.gates, { ...gate, notable: true, link: 'https://git.test/releases/v2.6.0' }];
    const { promotion } = asked;
    const text = (state: PromotionState) =>
      asText(
        card({ ...asked, promotion: { ...promotion, state, data: { ...promotion.data, gates } } }).blocks,
      );
    expect(text('awaiting-approval')).toContain(
      `• ${way} [open](https://git.test/releases/v2.6.0)\n**Version`,
    );
    expect(text('checking').split(way)).toHaveLength(2);
  });

  it('when people have to approve', () => {
    expect(shown('awaiting')).toMatchInlineSnapshot(`
      "# shop 2.6.0 → 2.7.0
      **🔔 Waiting for approval (1 missing)**, expires {2026-11-22 13:00 UTC}
      [ Approve (1 missing) ](primary)? [ Decline… ] [ Take back my approval ] [ Change version… ] [ Re-check ] [ Cancel ]? [ Details ]
      ✅ **All 3 gates passed**
      **Version 2.6.0 → 2.7.0** (minor), because of
      • [a1b2c3d feat(cart): coupons](https://git.test/shop/commit/a1b2c3d000000000000000000000000000000000)
      • CHANGELOG: Added
      **Changelog**
      **Added**
      • Coupons in the cart
      **Fixed**
      • <!channel> *urgent* <https://evil|approve>
      Commit [a1b2c3d](https://git.test/shop/commit/a1b2c3d000000000000000000000000000000000) of \`main\` for \`014-checkout\`, 3 commits since 2.6.0
      Deploys to [branch production](https://git.test/shop/tree/production), rolls back to 2.6.0
      Asked by @U0ALEX {2026-11-22 09:00 UTC}
      Note: _please, <!channel> *urgent* <https://evil|approve>_
      Approved by @U0DANA {2026-11-22 09:05 UTC}
      **1 approval missing**, from @S0RELEASE or @U0DANA"
    `);
  });

  it('when approvals became void', () => {
    expect(shown('voided')).toMatchInlineSnapshot(`
      "# shop 2.6.0 → 2.7.0
      **🔔 Waiting for approval (2 missing)**
      [ Approve (2 missing) ](primary)? [ Decline… ] [ Change version… ] [ Re-check ] [ Cancel ]? [ Details ]
      **Earlier approvals do not count**: what would be shipped changed at {2026-11-22 09:06 UTC}
      • commit: now <!channel> *urgent* <https://evil|approve>
      • changelog: changed
      ✅ **All 3 gates passed**
      **Version 2.6.0 → 2.7.0** (minor), because of
      • [a1b2c3d feat(cart): coupons](https://git.test/shop/commit/a1b2c3d000000000000000000000000000000000)
      • CHANGELOG: Added
      **Changelog**
      **Added**
      • Coupons in the cart
      **Fixed**
      • <!channel> *urgent* <https://evil|approve>
      Commit [a1b2c3d](https://git.test/shop/commit/a1b2c3d000000000000000000000000000000000) of \`main\` for \`014-checkout\`, 3 commits since 2.6.0
      Deploys to [branch production](https://git.test/shop/tree/production), rolls back to 2.6.0
      Asked by @U0ALEX {2026-11-22 09:00 UTC}
      Note: _please, <!channel> *urgent* <https://evil|approve>_
      **2 approvals missing**, from @S0RELEASE or @U0DANA"
    `);
  });

  it('when the chosen version is too low', () => {
    expect(shown('lower bump')).toMatchInlineSnapshot(`
      "# shop to production
      **⚠️ The chosen version is lower than the commits ask for**
      [ Confirm the lower version ]? [ Change version… ] [ Re-check ](primary) [ Cancel ]? [ Details ]
      **What to do**
      • **Version** (failed): Confirm the lower version or choose another one.
      **3 of 4 gates passed, 1 failed**
      | Gate | Result | Why |
      | Version | ❌ failed | patch was chosen, the commits ask for minor |
      | 3 gates | ✅ passed | Staging validation, Rollback gate, Remote writable |
      Asked by @U0ALEX {2026-11-22 09:00 UTC}"
    `);
  });

  it('says before an approval what is at risk, in two lines, and the rest in Details', () => {
    const text = shown('risky');
    expect(text).toContain(
      '**⚠️ Larger than usual: 3 commits, 38 files, by 2 people** (usually 3 commits, 9 files), with **migrations (2), dependencies (1)**\nLast releases: 2.6.0 ✅, 2.5.1 ↩️ · **⚠️ A rollback does not undo migrations**',
    );
    expect(text.match(/3 commits/g)).toHaveLength(2);
    const whole = asText(details(view('risky')).blocks as KnownBlock[]);
    expect(whole).toContain('**Migrations (2):** `db/migrate/7.sql`');
    expect(whole).toContain('↩️ 2.5.1 rolled back');
  });

  it('names who confirmed a lower version, who chose another, and who went on with failed checks', () => {
    const { promotion, ...rest } = view('awaiting');
    const lowered = {
      ...fixtures.plan,
      version: { ...fixtures.plan.version, bump: 'patch', lowered: true } as const,
    };
    const wish = { bump: 'patch', lowerConfirmed: true, by: 'U0DANA' } as const;
    const text = (data: Partial<PromotionData>) =>
      asText(card({ ...rest, promotion: { ...promotion, data: { ...promotion.data, ...data } } }).blocks);
    expect(text({ plan: lowered, wish })).toContain(
      '(patch) confirmed by @U0DANA, although the commits ask for minor',
    );
    const larger = { ...fixtures.plan, version: { ...fixtures.plan.version, bump: 'major' } as const };
    expect(text({ plan: larger })).toContain('(major) chosen by @U0ALEX; the commits ask for minor');
    const accepted = unhealthyAccepted('U0KIM', fixtures.badHealth);
    expect(accepted.notice).toMatchObject({ kind: 'risk-accepted', by: 'U0KIM' });
    expect(text(accepted.data as PromotionData)).toContain(
      'Accepted by @U0KIM as critical: version: answered 2.6.0, expected 2.7.0',
    );
  });

  it('while it deploys', () => {
    expect(shown('deploying')).toMatchInlineSnapshot(`
      "# shop 2.6.0 → 2.7.0
      **🚀 Deploying** since {2026-11-22 09:03 UTC}
      [ Roll back to 2.6.0 ](danger)? [ Details ]
      **▰▰▰▱▱▱▱ 3 of 7 steps done**
      ✅ Check the gates, approvals, cut the release: 2 min 6 s
      ⏳ Deploy since {2026-11-22 09:03 UTC}: pushing <!channel> *urgent* <https://evil|approve>
      ⬜ Next: Health checks, Ship report, Watch production
      Asked by @U0ALEX {2026-11-22 09:00 UTC}
      Note: _please, <!channel> *urgent* <https://evil|approve>_
      Approved by @U0DANA {2026-11-22 09:05 UTC}, @U0KIM {2026-11-22 09:05 UTC}
      All 3 gates passed · release [v2.7.0](https://git.test/shop/releases/v2.7.0) · [production](https://shop.test/)"
    `);
  });

  it('when the deploy failed', () => {
    expect(shown('deploy failed')).toMatchInlineSnapshot(`
      "# shop 2.6.0 → 2.7.0
      **❌ The deploy failed**: <!channel> *urgent* <https://evil|approve>
      [ I'm on it ](primary) [ Retry the deploy ](primary)? [ Roll back to 2.6.0 ](danger)? [ Cancel ]? [ Details ]
      🔔 Nobody has said that they are on it
      **▰▰▰▱▱▱▱ 3 of 7 steps done**
      ✅ Check the gates, approvals, cut the release: 2 min 6 s
      ❌ Deploy failed: exit code 1
      ⬜ Next: Health checks, Ship report, Watch production
      Asked by @U0ALEX {2026-11-22 09:00 UTC}
      Note: _please, <!channel> *urgent* <https://evil|approve>_
      All 3 gates passed · release [v2.7.0](https://git.test/shop/releases/v2.7.0) · [production](https://shop.test/)"
    `);
  });

  it('when production is not healthy', () => {
    expect(shown('unhealthy')).toMatchInlineSnapshot(`
      "# shop 2.6.0 → 2.7.0
      **❌ 1 of 2 health checks failed**: version answered 2.6.0, expected 2.7.0. A rollback takes about 2 min.
      [ I'm on it ](primary) [ Roll back to 2.6.0 ](danger)? [ Check again ](primary) [ Accept and go on ]? [ Details ]
      > ⚠️ A critical check failed.
      🔔 Nobody has said that they are on it
      **❌ 1 of 2 health checks failed**
      • ❌ **version** (critical): answered 2.6.0, expected 2.7.0, 9 attempts
      **▰▰▰▰▱▱▱ 4 of 7 steps done**
      ✅ Check the gates, approvals, cut the release, deploy: 2 min 48 s
      ❌ Health checks failed
      ⬜ Next: Ship report, Watch production
      Asked by @U0ALEX {2026-11-22 09:00 UTC}
      Note: _please, <!channel> *urgent* <https://evil|approve>_
      All 3 gates passed · release [v2.7.0](https://git.test/shop/releases/v2.7.0) · [production](https://shop.test/) · [deploy log](https://ci.test/runs/1)"
    `);
  });

  it('while production is watched', () => {
    expect(shown('monitoring')).toMatchInlineSnapshot(`
      "# shop 2.6.0 → 2.7.0
      **👀 Watching production: healthy**. 0.2 % of requests fail since 2.7.0, before: 0.2 %.
      [ Roll back to 2.6.0 ](danger)? [ Extend 15 min ] [ Hold the window open ] [ Details ]
      **🟢 Production healthy**  [dashboard](https://grafana.test/d/shop)
      ▰▰▰▰▰▱▱▱▱▱▱▱▱▱▱ 15 min window, until {2026-11-22 09:30 UTC}
      Errors ▂▂·▃▂ 0.2 % now
      • 🟢 **error rate** healthy: 7 of 3,400 requests failed since the deploy (0.2 %); 0.2 % before. A rise by 1 percentage point is ruled out.
      • 🟢 **latency p95** healthy: 118 ms in the last 5 minutes, 120 ms before the deploy (-2 %; the limit is +10 %).
      **▰▰▰▰▰▰▱ 6 of 7 steps done**
      ✅ Check the gates, approvals, cut the release, deploy, health checks, ship report: 4 min 12 s
      ⏳ Watch production since {2026-11-22 09:06 UTC}
      Asked by @U0ALEX {2026-11-22 09:00 UTC}
      Note: _please, <!channel> *urgent* <https://evil|approve>_
      Approved by @U0DANA {2026-11-22 09:05 UTC}
      All 3 gates passed · release [v2.7.0](https://git.test/shop/releases/v2.7.0) · [production](https://shop.test/) · [deploy log](https://ci.test/runs/1) · ship report"
    `);
  });

  it('while a share of the requests has it', () => {
    const { promotion, ...more } = view('monitoring');
    const staged = { ...promotion, data: { ...promotion.data, stage: fixtures.stage } };
    const text = asText(card({ ...more, promotion: staged }).blocks);
    expect(text).toContain('**👀 Watching 5 % of the requests: healthy**');
    expect(text).toContain('[ Roll back to 2.6.0 ](danger)? [ Go on to 25 % now ]?');
    expect(text).toContain(
      '▰▱▱▱▱▱▱▱▱▱▱▱▱▱▱ 5 % of the requests get the release. 25 % at {2026-11-22 09:30 UTC}, if production stays well',
    );
    const held = { ...staged, data: { ...staged.data, monitor: fixtures.monitor({ held: true }) } };
    expect(asText(card({ ...more, promotion: held }).blocks)).toContain(
      '25 % comes when someone releases the hold',
    );
  });

  it('when production looks worse', () => {
    expect(shown('alarm')).toMatchInlineSnapshot(`
      "# shop 2.6.0 → 2.7.0
      **🟠 3.4 % of requests fail since 2.7.0, before: 0.2 %.** A rollback takes about 2 min.
      [ Roll back to 2.6.0 ](danger)? [ Hotfix… ] [ Accept and close ]? [ Extend 15 min ] [ Hold the window open ] [ Details ]
      **🟠 Production warning**  [dashboard](https://grafana.test/d/shop)
      ▰▰▰▰▰▱▱▱▱▱▱▱▱▱▱ 15 min window, until {2026-11-22 09:30 UTC}
      Errors ▂▂·▃▂ 0.2 % now
      • 🟠 **error rate** warning: 21 of 600 requests failed in the last 30 s (3.4 %); 0.2 % before the deploy.
      • 🟢 **latency p95** healthy: 118 ms in the last 5 minutes, 120 ms before the deploy (-2 %; the limit is +10 %).
      Asked by @U0ALEX {2026-11-22 09:00 UTC}
      Note: _please, <!channel> *urgent* <https://evil|approve>_
      All 3 gates passed · release [v2.7.0](https://git.test/shop/releases/v2.7.0) · [production](https://shop.test/) · [deploy log](https://ci.test/runs/1) · ship report"
    `);
  });

  it('while it rolls back', () => {
    expect(shown('rolling back')).toMatchInlineSnapshot(`
      "# shop 2.6.0 → 2.7.0
      **↩️ Rolling back** to 2.6.0 since {2026-11-22 09:20 UTC}
      [ Details ]
      ↩️ Rollback started by Slipway itself
      Reason: critical error rate
      **What was done**
      ✅ Check the gates, approvals, cut the release, deploy, health checks, ship report: 4 min 12 s
      ❌ Watch production failed
      ⏳ Roll back since {2026-11-22 09:20 UTC}
      Asked by @U0ALEX {2026-11-22 09:00 UTC}
      Note: _please, <!channel> *urgent* <https://evil|approve>_
      All 3 gates passed · release [v2.7.0](https://git.test/shop/releases/v2.7.0) · [production](https://shop.test/) · [deploy log](https://ci.test/runs/1) · ship report"
    `);
  });

  it('when it was rolled back', () => {
    expect(shown('rolled back')).toMatchInlineSnapshot(`
      "# shop 2.6.0 → 2.7.0
      **↩️ Rolled back** {2026-11-22 09:22 UTC}, 22 min after the start
      [ Unlock shop… ] [ Details ]
      **↩️ 2.6.0 is live again**, it took 2 min, asked for by @U0KIM
      Reason: <!channel> *urgent* <https://evil|approve>
      Asked by @U0ALEX {2026-11-22 09:00 UTC}
      Note: _please, <!channel> *urgent* <https://evil|approve>_
      All 3 gates passed · release [v2.7.0](https://git.test/shop/releases/v2.7.0) · [production](https://shop.test/) · [deploy log](https://ci.test/runs/1) · ship report"
    `);
  });

  it('when it shipped', () => {
    expect(shown('shipped')).toMatchInlineSnapshot(`
      "# shop 2.6.0 → 2.7.0
      **✅ Shipped** {2026-11-22 09:30 UTC}, 30 min after the start
      [ Roll back to 2.6.0 ](danger)? [ Details ]
      **🟢 Production healthy**  [dashboard](https://grafana.test/d/shop)
      Errors ▂▂·▃▂ 0.2 % now
      • 🟢 **error rate** healthy: 7 of 3,400 requests failed since the deploy (0.2 %); 0.2 % before. A rise by 1 percentage point is ruled out.
      • 🟢 **latency p95** healthy: 118 ms in the last 5 minutes, 120 ms before the deploy (-2 %; the limit is +10 %).
      **▰▰▰▰▰▰▰ 7 of 7 steps done**
      ✅ Check the gates, approvals, cut the release, deploy, health checks, ship report, watch production: 4 min 54 s
      **Changelog**
      **Added**
      • Coupons in the cart
      **Fixed**
      • <!channel> *urgent* <https://evil|approve>
      Asked by @U0ALEX {2026-11-22 09:00 UTC}
      Note: _please, <!channel> *urgent* <https://evil|approve>_
      Approved by @U0DANA {2026-11-22 09:05 UTC}, @U0KIM {2026-11-22 09:05 UTC}
      All 3 gates passed · release [v2.7.0](https://git.test/shop/releases/v2.7.0) · [production](https://shop.test/) · [deploy log](https://ci.test/runs/1) · ship report"
    `);
  });

  it.each(Object.keys(fixtures.views))(
    '%s: says its state in the fallback text, passes Slack, keeps outside text inert',
    (name) => {
      const whole = card(view(name));
      expect(whole.text).toMatch(/^(🚨 )?shop .+: \S+ .+/);
      expect(refusedBySlack(whole.blocks)).toEqual([]);
      expect(outsideIsInert(whole)).toEqual([]);
      expect(refusedBySlack(smallCard(view(name)).blocks)).toEqual([]);
      expect(viewRefusedBySlack(details(view(name)))).toEqual([]);
    },
  );

  it.each(Object.keys(fixtures.views))(
    'has what it takes to decide on the first screen of a phone, for "%s"',
    (name) => {
      const { blocks } = card(view(name));
      const at = blocks.findIndex(({ type }) => type === 'actions');
      expect(blocks.slice(0, at + 1).map(({ type }) => type)).toEqual(['header', 'rich_text', 'actions']);
      expect(asText(blocks.slice(0, at)).length).toBeLessThan(400);
    },
  );

  it.each(Object.keys(fixtures.views))('begins with whole sentences: %s', (name) => {
    const text = asText(card(view(name)).blocks.slice(1, 2)).replaceAll('**', '');
    expect(text).not.toMatch(/[^.!?…] A rollback takes/);
    // One colon before what is the matter: a headline is no list of labels.
    expect(text.split(': ').length, text).toBeLessThanOrEqual(3);
  });

  it('says how it stands in numbers, and what going back takes, as it was measured', () => {
    const alarm = view('alarm');
    const headline = (data: Partial<PromotionData>) => {
      const { promotion } = alarm;
      const blocks = card({
        ...alarm,
        promotion: { ...promotion, data: { ...promotion.data, ...data } },
      }).blocks;
      return asText(blocks.slice(1, 2));
    };
    expect(headline({})).toBe(
      '**🟠 3.4 % of requests fail since 2.7.0, before: 0.2 %.** A rollback takes about 2 min.',
    );
    expect(headline({ usual: { rollbackMs: 40_000, deployMs: 9_000 } })).toContain('takes about 40 s.');
    const findings = [
      { metric: 'error rate', verdict: 'healthy', unit: 'ratio', now: 0, reason: '' },
      { metric: 'latency p95', verdict: 'critical', unit: 'ms', now: 900, baseline: 120, reason: '' },
    ] as const;
    const judgement = { verdict: 'critical', findings } as const;
    expect(headline({ monitor: fixtures.monitor({ judgement }) })).toContain(
      '🔴 latency p95 is 900 ms since 2.7.0, before: 120 ms.',
    );
    const alert = {
      metric: 'critical alerts',
      verdict: 'critical',
      unit: 'count',
      now: 1,
      reason: 'ShopDown fires.',
    };
    expect(
      headline({ monitor: fixtures.monitor({ judgement: { ...judgement, findings: [alert as never] } }) }),
    ).toContain('🔴 critical alerts: ShopDown fires.');
  });

  it('keeps the whole of each step for Details', () => {
    expect(asText(details(view('monitoring')).blocks as KnownBlock[])).toContain('• ✅ Cut the release 42 s');
  });

  it('is the same for the same state, whatever the revision', () => {
    const one = view('monitoring');
    const other = { ...one, promotion: { ...one.promotion, revision: 99, updatedAt: 1 } };
    expect(card(other)).toEqual(card(one));
  });
});

describe('the card of an extreme plan', () => {
  const big: CardView = (() => {
    const { plan, gates, service } = fixtures;
    const long = (n: number) => `${fixtures.EVIL} & "quoted" äöü 日本語 😀 `.repeat(200).slice(0, n);
    const many = <T>(n: number, make: (at: number) => T): T[] =>
      Array.from({ length: n }, (_, at) => make(at));
    const huge = {
      ...plan,
      candidate: { ...plan.candidate, branch: long(400), feature: { slug: long(300), dir: long(300) } },
      version: {
        ...plan.version,
        reasons: many(20, () => ({ bump: 'minor' as const, text: long(500), commit: 'a'.repeat(40) })),
      },
      changelog: many(3_000, (at) => (at % 10 === 0 ? `### ${long(200)}` : `- ${long(400)}`)).join('\n'),
      files: many(5_000, (at) => `packages/${at}/${long(200)}`),
      commits: {
        total: 10_000,
        subjects: many(30, (at) => ({ sha: String(at).padStart(40, '0'), subject: long(500) })),
      },
      target: { kind: 'x', name: long(400), url: `https://git.test/${'x'.repeat(2_500)}` },
    };
    const data = {
      plan: huge,
      gates: many(30, (at) => ({
        ...(gates[0] ?? { id: '', title: '' }),
        id: `g${at}`,
        title: long(150),
        verdict: (['failed', 'unknown', 'pending', 'passed'] as const)[at % 4] ?? 'failed',
        reason: long(300),
        remedy: long(300),
        link: `https://git.test/${'y'.repeat(1_500)}`,
      })),
      steps: fixtures
        .steps(3, 'failed', long(2_000))
        .map((step) => ({ ...step, link: `https://ci.test/${'z'.repeat(1_000)}` })),
      health: many(40, (at) => ({
        name: long(200),
        kind: 'http',
        critical: true,
        ok: at % 2 === 0,
        detail: long(500),
        attempts: 9,
      })),
      monitor: fixtures.monitor({
        errorRates: many(60, () => 1),
        judgement: {
          verdict: 'critical',
          findings: many(40, () => ({
            metric: long(200),
            verdict: 'critical' as const,
            unit: 'ratio' as const,
            now: 1,
            baseline: 0,
            reason: long(500),
          })),
        },
      }),
      rollback: { to: fixtures.before, by: 'U0KIM', reason: long(3_000), startedAt: 0 },
      notice: { kind: 'problem' as const, text: long(5_000) },
      voided: { was: 'x', changes: many(100, () => long(1_000)), at: 0 },
      expiresAt: 1,
      closedAt: Number.MAX_SAFE_INTEGER,
      release: fixtures.release,
      deployment: { ...fixtures.deployment, url: `https://shop.test/${'u'.repeat(2_900)}` },
      reportPath: long(500),
    };
    const promotion = fixtures.promotion('checking', data, {
      request: { service: 'shop', bump: 'auto', by: long(50), note: long(5_000) },
    });
    return {
      promotion: { ...promotion, service: long(300) },
      approvals: many(200, (at) =>
        fixtures.approval(`U0P${at}`, {
          decision: at % 3 === 0 ? 'decline' : 'approve',
          reason: long(3_000),
        }),
      ),
      service: { ...service, approvers: many(300, (at) => `<@U0A${at}>`).join(', ') },
    };
  })();

  it.each(Object.values(fixtures.views).map((one) => one.promotion.state))(
    'fits in Slack in state %s',
    (state: PromotionState) => {
      const extreme = { ...big, promotion: { ...big.promotion, state } };
      const { text, blocks } = card(extreme);
      expect(refusedBySlack(blocks)).toEqual([]);
      expect(weight(blocks)).toBeLessThanOrEqual(12_800);
      expect(text.length).toBeLessThanOrEqual(1_500);
      expect(blocks[0]?.type).toBe('header');
      expect(
        asText(
          blocks.slice(
            0,
            blocks.findIndex(({ type }) => type === 'actions'),
          ),
        ).length,
      ).toBeLessThan(500);
      expect(blocks.some((block) => block.type === 'actions')).toBe(true);
      expect(outsideIsInert({ text, blocks })).toEqual([]);
      expect(viewRefusedBySlack(details(extreme))).toEqual([]);
    },
  );

  it('does not take long', () => {
    expect(processorMs(() => card(big), { enough: 1_000 })).toBeLessThan(1_000);
  });
});
