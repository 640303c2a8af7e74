import { expect, test } from 'vitest';
import { card } from '../../../src/blocks/card/card.ts';
import { notice } from '../../../src/blocks/thread/notice.ts';
import type { Notice } from '../../../src/domain/promotion/notice.ts';
import { service } from '../../blocks/fixtures.ts';
import { House } from '../house.ts';
import { ship } from '../ship.ts';

test('a service without checks: nobody is told that something passed', async () => {
  const house = new House();
  Object.assign(house.ports, { checks: [] });
  const cards: string[] = [];
  const promotion = await ship(house, (now) => {
    if (now.state !== 'monitoring') return null;
    cards.push(card({ promotion: now, approvals: [], service }).text);
    return { kind: 'rollback', by: 'U_LINUS', reason: 'orders fail' };
  });
  expect(promotion.state).toBe('rolled-back');
  const thread = (kind: Notice['kind']) =>
    house.slack
      .notices(kind)
      .map((one) => notice(one, { promotion: { ...promotion }, service }).text)
      .join('\n');
  expect(cards.join('\n')).toContain('Nothing was checked');
  expect(thread('watching')).toContain('⚪ Nothing was checked. 👀 Watching');
  expect(thread('rolled-back')).toContain('Nothing was checked.');
  expect(card({ promotion, approvals: [], service }).text).toContain(
    '1.2.0 is live again, nothing was checked',
  );
  const incident = house.repository.text('main', 'specs/014-coupons/incident-1.3.0.md') ?? '';
  expect(incident).toContain('Checked the health of production: nothing was checked');
  expect(incident).toContain('Had v1.2.0 live again; nothing was checked');
  expect(incident).not.toMatch(/all checks passed|Found production healthy/);
  expect(incident).toContain('## Health After the Rollback\n\nNothing was checked');
  const report = house.repository.text('main', 'specs/014-coupons/production-ship-report.md') ?? '';
  expect(report).toContain('## Health Checks\n\nNothing was checked');
});
