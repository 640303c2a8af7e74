import { describe, expect, it } from 'vitest';
import { home } from '../../../src/blocks/home.ts';
import type { Message } from '../../../src/blocks/kit/rich-text.ts';
import { history } from '../../../src/blocks/replies/history.ts';
import { lockDone, locked, lockTaken, unlocked, unlockSaid } from '../../../src/blocks/replies/locks.ts';
import { planMessage } from '../../../src/blocks/replies/plan.ts';
import { status } from '../../../src/blocks/replies/status.ts';
import { doraFigures } from '../../../src/domain/statistics/dora.ts';
import { asText } from '../../support/as-text.ts';
import { viewRefusedBySlack } from '../../support/slack-limits.ts';
import * as fixtures from '../fixtures.ts';
import { deployed, entry, fine, long, monitoring, threadUrl } from '../shown.ts';

const { EVIL, MIN, T0 } = fixtures;

describe('lists', () => {
  it('status', () => {
    const view = {
      entries: [entry('awaiting-approval', { plan: fixtures.plan }), entry('shipped')],
      locks: [{ service: 'api', owner: 'U0KIM', reason: EVIL, until: T0 }],
      idle: ['docs'],
    };
    expect(fine(status(view))).toMatchInlineSnapshot(`
      "**What is under way and what is live**
      • [shop 2.6.0 → 2.7.0: 🔔 Waiting for approval (2 missing)](https://team.slack.com/archives/C0SHIP/p1), asked by @U0ALEX {2026-11-22 09:00 UTC}
      • [shop 2.6.0 → 2.7.0: ✅ Shipped](https://team.slack.com/archives/C0SHIP/p1), asked by @U0ALEX {2026-11-22 09:00 UTC}
      • **docs**: not shipped with Slipway yet
      **Locked or frozen**
      • 🔒 **api**, locked by @U0KIM: <!channel> *urgent* <https://evil|approve>, until {2026-11-22 09:00 UTC}"
    `);
  });

  it('history with the figures of a service, of a person who only listens too', () => {
    const day = 86_400_000;
    const all = [1, 2, 3, 4, 5, 6].map((ago) => ({
      promotion: `p${ago}`,
      service: 'shop',
      version: '1.0.0',
      at: T0 - ago * day,
      commits: [T0 - ago * day - 3_600_000],
    }));
    const figures = [30, 90].map((days) => doraFigures('shop', all, { days, toMs: T0 }));
    const shown = history([entry('shipped', deployed)], 'shop', figures);
    expect(fine(shown)).toContain(
      '**shop**: 6 releases in 30 days (1.4 a week), commit to production 1 h (median of 6), 0 % failed (0).',
    );
    expect(shown.text).toContain('6 releases in 90 days');
    const view = home({ open: [], last: [], locks: [], services: ['shop'], figures });
    expect(viewRefusedBySlack(view)).toEqual([]);
    expect(JSON.stringify(view)).toContain('6 releases in 30 days');
  });

  it('history', () => {
    const rolledBack = {
      ...deployed,
      closedAt: T0 + 22 * MIN,
      rollback: { to: fixtures.before, by: 'U0KIM', reason: EVIL, startedAt: T0 },
    };
    expect(
      fine(
        history(
          [entry('shipped', { ...deployed, closedAt: T0 + 30 * MIN }), entry('rolled-back', rolledBack)],
          'shop',
        ),
      ),
    ).toMatchInlineSnapshot(`
      "**The last 2 promotions of shop**
      • ✅ [shop 2.7.0](https://team.slack.com/archives/C0SHIP/p1) shipped in 30 min, {2026-11-22 09:30 UTC}, asked by @U0ALEX
      • ↩️ [shop 2.7.0](https://team.slack.com/archives/C0SHIP/p1) rolled back in 22 min, {2026-11-22 09:22 UTC}, asked by @U0ALEX, back to 2.6.0
      [ Audit trail ]"
    `);
    expect(fine(history([]))).toMatchInlineSnapshot(
      `"Nothing was shipped with Slipway yet. Start with /ship-prod."`,
    );
  });

  it('plan', () => {
    const { service, gates, plan } = fixtures;
    expect(fine(planMessage({ service, gates, plan }))).toMatchInlineSnapshot(`
      "# Plan: shop 2.6.0 → 2.7.0
      **All 3 gates passed**. Nothing was changed.
      | Gate | Result | Why |
      | Staging validation | ✅ passed | approved by dana on 2026-11-21 [open](https://git.test/shop/blob/main/specs/014-checkout/state.yaml) |
      | Rollback gate | ✅ passed | quality_gates.rollback.status is passed |
      | Remote writable | ✅ passed | a push to main would be accepted |
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
      [ Ship shop 2.7.0 ](primary)?"
    `);
    fine(
      planMessage({
        service,
        gates: fixtures.blockedGates,
        plan: null,
        feature: '014-checkout',
        bump: 'minor',
      }),
    );
    const hundred = Array.from({ length: 100 }, () => ({
      id: 'x',
      title: long,
      verdict: 'failed' as const,
      reason: long,
      remedy: long,
    }));
    fine(
      planMessage({
        service: { ...service, name: long },
        gates: hundred,
        plan: { ...plan, changelog: `- ${long}\n`.repeat(500) },
      }),
    );
  });

  it('locks', () => {
    expect(fine(locked({ service: 'shop', owner: 'U0KIM', reason: EVIL }))).toMatchInlineSnapshot(
      `"🔒 **shop**, locked by @U0KIM: <!channel> *urgent* <https://evil|approve>, until someone unlocks it. Nobody can ship it until then."`,
    );
    const lock = { service: 'shop', owner: 'U0KIM', reason: EVIL };
    expect(fine(unlocked(lock, [], []))).toMatchInlineSnapshot(
      `"🔓 **shop** is unlocked and can be shipped again."`,
    );
    expect(fine(lockDone(lock))).toMatchInlineSnapshot(
      `"🔒 Done, and said in the channel. To end it: \`/ship-prod unlock shop\`"`,
    );
  });

  it('tells whoever had a lock that it was taken over, and whoever took it', () => {
    const lock = { service: '*', owner: 'U0KIM', reason: EVIL, until: T0 };
    const from = { service: '*', owner: 'U0DANA', reason: `older ${EVIL}` };
    expect(fine(locked(lock, from))).toMatchInlineSnapshot(
      `"🔒 **Everything**, stopped by @U0KIM: <!channel> *urgent* <https://evil|approve>, until {2026-11-22 09:00 UTC}. Nothing is started or deployed until then; what is being deployed already goes on. Taken over from @U0DANA (older <!channel> *urgent* <https://evil|approve>)."`,
    );
    expect(fine(lockTaken(lock, from))).toMatchInlineSnapshot(
      `"🔒 @U0KIM took your lock of **everything** over: <!channel> *urgent* <https://evil|approve>. Yours was: older <!channel> *urgent* <https://evil|approve>"`,
    );
    const shop = { service: 'shop', owner: 'U0DANA', reason: EVIL };
    const freeze = { service: 'shop', reason: 'weekend', until: T0 };
    expect(fine(unlocked(lock, [shop], [freeze]))).toMatchInlineSnapshot(`
      "🔓 **Everything** is thawed.
      In force all the same:
      • 🔒 **shop**, locked by @U0DANA: <!channel> *urgent* <https://evil|approve>, until someone unlocks it
      • ❄️ **shop**: weekend, until {2026-11-22 09:00 UTC}"
    `);
    expect(fine(unlockSaid(lock, 'U0DANA'))).toMatchInlineSnapshot(
      `"🔓 @U0DANA thawed **everything**. It was locked by @U0KIM: <!channel> *urgent* <https://evil|approve>"`,
    );
    expect(fine(lockDone(lock))).toMatchInlineSnapshot(
      `"🔒 Done, and said in the channel. To end it: \`/ship-prod thaw all\`"`,
    );
  });

  it('lists what is held and what is owed', () => {
    const locks = [{ service: '*', owner: 'U0KIM', reason: EVIL }];
    const freezes = [
      { service: 'shop', reason: EVIL, until: T0 },
      { service: 'api', reason: 'always' },
    ];
    const debts = [{ debt: fixtures.debt, threadUrl }];
    const entries = [entry('shipped', { ...deployed, overrides: [fixtures.override] })];
    expect(fine(status({ entries, locks, freezes, debts, idle: [] }))).toMatchInlineSnapshot(`
      "**Nothing is under way.**
      • [🚨 shop 2.6.0 → 2.7.0: ✅ Shipped](https://team.slack.com/archives/C0SHIP/p1), asked by @U0ALEX {2026-11-22 09:00 UTC}
      **To be acknowledged by a second person**
      • 🚨 [shop](https://team.slack.com/archives/C0SHIP/p1): glass broken by @U0KIM {2026-11-22 09:02 UTC}: the till is down <!channel> *urgent* <https://evil|approve>. Due {2026-11-23 09:02 UTC}
      **Locked or frozen**
      • 🔒 **Everything**, stopped by @U0KIM: <!channel> *urgent* <https://evil|approve>, until someone thaws it
      • ❄️ **shop**: <!channel> *urgent* <https://evil|approve>, until {2026-11-22 09:00 UTC}
      • ❄️ **api**: always"
    `);
    expect(fine(history(entries))).toContain(', glass broken by @U0KIM');
    const version = { ...fixtures.plan.version, lowered: true };
    const lowered = { ...deployed, plan: { ...fixtures.plan, version } };
    expect(fine(history([entry('shipped', lowered)]))).toContain(', lower version confirmed by @U0ALEX');
    const view = home({ open: [], last: entries, locks, freezes, debts, services: ['shop'] });
    expect(viewRefusedBySlack(view)).toEqual([]);
    expect(asText(view.blocks as Message['blocks'])).toMatchInlineSnapshot(`
      "# To be acknowledged by a second person
      • 🚨 [shop](https://team.slack.com/archives/C0SHIP/p1): glass broken by @U0KIM {2026-11-22 09:02 UTC}: the till is down <!channel> *urgent* <https://evil|approve>. Due {2026-11-23 09:02 UTC}
      [ Acknowledge shop ]?
      # Under way
      Nothing is being shipped right now.
      # Shipped last
      • ✅ [shop 2.7.0](https://team.slack.com/archives/C0SHIP/p1) shipped {2026-11-22 09:01 UTC}
      # Locked
      • 🔒 **Everything**, stopped by @U0KIM: <!channel> *urgent* <https://evil|approve>, until someone thaws it
      [ Thaw everything ]
      # Frozen
      • ❄️ **shop**: <!channel> *urgent* <https://evil|approve>, until {2026-11-22 09:00 UTC}
      • ❄️ **api**: always
      # Ship
      Type **/ship-prod** anywhere, or choose a service. The gates are checked first, and nothing is deployed before people approve.
      [ Ship shop ]?"
    `);
    const many = Array.from({ length: 40 }, (_, at) => ({
      debt: { ...fixtures.debt, promotionId: `shop-${at}`, reason: long },
    }));
    expect(viewRefusedBySlack(home({ open: [], last: [], locks, debts: many, services: [] }))).toEqual([]);
  });
  it('stays within limits with hundreds of promotions', () => {
    const entries = Array.from({ length: 300 }, () => ({
      ...entry('shipped'),
      promotion: { ...monitoring, service: long },
    }));
    const locks = Array.from({ length: 300 }, () => ({ service: long, owner: long, reason: long }));
    fine(status({ entries, locks, idle: Array.from({ length: 300 }, () => long) }));
    fine(history(entries, long));
    const many = Array.from({ length: 300 }, (_, at) => `${at} ${long}`);
    expect(viewRefusedBySlack(home({ open: entries, last: entries, locks, services: many }))).toEqual([]);
  });
});
