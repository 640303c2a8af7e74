import { describe, expect, test } from 'vitest';
import { card } from '../../../src/blocks/card/card.ts';
import { notice } from '../../../src/blocks/thread/notice.ts';
import type { Notice } from '../../../src/domain/promotion/notice.ts';
import type { Promotion } from '../../../src/domain/promotion/promotion.ts';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import type { RunMessage } from '../../../src/flows/run/port.ts';
import { service } from '../../blocks/fixtures.ts';
import { House, STATE, stateFile } from '../house.ts';
import { ship } from '../ship.ts';

const REPORT = 'specs/014-coupons/production-ship-report.md';
const INCIDENT = 'specs/014-coupons/incident-1.3.0.md';
const WHY = /state\.yaml cannot be updated: deployment\.production is not a map.* Repair the file/;

const write = (house: House, lines: string) =>
  house.repository.push('main', 'docs: state', {
    [STATE]: stateFile(house.validated).replace('deployment:\n', `deployment:\n${lines}`),
  });
const textOf = (house: House, promotion: Promotion, kind: Notice['kind']) => {
  const [said] = house.slack.notices(kind);
  return said ? notice(said, { promotion, service }).text : '';
};
const cardOf = (promotion: Promotion) => card({ promotion, approvals: [], service }).text;
const orders = ({ state }: Promotion): RunMessage | null =>
  state === 'monitoring' ? { kind: 'rollback', by: 'U_LINUS', reason: 'orders fail' } : null;

describe('a state file that people wrote in a way that cannot be edited', () => {
  test('costs no ship report, and the thread says why it stays as it is', async () => {
    const house = new House();
    write(house, '  production: https://shop.test\n');
    const before = house.repository.text('main', STATE);
    const promotion = await ship(house, () => null);
    expect(promotion.state).toBe('shipped');
    expect(house.repository.text('main', REPORT)).toContain('# Production Ship Report');
    expect(house.repository.text('main', STATE)).toBe(before);
    expect(textOf(house, promotion, 'watching')).toMatch(WHY);
    expect(textOf(house, promotion, 'shipped')).toMatch(WHY);
    expect(cardOf(promotion)).toMatch(WHY);
  });

  test('costs no incident document, nor the mark of the report', async () => {
    const house = new House();
    write(house, '  production: [a, b]\n');
    const promotion = await ship(house, orders);
    expect(promotion).toMatchObject({ state: 'rolled-back', data: { rollback: { incidentPath: INCIDENT } } });
    expect(house.repository.text('main', INCIDENT)).toContain('orders fail');
    expect(house.repository.text('main', REPORT)).toContain('## Rolled Back');
    expect(textOf(house, promotion, 'rolled-back')).toMatch(WHY);
    expect(cardOf(promotion)).toMatch(WHY);
  });

  test('is written into where it only says that nothing is deployed yet', async () => {
    const house = new House();
    write(house, '  production: pending # after the fair\n');
    const promotion = await ship(house, () => null);
    expect(house.repository.text('main', STATE)).toMatch(/ {2}production: # after the fair\n {4}url:/);
    expect(textOf(house, promotion, 'shipped')).not.toContain('cannot be updated');
  });
});

describe('what the host does not take', () => {
  const refuses = (house: House) => {
    house.repository.commitFiles = async () => {
      throw new Refusal('not-writable', { branch: 'main', reason: 'protected' });
    };
  };
  const REFUSED =
    /could not be committed\. A push to main is refused: protected.* Give the account of Slipway/;

  test('a report: why is said when the watch begins, at the end, and in the audit', async () => {
    const house = new House();
    refuses(house);
    const promotion = await ship(house, () => null);
    expect(promotion.state).toBe('shipped');
    expect(textOf(house, promotion, 'watching')).toMatch(REFUSED);
    expect(textOf(house, promotion, 'shipped')).toMatch(REFUSED);
    expect(cardOf(promotion)).toMatch(REFUSED);
    const rows = await house.ledger.auditTrail({ limit: 500 });
    const [row] = rows.filter(({ action }) => action === 'report.committed');
    expect(row?.detail?.['reason']).toMatch(REFUSED);
  });

  test('an incident: it is attached, with the reason, which the card and the audit have too', async () => {
    const house = new House();
    refuses(house);
    const promotion = await ship(house, orders);
    expect(promotion.state).toBe('rolled-back');
    expect(promotion.data.rollback).not.toHaveProperty('incidentPath');
    const [said] = house.slack.notices('rolled-back');
    expect(said && notice(said, { promotion, service }).file?.text).toContain('orders fail');
    expect(textOf(house, promotion, 'rolled-back')).toMatch(REFUSED);
    expect(cardOf(promotion)).toMatch(REFUSED);
    const rows = await house.ledger.auditTrail({ limit: 500 });
    const [row] = rows.filter(({ action }) => action === 'rollback.finished');
    expect(row?.detail?.['problem']).toMatch(REFUSED);
  });

  test('a report that is committed after the watch is shown as done', async () => {
    const house = new House();
    house.repository.failNext(
      'commitFiles',
      new Refusal('not-writable', { branch: 'main', reason: 'protected' }),
    );
    const promotion = await ship(house, () => null);
    const step = promotion.data.steps?.find(({ name }) => name === 'report');
    expect(step).toMatchObject({ status: 'done', detail: REPORT });
    expect(promotion.data.reportUrl).toBeDefined();
  });
});
