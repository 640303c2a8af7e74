import { describe, expect, it } from 'vitest';
import { type AuditRow, accountOf, isTold } from '../../../src/domain/documents/audit-words.ts';

const row = (action: string, more: Partial<AuditRow> = {}): AuditRow => ({
  at: 0,
  actor: 'slipway',
  action,
  result: 'done',
  ...more,
});

describe('audit words', () => {
  it.each([
    [row('release.cut', { detail: { tag: 'v1.3.0' } }), 'Released v1.3.0'],
    [
      row('health.checked', { detail: { bad: ['/health: 503', 'tls: expired'] } }),
      'Checked the health of production: /health: 503; tls: expired',
    ],
    [row('health.checked', { detail: { bad: [] } }), 'Checked the health of production: all checks passed'],
    [
      row('health.checked', { detail: { bad: [], unasked: 1 } }),
      'Checked the health of production: 1 could not be asked',
    ],
    [row('production.turned', { detail: { verdict: 'toString' } }), 'Saw that production is judged anew'],
    [
      row('report.committed', { result: 'refused', detail: { path: 'x' } }),
      'Committed the ship report (refused)',
    ],
    [row('rollback.impossible', { result: 'refused' }), 'Had nothing to roll back to'],
    [row('rollback.requested', { actor: 'U1', result: 'failed' }), 'Asked for a rollback (did not work)'],
  ])('%o', (one, said) => {
    expect(accountOf(one)).toBe(said);
  });

  it.each([
    ['a look', row('audit.seen', { actor: 'U1' }), false],
    ['a form that was opened', row('form.rollback_form', { actor: 'U1' }), false],
    ['a look at what could be overridden', row('override.asked', { actor: 'U1' }), false],
    ['a mention that led to a question', row('mention.rollback', { actor: 'U1' }), false],
    ['a refused click', row('approval.given', { actor: 'U1', result: 'refused' }), false],
    ['a rollback that was refused', row('rollback.requested', { actor: 'U1', result: 'refused' }), true],
    [
      'a rollback by the second',
      row('rollback.requested', { actor: 'U1', result: 'refused', detail: { code: 'already-asked' } }),
      false,
    ],
    ['what Slipway could not do', row('release.refused', { result: 'refused' }), true],
    ['an approval', row('approval.given', { actor: 'U1' }), true],
  ])('%s', (_what, one, told) => {
    expect(isTold(one)).toBe(told);
  });
});
