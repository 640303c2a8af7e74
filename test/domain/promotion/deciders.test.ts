import { describe, expect, test } from 'vitest';
import type { Override } from '../../../src/domain/policy/override.ts';
import { decidedBy } from '../../../src/domain/promotion/deciders.ts';
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
    expect(decidedBy(promotion, user)).toBe(decided);
  });
});
