import type { Button } from '@slack/types';
import { describe, expect, it } from 'vitest';
import { BUTTON_KINDS, type CardAction } from '../../../src/blocks/card/button-kinds.ts';
import { actionsFor, button, buttonRow } from '../../../src/blocks/card/buttons.ts';
import { card } from '../../../src/blocks/card/card.ts';
import { decodeValue, sameDigest } from '../../../src/blocks/kit/button-value.ts';
import { ACTION, actionOf } from '../../../src/blocks/kit/ids.ts';
import {
  CLOSED_STATES,
  OPEN_STATES,
  type PromotionData,
  type PromotionState,
} from '../../../src/domain/promotion/promotion.ts';
import { refusedBySlack } from '../../support/slack-limits.ts';
import * as fixtures from '../fixtures.ts';

const planned: PromotionData = { gates: fixtures.gates, plan: fixtures.plan };
const deployed: PromotionData = { ...planned, release: fixtures.release, deployment: fixtures.deployment };

describe('Cancel', () => {
  const asked = (state: PromotionState, data: PromotionData) =>
    BUTTON_KINDS[ACTION.cancel].confirm({ ...fixtures.promotion(state), data }).text.text;

  it('says what stays behind', () => {
    expect(asked('awaiting-approval', planned)).toMatch(/nothing is left half done/);
    expect(asked('releasing', planned)).toMatch(/If 2\.7\.0 is released already it stays so/);
    expect(asked('releasing', { ...planned, decision: 'retry-release' })).toMatch(/without its tag/);
    expect(asked('deploying', { ...planned, decision: 'retry-deploy' })).toMatch(
      /2\.7\.0 may be live.* To have 2\.6\.0 for certain, roll back instead/,
    );
  });

  it('says that it goes back while two releases share production', () => {
    const shared: PromotionData = { ...deployed, decision: 'retry-deploy', stage: fixtures.stage };
    expect(asked('deploying', shared)).toMatch(/^2\.6\.0 is deployed in place of 2\.7\.0.* shop is locked/);
    const first = { ...shared, plan: { ...fixtures.plan, rollbackTo: null } };
    expect(asked('deploying', first)).toMatch(/^Nothing more is deployed/);
  });
});

describe('buttonsFor', () => {
  it.each<[PromotionState, PromotionData, readonly string[]]>([
    ['checking', {}, ['cancel']],
    ['checking', { gates: fixtures.gates }, ['cancel', 'details']],
    ['blocked', { gates: fixtures.blockedGates }, ['recheck', 'choose_bump', 'cancel', 'details']],
    [
      'blocked',
      { gates: fixtures.blockedGates, decision: 'lower-bump' },
      ['confirm_lower_bump', 'choose_bump', 'recheck', 'cancel', 'details'],
    ],
    [
      'blocked',
      { gates: fixtures.gates, decision: 'release-refused' },
      ['take', 'recheck', 'choose_bump', 'cancel', 'details'],
    ],
    ['awaiting-approval', planned, ['approve', 'decline', 'choose_bump', 'recheck', 'cancel', 'details']],
    ['releasing', planned, ['decline', 'cancel', 'details']],
    ['releasing', { ...planned, release: fixtures.release }, ['cancel', 'details']],
    ['deploying', planned, ['rollback', 'details']],
    [
      'deploying',
      { ...planned, decision: 'retry-deploy' },
      ['take', 'retry_deploy', 'rollback', 'cancel', 'details'],
    ],
    ['verifying', deployed, ['rollback', 'details']],
    [
      'verifying',
      { ...deployed, decision: 'unhealthy' },
      ['take', 'rollback', 'retry_deploy', 'accept', 'details'],
    ],
    [
      'verifying',
      { ...deployed, decision: 'unhealthy', asked: { since: 1, taken: { by: 'U0KIM', at: 2 } } },
      ['rollback', 'retry_deploy', 'accept', 'details'],
    ],
    ['monitoring', { ...deployed, monitor: fixtures.monitor() }, ['rollback', 'extend', 'hold', 'details']],
    [
      'monitoring',
      { ...deployed, monitor: fixtures.monitor(), stage: fixtures.stage },
      ['rollback', 'accept', 'extend', 'hold', 'details'],
    ],
    [
      'monitoring',
      { ...deployed, decision: 'warning', stage: fixtures.stage },
      // What a part of the requests suffers from is undone, not mended.
      ['rollback', 'accept', 'extend', 'hold', 'details'],
    ],
    [
      'monitoring',
      { ...deployed, monitor: fixtures.monitor({ held: true }) },
      ['rollback', 'extend', 'release_hold', 'details'],
    ],
    [
      'monitoring',
      { ...deployed, decision: 'warning' },
      ['rollback', 'hotfix', 'accept', 'extend', 'hold', 'details'],
    ],
    [
      'monitoring',
      {
        ...deployed,
        decision: 'warning',
        monitor: fixtures.monitor({ judgement: { verdict: 'critical', findings: [] } }),
      },
      ['rollback', 'accept', 'extend', 'hold', 'details'],
    ],
    [
      'monitoring',
      { ...deployed, monitor: fixtures.monitor({ held: true, hotfix: { by: 'U0KIM', at: fixtures.T0 } }) },
      ['rollback', 'hotfix', 'extend', 'release_hold', 'details'],
    ],
    [
      'monitoring',
      { ...deployed, decision: 'unproven' },
      ['rollback', 'accept', 'extend', 'hold', 'details'],
    ],
    ['rolling-back', deployed, ['details']],
    [
      'rolling-back',
      { ...deployed, decision: 'retry-deploy' },
      ['take', 'retry_deploy', 'accept', 'details'],
    ],
    ['shipped', deployed, ['rollback', 'details']],
    ['rolled-back', deployed, ['unlock', 'details']],
    ['failed', planned, ['start', 'details']],
    ['failed', deployed, ['rollback', 'start', 'details']],
    ['cancelled', planned, ['start', 'details']],
    ['expired', planned, ['start', 'details']],
  ])('%s, case %#', (state, data, expected) => {
    expect(actionsFor(fixtures.promotion(state, data))).toEqual(expected);
  });

  it('offers no way back where nothing was live before', () => {
    const first = { ...deployed, plan: { ...fixtures.plan, rollbackTo: null } };
    for (const state of [...OPEN_STATES, ...CLOSED_STATES]) {
      expect(actionsFor(fixtures.promotion(state, first))).not.toContain(ACTION.rollback);
    }
  });

  it('gives every state something that Slack takes', () => {
    const decisions = [undefined, 'retry-deploy', 'lower-bump', 'unhealthy', 'warning', 'unproven'] as const;
    for (const state of [...OPEN_STATES, ...CLOSED_STATES]) {
      for (const decision of decisions) {
        const promotion = fixtures.promotion(state, { ...deployed, ...(decision ? { decision } : {}) });
        const row = buttonRow(promotion, []);
        expect(refusedBySlack(row ? [row] : [])).toEqual([]);
        for (const element of row?.elements ?? []) {
          const { action_id: id = '', value } = element as Button;
          expect(actionOf(id)).not.toBeNull();
          expect(decodeValue(value)?.promotion).toBe(promotion.id);
        }
      }
    }
  });
});

describe('a press while the card is updated', () => {
  const idsOf = (state: PromotionState, data: PromotionData, kind: CardAction) => {
    const { blocks } = card({
      promotion: fixtures.promotion(state, data),
      approvals: [],
      service: fixtures.service,
    });
    const all = blocks.map(({ block_id: id }) => id);
    expect(all).not.toContain(undefined);
    expect(new Set(all).size).toBe(all.length);
    const row = blocks.find((block) => block.type === 'actions');
    const found = row?.elements.find(
      (element) => element.type === 'button' && actionOf(element.action_id ?? '') === kind,
    );
    return [row?.block_id, (found as Button | undefined)?.action_id];
  };

  it('finds the same button in every rendering in which it means the same', () => {
    const seen = [
      idsOf('deploying', deployed, ACTION.rollback),
      idsOf('verifying', { ...deployed, decision: 'unhealthy' }, ACTION.rollback),
      idsOf('monitoring', { ...deployed, monitor: fixtures.monitor() }, ACTION.rollback),
      idsOf('shipped', deployed, ACTION.rollback),
    ];
    expect(seen).toEqual(seen.map(() => ['buttons', 'rollback']));
  });

  it('does not find what has come to mean something else', () => {
    const other = { ...planned, plan: { ...fixtures.plan, changelog: 'other' } };
    const first = idsOf('awaiting-approval', planned, ACTION.approve);
    expect(idsOf('awaiting-approval', other, ACTION.approve)).not.toEqual(first);
    expect(idsOf('awaiting-approval', { ...planned, expiresAt: 5 }, ACTION.approve)).toEqual(first);
    expect(idsOf('rolling-back', { ...deployed, decision: 'retry-deploy' }, ACTION.accept)).not.toEqual(
      idsOf('verifying', { ...deployed, decision: 'unhealthy' }, ACTION.accept),
    );
  });
});

describe('button', () => {
  const promotion = fixtures.promotion('awaiting-approval', planned);

  it('says how many approvals are missing', () => {
    expect(button(ACTION.approve, promotion, { missing: 2 }).text.text).toBe('Approve (2 missing)');
    expect(button(ACTION.approve, promotion, { missing: 0 }).text.text).toBe('Approve');
  });

  it('binds the click to what the person saw', () => {
    const value = decodeValue(button(ACTION.approve, promotion).value);
    expect(sameDigest(value?.digest, promotion.digest)).toBe(true);
    const changed = fixtures.promotion('awaiting-approval', {
      ...planned,
      plan: { ...fixtures.plan, changelog: 'other' },
    });
    expect(sameDigest(value?.digest, changed.digest)).toBe(false);
    expect(sameDigest(undefined, promotion.digest)).toBe(false);
    expect(sameDigest(undefined, null)).toBe(false);
  });

  it.each([ACTION.approve, ACTION.rollback, ACTION.cancel, ACTION.start, ACTION.confirmLowerBump])(
    '%s asks before it acts',
    (kind) => {
      expect(button(kind, promotion).confirm).toBeDefined();
    },
  );

  it('names version and consequence in the question', () => {
    const { confirm } = button(ACTION.rollback, fixtures.promotion('monitoring', deployed));
    expect(`${confirm?.title?.text} ${confirm?.text.text}`).toMatchInlineSnapshot(
      `"Roll shop back to 2.6.0? 2.6.0 is deployed in place of 2.7.0 and checked, and shop is locked until someone unlocks it. Database migrations are not undone."`,
    );
  });

  it('stays within limits for the longest names', () => {
    const service = 's'.repeat(5_000);
    const long = fixtures.promotion(
      'awaiting-approval',
      { ...planned, plan: { ...fixtures.plan, target: { kind: 'x', name: service } } },
      {
        service,
        request: { service, bump: 'minor', by: 'U0ALEX', feature: 'f'.repeat(5_000) },
      },
    );
    for (const kind of Object.keys(BUTTON_KINDS) as CardAction[]) {
      expect(
        refusedBySlack([{ type: 'actions', elements: [button(kind, long, { missing: 1_000_000 })] }]),
      ).toEqual([]);
    }
  });
});
