import { expect, test } from 'vitest';
import { asTyped } from '../../../src/domain/text/typed.ts';

test.each([
  ['plan shop —feature 014', 'plan shop --feature 014'],
  ['plan shop –feature 014', 'plan shop --feature 014'],
  ['plan shop --feature 014', 'plan shop --feature 014'],
  ['—patch', '--patch'],
  ['lock\u00a0shop\u202f“the till — it’s down” 2h', 'lock shop "the till — it\'s down" 2h'],
  ['rollback\u200b shop', 'rollback  shop'],
  ['014–coupons', '014–coupons'],
])('%j is meant as %j', (typed, meant) => {
  expect(asTyped(typed)).toBe(meant);
});
