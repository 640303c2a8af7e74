import { describe, expect, it } from 'vitest';
import { button } from '../../../src/blocks/card/buttons.ts';
import { card } from '../../../src/blocks/card/card.ts';
import { ACTION } from '../../../src/blocks/kit/ids.ts';
import { planMessage } from '../../../src/blocks/replies/plan.ts';
import { notice } from '../../../src/blocks/thread/notice.ts';
import type { Plan } from '../../../src/domain/promotion/plan.ts';
import { asText } from '../../support/as-text.ts';
import { refusedBySlack } from '../../support/slack-limits.ts';
import * as fixtures from '../fixtures.ts';

const { service } = fixtures;
const LIVE = { version: '2.5.0', tag: 'v2.5.0', commit: '5'.repeat(40) };
/** 2.6.0 was rolled back: production runs 2.5.0. */
const PLAN: Plan = {
  ...fixtures.plan,
  rollbackTo: LIVE,
  alsoShips: [{ version: '2.6.0', rolledBack: true }],
};
const SAID = 'Production runs 2.5.0. This also ships again what was rolled back: 2.6.0.';
const awaiting = (plan: Plan) => fixtures.promotion('awaiting-approval', { gates: fixtures.gates, plan });

describe('a release that was rolled back and goes live again with the next one', () => {
  it('is named on the card, with what production really runs', () => {
    const { text, blocks } = card({ promotion: awaiting(PLAN), approvals: [], service });
    expect(text).toContain('shop 2.5.0 → 2.7.0');
    const shown = asText(blocks);
    expect(shown).toContain('**Version 2.5.0 → 2.7.0** (minor, counted from 2.6.0)');
    expect(shown).toContain(SAID);
    expect(shown).toMatch(/commits? since 2\.6\.0, besides those of the releases named above/);
  });

  it('is named by the plan command, the question before the approval, and in the thread', () => {
    const asked = planMessage({ service, gates: fixtures.gates, plan: PLAN });
    expect(asText(asked.blocks)).toContain(SAID);
    expect(button(ACTION.approve, awaiting(PLAN)).confirm?.text.text).toContain(SAID);
    const ready = notice(
      { kind: 'ready', approvals: 1, approvers: '<@U0DANA>', expiresAt: fixtures.T0 },
      { promotion: awaiting(PLAN), service },
    );
    expect(asText(ready.blocks)).toContain(SAID);
  });

  it('fits, however many there are', () => {
    const many: Plan = {
      ...PLAN,
      alsoShips: Array.from({ length: 200 }, (_, at) => ({
        version: `2.5.${at + 1}`,
        rolledBack: at % 2 === 0,
      })),
    };
    const { blocks } = card({ promotion: awaiting(many), approvals: [], service });
    expect(refusedBySlack(blocks)).toEqual([]);
    expect(asText(blocks)).toContain('95 more');
    const text = button(ACTION.approve, awaiting(many)).confirm?.text.text ?? '';
    expect(text.length).toBeLessThanOrEqual(300);
  });

  it('is not spoken of where production has the last release', () => {
    const { blocks } = card({ promotion: awaiting(fixtures.plan), approvals: [], service });
    expect(asText(blocks)).not.toMatch(/also ships|counted from|besides/);
    expect(button(ACTION.approve, awaiting(fixtures.plan)).confirm?.text.text).toMatch(
      /^With the last approval/,
    );
  });
});
