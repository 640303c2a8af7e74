import { expect, test } from 'vitest';
import { calling, peoplePart, requester } from '../../../src/blocks/card/people.ts';
import { auditTrail } from '../../../src/blocks/replies/audit-trail.ts';
import type { Promotion } from '../../../src/domain/promotion/promotion.ts';

const service = { approvers: '<!subteam^S0RELEASE>' } as Parameters<typeof calling>[0]['service'];
const askedBy = (by: string) => ({ request: { by } }) as Promotion;

test('who asked with a token is named with it', () => {
  expect(requester({ by: 'U0ADA' })).toEqual([{ type: 'user', user_id: 'U0ADA' }]);
  expect(requester({ by: 'U0ADA', token: 'my `terminal` <!here>' })).toMatchObject([
    { type: 'user', user_id: 'U0ADA' },
    ' with the token ',
    { type: 'text', style: { code: true } },
  ]);
});

test('where a pipeline asked, those who approve are called', () => {
  expect(JSON.stringify(calling({ promotion: askedBy('U0ADA'), service }))).toContain('U0ADA');
  const called = JSON.stringify(calling({ promotion: askedBy('pipeline ci'), service }));
  expect(called).toContain('S0RELEASE');
  expect(called).not.toContain('pipeline');
});

test('what a pipeline asked for takes one approval more, and the card says why', () => {
  const asked = (by: string, more: object = {}) => {
    const data = { plan: { policy: { approvals: 2, hash: '', ...more } } };
    const promotion = {
      state: 'awaiting-approval',
      createdAt: 0,
      request: { by },
      data,
    } as unknown as Promotion;
    return JSON.stringify(peoplePart(promotion, [], service, 5, 100));
  };
  expect(asked('pipeline ci', { pipeline: true })).toMatch(
    /2 approvals missing.*one approval more, because a pipeline/,
  );
  expect(asked('U0ADA')).not.toContain('pipeline');
});

test('the audit names the token', () => {
  const row = { seq: 1, at: 0, action: 'promotion.opened', result: 'done', hash: '' } as const;
  const { text } = auditTrail([
    { ...row, actor: 'U0ADA', source: { token: 'terminal' } },
    { ...row, actor: 'pipeline ci' },
  ]);
  expect(text).toMatch(/<@U0ADA> with the token terminal asked for a promotion/);
  expect(text).toMatch(/pipeline ci asked for a promotion/);
});
