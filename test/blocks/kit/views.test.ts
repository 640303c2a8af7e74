import { describe, expect, it } from 'vitest';
import { home } from '../../../src/blocks/home.ts';
import { decodeValue } from '../../../src/blocks/kit/ids.ts';
import type { Message } from '../../../src/blocks/kit/rich-text.ts';
import * as forms from '../../../src/blocks/modals/forms.ts';
import { breakGlassForm } from '../../../src/blocks/modals/override-form.ts';
import * as answers from '../../../src/blocks/replies/answers.ts';
import { help } from '../../../src/blocks/replies/help.ts';
import * as lists from '../../../src/blocks/replies/lists.ts';
import { threadStatus } from '../../../src/blocks/thread/status.ts';
import type { PromotionData } from '../../../src/domain/promotion/promotion.ts';
import { asText } from '../../support/as-text.ts';
import { outsideIsInert } from '../../support/outside.ts';
import { refusedBySlack, viewRefusedBySlack } from '../../support/slack-limits.ts';
import * as fixtures from '../fixtures.ts';

const { EVIL, MIN, T0 } = fixtures;
const deployed: PromotionData = {
  plan: fixtures.plan,
  release: fixtures.release,
  deployment: fixtures.deployment,
};
const monitoring = fixtures.promotion('monitoring', deployed);
const long = `${EVIL} 日本 `.repeat(500);
const threadUrl = 'https://team.slack.com/archives/C0SHIP/p1';
const entry = (
  state: Parameters<typeof fixtures.promotion>[0],
  more: PromotionData = deployed,
): lists.Entry => ({
  promotion: fixtures.promotion(state, more),
  approvals: [],
  threadUrl,
});

function fine(message: Message): string {
  expect(refusedBySlack(message.blocks)).toEqual([]);
  expect(outsideIsInert(message)).toEqual([]);
  expect(message.text).not.toBe('');
  return asText(message.blocks);
}

describe('answers', () => {
  it('refuses with a sentence, people and what to do', () => {
    const said = answers.refusal({ text: `shop is locked: ${EVIL}`, hint: 'Unlock it.' }, { owner: 'U0KIM' });
    expect(fine(said)).toMatchInlineSnapshot(`
      "🚫 shop is locked: <!channel> *urgent* <https://evil|approve>
      By @U0KIM
      Unlock it."
    `);
  });

  it('shows a busy service the line and the thread', () => {
    expect(
      fine(answers.busy({ text: 'shop is being shipped.' }, {}, { service: 'shop' }, threadUrl)),
    ).toMatchInlineSnapshot(`
      "🚫 shop is being shipped.
      [ Tell me when it is free ] [ Open the thread ]"
    `);
  });

  it('says until when nothing can be shipped, and who may break the glass', () => {
    const breakers = '<!subteam^S0ONCALL>, <@U0KIM>';
    const explained = {
      text: 'shop is frozen: weekend <@U0EVIL>.',
      hint: `Wait. The glass can be broken by ${breakers}.`,
    };
    const facts = { service: 'shop', breakers, until: T0 };
    const wish = { service: 'shop', feature: '014-checkout', bump: 'minor' as const };
    expect(fine(answers.held(explained, facts, wish, false))).toMatchInlineSnapshot(`
      "🚫 shop is frozen: weekend <@U0EVIL>.
      Until {2026-11-22 09:00 UTC}
      Wait. The glass can be broken by @S0ONCALL, @U0KIM.
      [ Tell me when it is free ]"
    `);
    const offered = answers.held(explained, { ...facts, owner: 'U0DANA' }, wish, true);
    expect(fine(offered)).toMatchInlineSnapshot(`
      "🚫 shop is frozen: weekend <@U0EVIL>.
      By @U0DANA, until {2026-11-22 09:00 UTC}
      Wait. The glass can be broken by @S0ONCALL, @U0KIM.
      [ Tell me when it is free ] [ Break glass… ](danger)"
    `);
    const [button] = offered.blocks.flatMap((block) =>
      block.type === 'actions' ? block.elements.slice(-1) : [],
    );
    expect(decodeValue(button && 'value' in button ? button.value : undefined)).toEqual({
      ...wish,
      via: 'command',
    });
  });

  it('asks for the reason of broken glass', () => {
    const form = breakGlassForm({
      service: 'shop',
      over: [`Frozen: ${EVIL}`, long],
      origin: { promotion: 'shop-1', turn: 3 },
    });
    expect(viewRefusedBySlack(form)).toEqual([]);
    expect(outsideIsInert({ blocks: form.blocks as Message['blocks'], text: 'form' })).toEqual([]);
    expect(decodeValue(form.private_metadata)).toEqual({ promotion: 'shop-1', turn: 3 });
    const crowded = breakGlassForm({
      service: long,
      over: Array(50).fill(long),
      origin: { service: 'shop' },
    });
    expect(viewRefusedBySlack(crowded)).toEqual([]);
  });

  it('tells whoever had a lock that it was taken over, and whoever took it', () => {
    const lock = { service: '*', owner: 'U0KIM', reason: EVIL, until: T0 };
    const from = { service: '*', owner: 'U0DANA', reason: `older ${EVIL}` };
    expect(fine(lists.locked(lock, from))).toMatchInlineSnapshot(
      `"🔒 **Everything**, stopped by @U0KIM: <!channel> *urgent* <https://evil|approve>, until {2026-11-22 09:00 UTC}. Nothing is started or deployed until then; what is being deployed already goes on. Taken over from @U0DANA (older <!channel> *urgent* <https://evil|approve>)."`,
    );
    expect(fine(lists.lockTaken(lock, from))).toMatchInlineSnapshot(
      `"🔒 @U0KIM took your lock of **everything** over: <!channel> *urgent* <https://evil|approve>. Yours was: older <!channel> *urgent* <https://evil|approve>"`,
    );
    const shop = { service: 'shop', owner: 'U0DANA', reason: EVIL };
    const freeze = { service: 'shop', reason: 'weekend', until: T0 };
    expect(fine(lists.unlocked(lock, [shop], [freeze]))).toMatchInlineSnapshot(`
      "🔓 **Everything** is thawed. It was locked by @U0KIM: <!channel> *urgent* <https://evil|approve>
      In force all the same:
      • 🔒 **shop**, locked by @U0DANA: <!channel> *urgent* <https://evil|approve>, until someone unlocks it
      • ❄️ **shop**: weekend, until {2026-11-22 09:00 UTC}"
    `);
    expect(fine(lists.unlockSaid(lock, 'U0DANA'))).toMatchInlineSnapshot(
      `"🔓 @U0DANA thawed **everything**. It was locked by @U0KIM: <!channel> *urgent* <https://evil|approve>"`,
    );
    expect(fine(lists.lockDone(lock))).toMatchInlineSnapshot(
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
    expect(fine(lists.status({ entries, locks, freezes, debts, idle: [] }))).toMatchInlineSnapshot(`
      "**Nothing is under way.**
      • [🚨 shop 2.6.0 → 2.7.0: ✅ Shipped](https://team.slack.com/archives/C0SHIP/p1), asked by @U0ALEX {2026-11-22 09:00 UTC}
      **To be acknowledged by a second person**
      • 🚨 [shop](https://team.slack.com/archives/C0SHIP/p1): glass broken by @U0KIM {2026-11-22 09:02 UTC}: the till is down <!channel> *urgent* <https://evil|approve>. Due {2026-11-23 09:02 UTC}
      **Locked or frozen**
      • 🔒 **Everything**, stopped by @U0KIM: <!channel> *urgent* <https://evil|approve>, until someone thaws it
      • ❄️ **shop**: <!channel> *urgent* <https://evil|approve>, until {2026-11-22 09:00 UTC}
      • ❄️ **api**: always"
    `);
    expect(fine(lists.history(entries))).toContain(', glass broken by @U0KIM');
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

  it('gives an unknown error its reference', () => {
    expect(fine(answers.problem('4f1c9a2b'))).toMatchInlineSnapshot(`
      "⚠️ Something went wrong on our side. Nothing is known to have changed.
      Try again. If it stays, show this reference to those who run Slipway: \`4f1c9a2b\`"
    `);
  });

  it('offers what a state file asks for, and starts nothing', () => {
    const offer = answers.offer({
      service: 'shop',
      feature: '014-checkout',
      because: `state reached ship-prod ${EVIL}`,
    });
    expect(fine(offer)).toMatchInlineSnapshot(`
      "🚢 **shop** \`014-checkout\` is ready to be shipped: state reached ship-prod <!channel> *urgent* <https://evil|approve>
      Nothing happens until someone presses a button. Then the gates are checked, and nothing is deployed before people approve.
      [ Ship shop ](primary)? [ See the plan first ]"
    `);
    const [start] = offer.blocks.flatMap((block) => (block.type === 'actions' ? block.elements : []));
    expect(decodeValue((start as { value?: string }).value)).toEqual({
      service: 'shop',
      feature: '014-checkout',
      via: 'offer',
    });
  });

  it('asks whether to ship, and claims nothing that no gate has said', () => {
    expect(fine(answers.offer({ service: 'shop' }))).toMatchInlineSnapshot(`
      "🚢 Do you want to ship **shop** to production?
      Nothing happens until someone presses a button. Then the gates are checked, and nothing is deployed before people approve.
      [ Ship shop ](primary)? [ See the plan first ]"
    `);
  });

  it('asks whether a word was meant, with the buttons of the word', () => {
    const meant = answers.didYouMean('rollback', answers.confirmWish(monitoring, { kind: 'rollback' }));
    expect(fine(meant)).toMatchInlineSnapshot(`
      "Did you mean \`rollback\`?
      Roll **shop** back to **2.6.0**?
      It is deployed again and checked, and the service is locked until someone unlocks it. Database migrations are not undone.
      [ Roll back to 2.6.0 ](danger) [ Never mind ]"
    `);
  });

  it('names the command for what a conversation does not do', () => {
    expect(fine(answers.takesCommand('lock', 'shop'))).toMatchInlineSnapshot(`
      "To do that, type \`/ship-prod lock shop "reason" 2h\`
      Nothing was changed."
    `);
  });

  it('asks whoever wrote in the thread', () => {
    const wishes = [
      { kind: 'rollback' },
      { kind: 'extend', ms: 15 * MIN },
      { kind: 'hold' },
      { kind: 'release-hold' },
    ] as const;
    expect(
      wishes.map((wish) => fine(answers.confirmWish(monitoring, wish))).join('\n---\n'),
    ).toMatchInlineSnapshot(`
      "Roll **shop** back to **2.6.0**?
      It is deployed again and checked, and the service is locked until someone unlocks it. Database migrations are not undone.
      [ Roll back to 2.6.0 ](danger) [ Never mind ]
      ---
      Watch shop 15 min longer?
      [ Extend by 15 min ] [ Never mind ]
      ---
      Hold the window of shop open until someone releases it?
      [ Hold the window open ] [ Never mind ]
      ---
      Release the hold on shop?
      [ Release the hold ] [ Never mind ]"
    `);
  });

  it('stays within limits for the longest names', () => {
    fine(answers.refusal({ text: long, hint: long }, { owner: long }));
    fine(answers.offer({ service: long, feature: long, because: long }));
    fine(answers.chooseService(Array.from({ length: 100 }, () => long)));
    fine(answers.busy({ text: long, hint: long }, {}, { service: long }, `https://a.test/${long}`));
    fine(answers.plainAnswer(long));
    fine(answers.inQueue(long, 3));
    fine(answers.started({ ...monitoring, service: long }, threadUrl));
    fine(answers.confirmLowerBump(monitoring));
    fine(threadStatus(monitoring, [], fixtures.service, fixtures.T0));
    for (const kind of ['rollback', 'hold', 'release-hold'] as const)
      fine(answers.confirmWish({ ...monitoring, service: long }, { kind }));
  });
});

describe('lists', () => {
  it('status', () => {
    const view = {
      entries: [entry('awaiting-approval', { plan: fixtures.plan }), entry('shipped')],
      locks: [{ service: 'api', owner: 'U0KIM', reason: EVIL, until: T0 }],
      idle: ['docs'],
    };
    expect(fine(lists.status(view))).toMatchInlineSnapshot(`
      "**What is under way and what is live**
      • [shop 2.6.0 → 2.7.0: 🔔 Waiting for approval (2 missing)](https://team.slack.com/archives/C0SHIP/p1), asked by @U0ALEX {2026-11-22 09:00 UTC}
      • [shop 2.6.0 → 2.7.0: ✅ Shipped](https://team.slack.com/archives/C0SHIP/p1), asked by @U0ALEX {2026-11-22 09:00 UTC}
      • **docs**: not shipped with Slipway yet
      **Locked or frozen**
      • 🔒 **api**, locked by @U0KIM: <!channel> *urgent* <https://evil|approve>, until {2026-11-22 09:00 UTC}"
    `);
  });

  it('history', () => {
    const rolledBack = {
      ...deployed,
      closedAt: T0 + 22 * MIN,
      rollback: { to: fixtures.before, by: 'U0KIM', reason: EVIL, startedAt: T0 },
    };
    expect(
      fine(
        lists.history(
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
    expect(fine(lists.history([]))).toMatchInlineSnapshot(
      `"Nothing was shipped with Slipway yet. Start with /ship-prod."`,
    );
  });

  it('plan', () => {
    const { service, gates, plan } = fixtures;
    expect(fine(lists.planMessage({ service, gates, plan }))).toMatchInlineSnapshot(`
      "# Plan: shop 2.6.0 → 2.7.0
      **All 3 gates passed**. Nothing was changed.
      | Gate | Verdict | Why |
      | Staging validation | ✅ passed | approved by dana on 2026-11-21 [open](https://git.test/shop/blob/main/specs/014-checkout/state.yaml) |
      | Rollback gate | ✅ passed | quality_gates.rollback.status is passed |
      | Remote writable | ✅ passed | a push to main would be accepted |
      **Version 2.6.0 → 2.7.0** (minor), because of
      • [a1b2c3d feat(cart): coupons](https://git.test/shop/commit/a1b2c3d000000000000000000000000000000000)
      • CHANGELOG: Added
      and one change that asks for less
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
      lists.planMessage({
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
      lists.planMessage({
        service: { ...service, name: long },
        gates: hundred,
        plan: { ...plan, changelog: `- ${long}\n`.repeat(500) },
      }),
    );
  });

  it('locks', () => {
    expect(fine(lists.locked({ service: 'shop', owner: 'U0KIM', reason: EVIL }))).toMatchInlineSnapshot(
      `"🔒 **shop**, locked by @U0KIM: <!channel> *urgent* <https://evil|approve>, until someone unlocks it. Nobody can ship it until then."`,
    );
    const lock = { service: 'shop', owner: 'U0KIM', reason: EVIL };
    expect(fine(lists.unlocked(lock, [], []))).toMatchInlineSnapshot(
      `"🔓 **shop** is unlocked and can be shipped again. It was locked by @U0KIM: <!channel> *urgent* <https://evil|approve>"`,
    );
    expect(fine(lists.lockDone(lock))).toMatchInlineSnapshot(
      `"🔒 Done, and said in the channel. To end it: \`/ship-prod unlock shop\`"`,
    );
  });

  it('stays within limits with hundreds of promotions', () => {
    const entries = Array.from({ length: 300 }, () => ({
      ...entry('shipped'),
      promotion: { ...monitoring, service: long },
    }));
    const locks = Array.from({ length: 300 }, () => ({ service: long, owner: long, reason: long }));
    fine(lists.status({ entries, locks, idle: Array.from({ length: 300 }, () => long) }));
    fine(lists.history(entries, long));
    const many = Array.from({ length: 300 }, (_, at) => `${at} ${long}`);
    expect(viewRefusedBySlack(home({ open: entries, last: entries, locks, services: many }))).toEqual([]);
  });
});

describe('the Home tab', () => {
  it('shows what needs people first', () => {
    const view = home({
      open: [entry('awaiting-approval', { plan: fixtures.plan })],
      last: [entry('shipped')],
      locks: [{ service: 'api', owner: 'U0KIM', reason: EVIL }],
      services: ['shop', 'api'],
    });
    expect(viewRefusedBySlack(view)).toEqual([]);
    expect(outsideIsInert({ text: '-', blocks: view.blocks as never })).toEqual([]);
    expect(asText(view.blocks as never)).toMatchInlineSnapshot(`
      "# Under way
      **shop 2.6.0 → 2.7.0: 🔔 Waiting for approval (2 missing)**
      Asked by @U0ALEX {2026-11-22 09:00 UTC}
      [ Open the thread ]
      # Shipped last
      • ✅ [shop 2.7.0](https://team.slack.com/archives/C0SHIP/p1) shipped {2026-11-22 09:01 UTC}
      # Locked
      • 🔒 **api**, locked by @U0KIM: <!channel> *urgent* <https://evil|approve>, until someone unlocks it
      [ Unlock api ]
      # Ship
      Type **/ship-prod** anywhere, or choose a service. The gates are checked first, and nothing is deployed before people approve.
      [ Ship shop ]? [ Ship api ]?"
    `);
  });

  it('leads a newcomer', () => {
    const view = home({ open: [], last: [], locks: [], services: ['shop'] });
    expect(viewRefusedBySlack(view)).toEqual([]);
    expect(asText(view.blocks as never)).toMatchInlineSnapshot(`
      "# Under way
      Nothing is being shipped right now.
      # Shipped last
      Nothing yet.
      # Ship
      Type **/ship-prod** anywhere, or choose a service. The gates are checked first, and nothing is deployed before people approve.
      [ Ship shop ]?"
    `);
  });
});

describe('forms', () => {
  const start = {
    services: ['shop', 'api'],
    features: [
      { slug: '014-checkout', ready: true },
      { slug: EVIL, ready: false },
    ],
  };

  it('start preselects what is asked for', () => {
    const view = forms.startForm({
      ...start,
      service: 'shop',
      feature: '014-checkout',
      bump: 'minor',
      note: EVIL,
      origin: { channel: 'C0SHIP' },
    });
    expect(viewRefusedBySlack(view)).toEqual([]);
    const chosen = view.blocks.map((block) => {
      if (block.type !== 'input' || !('element' in block)) return block.type;
      const { element } = block;
      return 'initial_option' in element
        ? element.initial_option
        : 'initial_value' in element
          ? element.initial_value
          : element.type;
    });
    expect(chosen).toEqual([
      expect.objectContaining({ value: 'shop' }),
      expect.objectContaining({ value: '014-checkout' }),
      expect.objectContaining({ value: 'minor' }),
      EVIL,
      'rich_text',
    ]);
  });

  it('stays within limits', () => {
    const many = Array.from({ length: 300 }, (_, at) => `${at} ${long}`);
    const views = [
      forms.startForm({ services: many, features: many.map((slug) => ({ slug, ready: true })), note: long }),
      forms.startForm({ services: ['shop'], features: [] }),
      forms.declineForm(monitoring),
      forms.reportForm(monitoring, long),
      forms.bumpForm(monitoring),
      forms.bumpForm(fixtures.promotion('blocked')),
    ];
    for (const view of views) expect(viewRefusedBySlack(view)).toEqual([]);
  });

  it('says what the commits ask for when the version is chosen', () => {
    expect(asText(forms.bumpForm(monitoring).blocks as never)).toMatchInlineSnapshot(`
      "The commits ask for **minor** (2.6.0 → 2.7.0 as chosen now).
      minor: a1b2c3d feat(cart): coupons
      minor: CHANGELOG: Added
      patch: e4f5a6b fix: <!channel> *urgent* <https://evil|approve>
      Version: <radio_buttons>"
    `);
  });
});

describe('help', () => {
  it('lists the commands', () => {
    expect(fine(help())).toMatchInlineSnapshot(`
      "Slipway ships what was validated on staging to production: gates, version, approvals, release, deploy, health checks, and a watch.
      • \`/ship-prod\` choose what to ship in a form
      • \`/ship-prod shop\` ship shop; add minor, major or patch to choose the step, --feature 014-checkout to choose the feature, --note "why"
      • \`/ship-prod plan shop\` show gates and plan; changes nothing
      • \`/ship-prod status\` what is under way, live and locked
      • \`/ship-prod history [shop]\` what was shipped, who approved it, how it ended; --audit: who did what, and when
      • \`/ship-prod cancel shop\` stop a promotion that is not deployed yet
      • \`/ship-prod rollback shop [2.6.0]\` go back to the release before, or to that one
      • \`/ship-prod lock shop "reason" [2h]\` let nobody ship it; --steal takes over the lock of someone else
      • \`/ship-prod unlock shop\` let people ship it again
      • \`/ship-prod freeze all "reason" [2h]\` incident: stop everything, of every service
      • \`/ship-prod thaw all\` let people ship again
      In the thread of a promotion you can write \`status\`, \`rollback\`, \`extend 15m\` or \`hold\`; or mention me: “ship shop to prod”. Words never act by themselves: you are asked to confirm."
    `);
  });
});
