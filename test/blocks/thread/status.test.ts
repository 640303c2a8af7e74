import { describe, expect, it } from 'vitest';
import { threadStatus } from '../../../src/blocks/thread/status.ts';
import type { PromotionData, PromotionState } from '../../../src/domain/promotion/promotion.ts';
import { asText } from '../../support/as-text.ts';
import { outsideIsInert } from '../../support/outside.ts';
import { refusedBySlack } from '../../support/slack-limits.ts';
import * as fixtures from '../fixtures.ts';

const { EVIL, MIN, T0 } = fixtures;
const deployed: PromotionData = {
  gates: fixtures.gates,
  plan: fixtures.plan,
  release: fixtures.release,
  deployment: fixtures.deployment,
};

/** At T0 + 20 min, five minutes into the watch. */
function status(state: PromotionState, data: PromotionData, votes = [fixtures.approval('U0DANA')]): string {
  const promotion = fixtures.promotion(state, data);
  const message = threadStatus(promotion, votes, fixtures.service, T0 + 20 * MIN);
  expect(refusedBySlack(message.blocks)).toEqual([]);
  expect(outsideIsInert(message)).toEqual([]);
  return asText(message.blocks);
}

describe('status in a thread', () => {
  it('says how long the watch goes on, how production does, and who asked and approved', () => {
    expect(status('monitoring', { ...deployed, monitor: fixtures.monitor() })).toMatchInlineSnapshot(`
      "**shop 2.6.0 → 2.7.0: 👀 Watching production**
      ⏳ 10 min left of the window, until {2026-11-22 09:30 UTC}.
      **🟢 Production healthy**  [dashboard](https://grafana.test/d/shop)
      ▰▰▰▰▰▱▱▱▱▱▱▱▱▱▱ 15 min window, until {2026-11-22 09:30 UTC}
      Errors ▂▂·▃▂ 0.2 % now
      • 🟢 **error rate** healthy: 7 of 3,400 requests failed since the deploy (0.2 %); 0.2 % before. A rise by 1 percentage point is ruled out.
      • 🟢 **latency p95** healthy: 118 ms in the last 5 minutes, 120 ms before the deploy (-2 %; the limit is +10 %).
      Asked by @U0ALEX {2026-11-22 09:00 UTC}
      Approved by @U0DANA {2026-11-22 09:05 UTC}"
    `);
  });

  it('says that a person has to decide', () => {
    const monitor = fixtures.monitor({ judgement: fixtures.judgement('critical') });
    const text = status('monitoring', { ...deployed, monitor, decision: 'warning' });
    expect(text).toContain('Waits for a person to decide');
    expect(text).toContain('21 of 600 requests failed in the last 30 s');
  });

  it.each<[string, PromotionState, PromotionData, RegExp]>([
    ['approvals', 'awaiting-approval', { ...deployed, expiresAt: T0 + 50 * MIN }, /1 approval, 30 min left/],
    ['gates', 'blocked', { gates: fixtures.blockedGates }, /Waits for: /],
    [
      'a deployment',
      'deploying',
      { ...deployed, steps: fixtures.steps(3, 'running', `step ${EVIL}`) },
      /Waits for the deployment, for 17 min: step <!channel>/,
    ],
    [
      'nobody, held open',
      'monitoring',
      { ...deployed, monitor: fixtures.monitor({ held: true }) },
      /held open/,
    ],
    [
      'a remote',
      'releasing',
      { ...deployed, notice: { kind: 'problem', text: 'Waiting for the git remote: timeout.' } },
      /Waiting for the git remote: timeout\./,
    ],
  ])('waits for %s', (_what, state, data, words) => {
    expect(status(state, data)).toMatch(words);
  });

  it('waits for nothing when it is over', () => {
    expect(status('shipped', deployed)).not.toContain('⏳');
  });
});
