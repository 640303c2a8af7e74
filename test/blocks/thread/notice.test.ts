import { describe, expect, it } from 'vitest';
import { card } from '../../../src/blocks/card/card.ts';
import { healthPart } from '../../../src/blocks/card/monitor.ts';
import { notice } from '../../../src/blocks/thread/notice.ts';
import type { Notice } from '../../../src/domain/promotion/notice.ts';
import { given } from '../../../src/domain/text/given.ts';
import { asText } from '../../support/as-text.ts';
import { outsideIsInert } from '../../support/outside.ts';
import { refusedBySlack } from '../../support/slack-limits.ts';
import * as fixtures from '../fixtures.ts';
import { about, said } from '../said.ts';

const { EVIL } = fixtures;

describe('notices', () => {
  it('an account of the git host is no member of Slack, whatever it is called', () => {
    const link = 'https://git.test/issues/1';
    const { blocks } = notice(
      { kind: 'user-report', by: 'U0ADA', text: '', place: 'issue', link },
      about('monitoring'),
    );
    expect(JSON.stringify(blocks)).not.toContain('"type":"user"');
  });

  it('names no earlier version where there is none', () => {
    const plan = { ...fixtures.plan, rollbackTo: null };
    const { blocks } = notice({ kind: 'rollback-failed', reason: 'no' }, about('failed', { plan }));
    expect(asText(blocks)).toContain('Repair it by hand or ship a fix.');
    expect(asText(blocks)).not.toContain('/ship-prod rollback');
  });

  it('what could not be asked is not told as failed', () => {
    const unasked = {
      ...(fixtures.badHealth[1] as (typeof fixtures.badHealth)[number]),
      critical: false,
      unasked: true,
      name: 'dns',
    } as const;
    const told = (
      results: Extract<Notice, { kind: 'health' }>['results'],
      verdict: 'degraded' | 'critical',
    ) => asText(notice({ kind: 'health', verdict, results }, about('verifying')).blocks);
    const first = told([...fixtures.health, unasked], 'degraded');
    expect(first).toContain('**🩺 Not every check passed**: 1 of 3 checks could not be asked.');
    expect(first).toContain('⚪ **dns** (could not be asked)');
    expect(told([...fixtures.badHealth, unasked], 'critical')).toContain(
      'not healthy: 1 of 3 checks failed, 1 could not be asked',
    );
    const { to, ...rest } = { to: fixtures.release, notUndone: [], health: [...fixtures.health, unasked] };
    expect(asText(notice({ kind: 'rolled-back', to, ...rest }, about('rolled-back')).blocks)).toContain(
      ' 1 of 3 checks could not be asked.',
    );
    const head = asText(healthPart([...fixtures.badHealth, unasked], 5, 100));
    expect(head).toContain('❌ 1 of 3 health checks failed, 1 could not be asked');
    expect(asText(healthPart([unasked], 5, 100))).toContain('⚪ 1 of 1 health check could not be asked');
  });

  it.each([
    [
      'own',
      fixtures.stage,
      '⚪ Nothing was checked yet: its checks are asked once the release has all requests',
    ],
    ['own', undefined, '⚪ Nothing was checked'],
    ['target', undefined, '🩺 Checked by its target: this service has no checks of its own'],
    ['none', fixtures.stage, '⚪ Nothing was checked: this service has no checks'],
  ] as const)('says why nothing was checked: checks %s, stage %j', (checks, stage, words) => {
    const service = { ...fixtures.service, checks };
    const where = about('monitoring', { health: [], monitor: fixtures.monitor(), ...given({ stage }) });
    const watching = { kind: 'watching', until: 0, everyMs: 30_000, ...given({ stage }) } as const;
    expect(asText(notice(watching, { ...where, service }).blocks)).toContain(`${words}. 👀`);
    const { blocks } = card({ promotion: where.promotion, approvals: [], service });
    expect(asText(blocks)).toContain(words);
  });

  it('promises no approvals where none are needed', () => {
    const plan = { ...fixtures.plan, policy: { ...fixtures.plan.policy, approvals: 0 } };
    const asked = about('blocked', { plan, decision: 'release-refused' });
    const { blocks } = notice({ kind: 'release-refused', reason: 'no' }, asked);
    expect(asText(blocks)).toContain(
      'When that is mended, press Re-check. It is released and deployed then, if all gates pass.',
    );
  });

  it('reads like this', () => {
    const text = said.map(([one, where]) => {
      const { blocks, broadcast, file, chart: drawn } = notice(one, where);
      const marks = [broadcast && 'to the channel', file && `file ${file.name}`, drawn && 'chart'].filter(
        Boolean,
      );
      return `--- ${one.kind}${marks.length > 0 ? ` (${marks.join(', ')})` : ''}\n${asText(blocks)}`;
    });
    expect(text.join('\n')).toMatchInlineSnapshot(`
      "--- started
      @U0ALEX wants to ship **shop**. The gates are being checked.
      Note: _<!channel> *urgent* <https://evil|approve>_
      --- blocked
      **⛔ Blocked: 2 gates not passed**
      • ❌ **Staging validation** failed: manual_gates.staging_validation.status is pending → Run /validate-staging, commit the state file, then press Re-check. [open](https://git.test/shop/blob/main/specs/014-checkout/state.yaml)
      • ❔ **Candidate is what was validated** unknown: commits in between: <!channel> *urgent* <https://evil|approve> → Validate staging again.
      When that is done, press Re-check on the card.
      --- blocked
      **⛔ Blocked: 2 gates not passed**
      • ❌ **Staging validation** failed: manual_gates.staging_validation.status is pending → Run /validate-staging, commit the state file, then press Re-check. [open](https://git.test/shop/blob/main/specs/014-checkout/state.yaml)
      • ❔ **Candidate is what was validated** unknown: commits in between: <!channel> *urgent* <https://evil|approve> → Validate staging again.
      The approvals of @U0DANA, @U0KIM no longer count: people are asked again when this is out of the way.
      When that is done, press Re-check on the card.
      --- blocked
      **⏳ Waiting for gates: 3 gates not passed**
      • ⏳ **Staging validation** pending: approved by dana on 2026-11-21 [open](https://git.test/shop/blob/main/specs/014-checkout/state.yaml)
      • ⏳ **Rollback gate** pending: quality_gates.rollback.status is passed
      • ⏳ **Remote writable** pending: a push to main would be accepted
      Slipway looks again by itself.
      --- ready
      **🔔 2 approvals needed** to ship shop 2.7.0, from @S0RELEASE, @owners. Read the card above and press Approve there. Open until {2026-11-22 10:00 UTC}.
      --- approved
      👍 @U0DANA approved. 1 approval still missing.
      --- approved
      👍 @U0KIM approved. No more approvals are needed.
      --- withdrawn
      ↩️ @U0DANA took the approval back. 2 approvals missing now.
      --- declined
      👎 @U0DANA declined: <!channel> *urgent* <https://evil|approve>
      --- unproven (to the channel)
      **🚨 An approval in the name of** @U0KIM **does not count.**
      It is in the database, but the audit log has no signed entry for it: somebody wrote it there past Slipway. Whoever may approve can do so with the button. Please tell those who run Slipway: \`slipway audit verify\` shows what else was changed.
      --- voided
      **⚠️ What would be shipped has changed. Approvals so far do not count.**
      • candidate: a → <!channel> *urgent* <https://evil|approve>
      --- voided
      **⚠️ What people approved no longer holds. Approvals so far do not count.**
      • Lock: taken.
      --- risk-accepted
      ⚠️ @U0KIM goes on although checks failed:
      • <!channel> *urgent* <https://evil|approve>
      --- risk-accepted
      ⚠️ @U0KIM confirmed **patch**, although the commits ask for more.
      --- releasing
      🏷️ Cutting **shop 2.7.0**: one commit, one tag.
      --- release-refused (to the channel)
      **❌ The release was refused**: <!channel> *urgent* <https://evil|approve>
      When that is mended, press Re-check. Approvals are asked for again then.
      This is for @U0ALEX and @S0ONCALL to look at.
      [ Re-check ](primary)
      --- tag-missing (to the channel)
      **❌ The release is half done**: <!channel> *urgent* <https://evil|approve>
      This is for @U0ALEX and @S0ONCALL to look at.
      [ Retry the release ](primary)?
      --- released
      🏷️ Released **shop 2.7.0**: tag [v2.7.0](https://git.test/shop/releases/v2.7.0) at [ccccccc](https://git.test/shop/commit/cccccccccccccccccccccccccccccccccccccccc). Deploying next.
      --- deployed
      🚀 Deployed **shop 2.7.0** ([v2.7.0](https://git.test/shop/releases/v2.7.0) at [ccccccc](https://git.test/shop/commit/cccccccccccccccccccccccccccccccccccccccc)) in 2 min, as \`dep-1\`. [Open it](https://shop.test/). [Deploy log](https://ci.test/runs/1). Health checks come next.
      --- deploy-failed (to the channel)
      **❌ The deploy failed**: <!channel> *urgent* <https://evil|approve>
      \`\`\`
      building
      <!channel> *urgent* <https://evil|approve>
      exit code 1
      \`\`\`
      **Production has 2.6.0.**
      [Whole log](https://ci.test/1). On the card, press Retry the deploy, Roll back to 2.6.0 or Cancel. v2.7.0 is complete and stays tagged.
      This is for @U0ALEX and @S0ONCALL to look at.
      [ Retry the deploy ](primary)?
      --- health
      **🩺 shop is healthy**: 2 checks passed.
      • ✅ **/health**: 200 in 34 ms
      • ✅ **version**: answers 2.7.0
      --- health
      **🩺 Not every check passed**, none of them critical: 1 of 2 checks failed.
      • ❌ **version** (critical): answered 2.6.0, expected 2.7.0, 9 attempts
      The watch begins all the same. Look into it.
      --- health (to the channel)
      **❌ shop is not healthy: 1 of 2 checks failed**
      • ❌ **version** (critical): answered 2.6.0, expected 2.7.0, 9 attempts
      On the card, press Roll back to 2.6.0, Check again or Accept and go on.
      This is for @U0ALEX and @S0ONCALL to look at.
      [ Roll back to 2.6.0 ](danger)?
      --- health (to the channel)
      **❌ shop is not healthy: 1 of 2 checks failed**
      • ❌ **version** (critical): answered 2.6.0, expected 2.7.0, 9 attempts
      A rollback follows.
      This is for @U0ALEX and @S0ONCALL to look at.
      --- report (file production-ship-report.md)
      📄 Ship report committed: [specs/<!channel> *urgent* <https://evil|approve>.md](https://git.test/report)
      --- started
      @U0ALEX wants to ship **shop** as a hotfix of **<!channel> *urgent* <https://evil|approve>**, with \`fffffff (<!channel> *urgent* <https://evil|approve>)\`, which was rolled back: see \`specs/<!channel> *urgent* <https://evil|approve>.md\`. The gates are being checked.
      --- hotfix-announced
      🩹 @U0KIM prepares a hotfix of **shop 2.7.0**, with \`fffffff (<!channel> *urgent* <https://evil|approve>)\`.
      The window is held open until it ships or somebody rolls back. Staging has to validate the fix as usual; then press Ship the hotfix on the card.
      [ Roll back to 2.6.0 ](danger)?
      --- hotfix-waits
      ⏳ The hotfix that @U0KIM asked for could not begin: another promotion (shop-9) was faster. They are in line and hear when it is over.
      --- watching
      👀 Watching production until {2026-11-22 09:15 UTC}, with a look every 30 s. [Dashboard](https://grafana.test/d/shop). To act, write “rollback”, “extend 15m” or “hold” in this thread.
      --- watching
      👀 5 % of the requests get 2.7.0. 25 % at {2026-11-22 09:05 UTC}, if production stays well, with a look every 30 s. [Dashboard](https://grafana.test/d/shop). To act, write “rollback”, “extend 15m” or “hold” in this thread.
      --- watching (file production-ship-report.md)
      🩺 2 checks passed. 👀 Watching production until {2026-11-22 09:15 UTC}, with a look every 30 s. [Dashboard](https://grafana.test/d/shop). To act, write “rollback”, “extend 15m” or “hold” in this thread.
      📄 Ship report: [specs/<!channel> *urgent* <https://evil|approve>.md](https://git.test/report)
      --- watching (file production-ship-report.md)
      👀 Watching production until {2026-11-22 09:15 UTC}, with a look every 30 s. [Dashboard](https://grafana.test/d/shop). To act, write “rollback”, “extend 15m” or “hold” in this thread.
      📄 Ship report, not committed yet: specs/<!channel> *urgent* <https://evil|approve>.md
      --- monitor
      **🟢 Production healthy**, watching until {2026-11-22 09:00 UTC}
      • 🟢 **error rate** healthy: 7 of 3,400 requests failed since the deploy (0.2 %); 0.2 % before. A rise by 1 percentage point is ruled out.
      • 🟢 **latency p95** healthy: 118 ms in the last 5 minutes, 120 ms before the deploy (-2 %; the limit is +10 %).
      --- monitor
      **⚪ The alarm is over, production is not proven healthy**, watching until {2026-11-22 09:00 UTC}
      • ⚪ **error rate** not proven healthy: 21 of 600 requests failed in the last 30 s (3.4 %); 0.2 % before the deploy.
      • 🟢 **latency p95** healthy: 118 ms in the last 5 minutes, 120 ms before the deploy (-2 %; the limit is +10 %).
      --- monitor (to the channel, chart)
      **🔴 shop 2.7.0: production critical**
      • 🔴 **error rate** critical: 21 of 600 requests failed in the last 30 s (3.4 %); 0.2 % before the deploy.
      • 🟢 **latency p95** healthy: 118 ms in the last 5 minutes, 120 ms before the deploy (-2 %; the limit is +10 %).
      What changed: 4 commits, these first
      • <!channel> *urgent* <https://evil|approve>, by <!channel> *urgent* <https://evil|approve>
      • fix(cart): error of half a cent, by Ada
      • feat(coupons): a field at checkout, by Dana
      Roll back if users are affected, hold the window open while you look, or accept it on the card.
      This is for @U0ALEX and @S0ONCALL to look at.
      [ Roll back to 2.6.0 ](danger)?
      --- monitor (to the channel)
      **🟠 shop 2.7.0: production warning**
      • 🟠 **error rate** warning: 21 of 600 requests failed in the last 30 s (3.4 %); 0.2 % before the deploy.
      • 🟢 **latency p95** healthy: 118 ms in the last 5 minutes, 120 ms before the deploy (-2 %; the limit is +10 %).
      There is no release to go back to: prepare a fix, or hold the window open while you look.
      This is for @U0ALEX and @S0ONCALL to look at.
      --- monitor (to the channel)
      **⚪ shop 2.7.0: production not proven healthy**
      • ⚪ **error rate** not proven healthy: 21 of 600 requests failed in the last 30 s (3.4 %); 0.2 % before the deploy.
      • 🟢 **latency p95** healthy: 118 ms in the last 5 minutes, 120 ms before the deploy (-2 %; the limit is +10 %).
      The window is over, and production is not proven healthy. Extend it, roll back, or accept the release on the card.
      This is for @U0ALEX and @S0ONCALL to look at.
      [ Roll back to 2.6.0 ](danger)?
      --- undecided (to the channel)
      **🔔 Nobody is on it: the deploy of shop 2.7.0 failed**, 10 min ago, {2026-11-22 09:00 UTC}. For @U0DANA.
      <!channel> *urgent* <https://evil|approve>
      [ I'm on it ](primary)
      --- alarm-untaken (to the channel)
      **🔔 Nobody is on it: shop 2.7.0 critical** for 10 min, since {2026-11-22 09:00 UTC}. For <!channel> *urgent* <https://evil|approve>.
      [ Roll back to 2.6.0 ](danger)?
      --- alarm-taken
      🙋 @U0KIM is on it. Nobody else is called.
      --- rollback-stopped (to the channel)
      ✋ @U0KIM stopped the rollback: 2.7.0 is still live. Roll back, or accept it on the card.
      This is for @U0ALEX and @S0ONCALL to look at.
      [ Roll back to 2.6.0 ](danger)?
      --- unlocked (to the channel)
      🔓 @U0DANA unlocked **shop**: <!channel> *urgent* <https://evil|approve>
      --- withdrawn
      ↩️ @U0DANA took the approval back. 2 approvals missing now.
      --- unproven (to the channel)
      **🚨 An approval in the name of** @U0DANA **does not count.**
      It is in the database, but the audit log has no signed entry for it: somebody wrote it there past Slipway. Whoever may approve can do so with the button. Please tell those who run Slipway: \`slipway audit verify\` shows what else was changed.
      --- window-changed
      ⏱️ @U0KIM extended the window: watching until {2026-11-22 09:30 UTC}.
      --- window-changed
      ⏸️ @U0KIM holds the window open. It closes when someone releases the hold.
      --- window-changed
      ⏱️ @U0KIM released the hold: watching until {2026-11-22 09:00 UTC}.
      --- user-report
      **💬 Problem reported in a channel** by @U0KIM ([open](https://ours.slack.com/archives/C1/p1)):
      > <!channel> *urgent* <https://evil|approve>
      [ Roll back to 2.6.0 ](danger)?
      --- user-report
      **💬 Problem reported in a channel** by @U0KIM ([open](https://ours.slack.com/archives/C2/p1)).
      [ Roll back to 2.6.0 ](danger)?
      --- user-report
      **💬 Problem reported in an issue** by <!channel> *urgent* <https://evil|approve> ([open](https://git.test/issues/1)):
      > <!channel> *urgent* <https://evil|approve>
      [ Roll back to 2.6.0 ](danger)?
      --- user-report
      **💬 Problem reported** by @U0KIM:
      > <!channel> *urgent* <https://evil|approve>
      [ Roll back to 2.6.0 ](danger)?
      --- alarm-untaken (to the channel)
      **🔔 Nobody is on it: shop 2.7.0 critical** for 5 min, since {2026-11-22 09:00 UTC}. For @S0RELEASE.
      [ Roll back to 2.6.0 ](danger)?
      --- alarm-taken
      🙋 @U0KIM is on it. Nobody else is called.
      --- rollback-stopped (to the channel)
      ✋ @U0KIM stopped the rollback: 2.7.0 is still live. Roll back, or accept it on the card.
      This is for @U0ALEX and @S0ONCALL to look at.
      [ Roll back to 2.6.0 ](danger)?
      --- rollback-started (to the channel)
      **↩️ Rolling shop back to v2.6.0**, started by Slipway itself.
      --- rollback-started (to the channel)
      **↩️ Rolling shop back to v2.6.0**, asked for by @U0KIM: cart is empty
      --- rolled-back (to the channel, file incident.md)
      **↩️ shop is rolled back: v2.6.0 is live again** since {2026-11-22 09:22 UTC}. 2 checks passed.
      **Not undone by a rollback:**
      • database migrations
      • <!channel> *urgent* <https://evil|approve>
      shop stays locked until someone unlocks it, on the card or with /ship-prod unlock shop because …
      Incident: specs/<!channel> *urgent* <https://evil|approve>/incident.md
      --- rolled-back (to the channel)
      **↩️ shop is rolled back: v2.6.0 is live again**. Nothing was checked.
      The tag **v2.7.0** stays: <!channel> *urgent* <https://evil|approve>
      shop stays locked until someone unlocks it, on the card or with /ship-prod unlock shop because …
      --- rollback-failed (to the channel)
      **❌ The rollback failed**: <!channel> *urgent* <https://evil|approve>
      \`\`\`
      <!channel> *urgent* <https://evil|approve>
      \`\`\`
      Look at production now. Retry the rollback, or repair by hand and give it up on the card.
      This is for @U0ALEX and @S0ONCALL to look at.
      [ Retry the rollback ](primary)?
      --- rollback-failed (to the channel)
      **❌ The rollback failed**: nothing to go back to
      Look at production now. Repair it by hand, ship a fix, or name an earlier version: /ship-prod rollback shop VERSION.
      This is for @U0ALEX and @S0ONCALL to look at.
      --- shipped (to the channel, chart)
      **✅ Shipped shop 2.7.0.** Watched for 15 min: healthy.
      • 🟢 **error rate** healthy: 7 of 3,400 requests failed since the deploy (0.2 %); 0.2 % before. A rise by 1 percentage point is ruled out.
      • 🟢 **latency p95** healthy: 118 ms in the last 5 minutes, 120 ms before the deploy (-2 %; the limit is +10 %).
      --- shipped (to the channel)
      **✅ Shipped shop 2.7.0.** Watched for 15 min: warning.
      • 🟠 **error rate** warning: 21 of 600 requests failed in the last 30 s (3.4 %); 0.2 % before the deploy.
      • 🟢 **latency p95** healthy: 118 ms in the last 5 minutes, 120 ms before the deploy (-2 %; the limit is +10 %).
      Accepted by @U0KIM as warning: error rate: <!channel> *urgent* <https://evil|approve>. A hotfix mends it: \`shop-2\`.
      --- not-stopped
      **⚠️ The deployment could not be stopped**: <!channel> *urgent* <https://evil|approve>
      It goes on and may still go live. To undo it, press Roll back on the card.
      --- not-stopped
      **⚠️ The deployment could not be stopped**: <!channel> *urgent* <https://evil|approve>
      It is checked and watched like any other. To undo it, press Roll back on the card.
      --- trouble
      ⏳ Waiting for **the git remote**: <!channel> *urgent* <https://evil|approve>. Slipway keeps trying; nothing is lost.
      --- recovered
      ✅ **the git remote** answers again. Going on.
      --- closed
      **🚫 Cancelled** by @U0KIM: <!channel> *urgent* <https://evil|approve>
      [ Start again ]?
      --- closed
      **⌛ Expired**: Nobody approved in time.
      [ Start again ]?
      --- closed (to the channel)
      **❌ Failed**: The tag exists.
      [ Start again ]?
      --- next-in-queue
      @U0KIM, **shop** is free now and you are next in line.
      [ Ship shop ](primary)? [ See the plan first ]
      --- next-in-queue
      @U0KIM, **shop** is free now and you are next in line.
      You wanted to ship 014-<!channel> *urgent* <https://evil|approve> as a minor release (<!channel> *urgent* <https://evil|approve>).
      [ Ship shop ](primary)? [ See the plan first ]
      --- override (to the channel)
      **🚨 Glass broken** by @U0KIM to ship **shop** in spite of:
      • Frozen: weekend <!channel> *urgent* <https://evil|approve>
      > the till is down <!channel> *urgent* <https://evil|approve>
      **A second person has to acknowledge this** by {2026-11-23 09:02 UTC}: @S0RELEASE, but not whoever broke it. That does not hold the release back; approvals and all other gates do.
      [ Acknowledge ]?
      --- debt-reminder
      ⏰ Still to be acknowledged: @U0KIM broke the glass {2026-11-22 09:02 UTC}: the till is down <!channel> *urgent* <https://evil|approve>
      By a second person: @U0DANA; it is due {2026-11-23 09:02 UTC}.
      [ Acknowledge ]?
      --- debt-reminder (to the channel)
      **🚨 Overdue**: nobody has acknowledged that @U0KIM broke the glass {2026-11-22 09:02 UTC}: the till is down <!channel> *urgent* <https://evil|approve>
      By a second person: @U0DANA; it was due {2026-11-23 09:02 UTC}.
      [ Acknowledge ]?
      --- debt-acknowledged
      ✅ @U0DANA acknowledged that the glass was broken by @U0KIM, @U0ALEX.
      --- unlocked (to the channel)
      🔓 @U0KIM unlocked **shop**: <!channel> *urgent* <https://evil|approve>
      --- lock-stolen
      🔒 @U0DANA took the lock of **shop** over from slipway: <!channel> *urgent* <https://evil|approve>"
    `);
  });

  it.each(said.map(([one, where]) => [one.kind, one, where] as const))(
    '%s passes Slack and keeps outside text inert',
    (_kind, one, where) => {
      const message = notice(one, where);
      expect(message.text).not.toBe('');
      expect(refusedBySlack(message.blocks)).toEqual([]);
      expect(outsideIsInert(message)).toEqual([]);
    },
  );

  it('fits in Slack however much there is to say', () => {
    const long = `${EVIL} 日本 `.repeat(500);
    const many = <T>(n: number, one: T): T[] => Array.from({ length: n }, () => one);
    const gate = {
      id: 'x',
      title: long,
      verdict: 'failed' as const,
      reason: long,
      remedy: long,
      link: `https://a.test/${'x'.repeat(2_900)}`,
    };
    const result = { name: long, kind: 'http', critical: true, ok: false, detail: long, attempts: 3 };
    const finding = {
      metric: long,
      verdict: 'critical' as const,
      unit: 'ms' as const,
      now: 1,
      baseline: 2,
      reason: long,
    };
    const judgement = { verdict: 'critical' as const, findings: many(100, finding) };
    const release = { ...fixtures.release, url: `https://a.test/${'x'.repeat(2_900)}` };
    const extreme: Notice[] = [
      { kind: 'started', by: long, note: long },
      { kind: 'blocked', gates: many(100, gate) },
      { kind: 'ready', approvals: 99, approvers: '<@U0ALEX>, '.repeat(1_000), expiresAt: 0 },
      { kind: 'declined', by: long, reason: long },
      { kind: 'voided', changes: many(500, long) },
      { kind: 'deploy-failed', reason: long, log: many(1_000, long), logUrl: release.url },
      { kind: 'health', verdict: 'critical', results: many(100, result) },
      { kind: 'report', path: long, url: release.url, text: long },
      { kind: 'monitor', judgement, until: Number.NaN, alarm: true },
      { kind: 'user-report', by: long, text: long },
      { kind: 'rollback-started', to: release, by: long, reason: long },
      {
        kind: 'rolled-back',
        to: release,
        health: many(100, result),
        notUndone: many(100, long),
        tagStays: { tag: long, reason: long },
      },
      { kind: 'rollback-failed', reason: long, log: many(1_000, long) },
      { kind: 'shipped', release, judgement, watchedMs: 1e15 },
      { kind: 'not-stopped', reason: long },
      { kind: 'trouble', what: long, reason: long },
      { kind: 'closed', state: 'failed', by: long, reason: long },
    ];
    for (const one of extreme) {
      const message = notice(one, about('monitoring'));
      expect(refusedBySlack(message.blocks), one.kind).toEqual([]);
      expect(outsideIsInert(message), one.kind).toEqual([]);
      expect(message.text.length, one.kind).toBeLessThan(4_000);
    }
  });

  it('does not stop at a kind that a newer version stored', () => {
    const message = notice({ kind: 'from-the-future' } as unknown as Notice, about('shipped'));
    expect(message.text).toContain('cannot show');
  });
});
