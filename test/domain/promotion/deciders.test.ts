import { describe, expect, test } from 'vitest';
import type { Override } from '../../../src/domain/policy/override.ts';
import { decidedBy, decidersOf } from '../../../src/domain/promotion/deciders.ts';
import type { Plan } from '../../../src/domain/promotion/plan.ts';
import type { PromotionData, PromotionRequest } from '../../../src/domain/promotion/promotion.ts';

const asked = (request: Partial<PromotionRequest> = {}, data: PromotionData = {}) => ({
  request: { service: 'shop', bump: 'auto' as const, by: 'U_ADA', ...request },
  data,
});
const byGrace = { by: 'U_GRACE' } as Override;
const wish = (lowerConfirmed: boolean) => ({ bump: 'minor', lowerConfirmed, by: 'U_GRACE' }) as const;

describe('who decided about a promotion', () => {
  test.each([
    ['asked for it', asked(), 'U_ADA', null],
    ['broke the glass to start it', asked({ overrides: [byGrace] }), 'U_GRACE', 'override'],
    ['broke the glass since', asked({}, { overrides: [byGrace] }), 'U_GRACE', 'override'],
    ['had nothing to do with the glass', asked({}, { overrides: [byGrace] }), 'U_LINUS', null],
    ['confirmed a lower version', asked({}, { wish: wish(true) }), 'U_GRACE', 'lower-bump'],
    ['chose a version that is not lower', asked({}, { wish: wish(false) }), 'U_GRACE', null],
    ['asked for a lower version at once', asked({ lowerConfirmed: true }), 'U_ADA', 'lower-bump'],
    ['is overruled since', asked({ lowerConfirmed: true }, { wish: wish(false) }), 'U_ADA', null],
  ])('who %s', (_what, promotion, user, decided) => {
    expect(decidedBy(promotion, user, { requester: 'U_ADA', overriders: [] })).toBe(decided);
  });

  const lowered = asked({}, { plan: { version: { lowered: true } } as Plan });
  test.each([
    ['broke the glass', { overriders: ['U_GRACE'] }, 'U_GRACE', 'override'],
    ['chose a lower version', { chooser: 'U_GRACE' }, 'U_GRACE', 'lower-bump'],
    ['asked, while somebody else chose the lower version', { chooser: 'U_GRACE' }, 'U_ADA', null],
    ['asked for a plan that has a lower version', {}, 'U_ADA', 'lower-bump'],
    ['asked, before somebody chose no lower one', { chooser: null }, 'U_ADA', null],
  ] as const)('counts by the audit, whatever the promotion says: who %s', (_what, said, user, decided) => {
    const deciders = { requester: 'U_ADA', overriders: [], ...said };
    expect(decidedBy(lowered, user, deciders)).toBe(decided);
  });

  test('by the audit: who asked first, and who chose last', () => {
    const row = (actor: string, action: string, detail = {}, result: 'done' | 'refused' = 'done') => ({
      actor,
      action,
      result,
      detail,
    });
    const opened = row('U_ADA', 'promotion.opened');
    expect(decidersOf([row('U_GRACE', 'override.used')])).toBeNull();
    expect(decidersOf([opened, row('U_EVE', 'promotion.opened')])?.requester).toBe('U_ADA');
    const lower = row('U_GRACE', 'promotion.bump', { lowerConfirmed: true });
    expect(decidersOf([opened, lower])?.chooser).toBe('U_GRACE');
    expect(decidersOf([opened, lower, row('U_ADA', 'promotion.bump', {}, 'refused')])?.chooser).toBe(
      'U_GRACE',
    );
    expect(decidersOf([opened, lower, row('U_ADA', 'promotion.bump')])?.chooser).toBeNull();
    expect(decidersOf([opened, row('U_LINUS', 'override.used')])?.overriders).toEqual(['U_LINUS']);
  });
});
