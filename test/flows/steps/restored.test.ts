import { expect, test } from 'vitest';
import { recheckReleased } from '../../../src/flows/jobs/recheck-released.ts';
import { promote } from '../../../src/flows/promote.ts';
import { drive, MemoryRun } from '../../fakes/memory-run.ts';
import { House } from '../house.ts';

const ID = 'shop-0001';

/** A promotion that waits for approval while the repository has this commit above its candidate. */
async function afterCommit(message: string, tag?: string) {
  const house = new House();
  await house.open();
  let isDone = false;
  const sent: unknown[] = [];
  const requests = house.requests({
    runs: {
      start: async () => undefined,
      send: async (...words) => void sent.push(words),
      standing: async () => new Map(),
    },
  });
  const script = async () => {
    if (isDone) return null;
    isDone = true;
    const sha = house.repository.push('main', message, {});
    if (tag !== undefined) house.repository.tag(tag, sha);
    await recheckReleased(requests)();
    return { kind: 'recheck', by: 'U_ADA' } as const;
  };
  await drive(new MemoryRun({ id: ID, clock: house.clock, script }), (run) => promote(run, house.ports, ID));
  return { house, sent, promotion: await house.ledger.get(ID) };
}

test('a release that the database does not know of is not cut again, and people are told what is live', async () => {
  const { house, sent, promotion } = await afterCommit(
    'chore(release): v1.3.0\n\nSlipway-Promotion: shop-0001',
    'v1.3.0',
  );
  expect(promotion.state).toBe('cancelled');
  expect(promotion.data.notice?.text).toMatch(
    /^v1\.3\.0 was already released for this promotion, .* older backup\. Production has 1\.2\.0.*\/ship-prod adopt shop 1\.3\.0$/,
  );
  expect(house.target.started).toEqual([]);
  expect(sent).toMatchObject([[ID, { kind: 'recheck' }, expect.stringContaining('released-before')]]);
});

test.each([
  ['another promotion', 'chore(release): v1.3.0\n\nSlipway-Promotion: shop-0002', 'v1.3.0'],
  ['no release: it has no tag', 'chore(release): v1.3.0\n\nSlipway-Promotion: shop-0001', undefined],
  ['nobody', 'fix: typo', 'v1.3.0'],
])('a commit of %s ends nothing', async (_whose, message, tag) => {
  const { sent, promotion } = await afterCommit(message, tag);
  expect(promotion.data.notice?.text ?? '').not.toContain('already released');
  expect(sent).toEqual([]);
});
