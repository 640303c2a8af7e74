import { expect, test } from 'vitest';
import { Refusal, Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { promote } from '../../../src/flows/promote.ts';
import { unavailableOf } from '../../../src/flows/run/unavailable.ts';
import { drive, MemoryRun } from '../../fakes/memory-run.ts';
import { House, STATE, stateFile } from '../house.ts';

/** Grace approves once whatever is asked for first; nobody does anything else. */
async function ship(house: House, onceApproved: () => void = () => {}) {
  const id = await house.open();
  const states: string[] = [];
  const script = async () => {
    const state = await house.state(id);
    states.push(state);
    if (state !== 'awaiting-approval' || (await house.ledger.approvals(id)).length > 0) return null;
    await house.approve(id);
    onceApproved();
    return { kind: 'vote' } as const;
  };
  const run = new MemoryRun({ id, clock: house.clock, script });
  await drive(run, (r) => promote(r, house.ports, id));
  const said = house.slack.said.map(({ notice }) => notice.kind);
  return { promotion: await house.ledger.get(id), states, said };
}

const notHere = () => new Refusal('repository-unreachable', { remote: 'git@host:shop.git' });

test('a gate that nobody answered is asked again by itself, not blocked', async () => {
  const house = new House();
  for (let times = 0; times < 3; times++) house.target.failNext('preflight');
  const { promotion, states, said } = await ship(house);
  expect(promotion.state).toBe('shipped');
  expect(states).not.toContain('blocked');
  expect(said.filter((kind) => kind === 'trouble')).toHaveLength(1);
  expect(said.filter((kind) => kind === 'recovered')).toHaveLength(1);
});

test('approvals survive when something is away at the look before the release', async () => {
  const house = new House();
  const { promotion, said } = await ship(house, () => {
    house.target.failNext('preflight', new Unavailable('production', 'cut off'));
  });
  expect(promotion.state).toBe('shipped');
  expect(said).not.toContain('voided');
  expect(said.filter((kind) => kind === 'ready')).toHaveLength(1);
});

test('a gate that fails is for people, also while another is not answered', async () => {
  const house = new House();
  house.repository.push('main', 'docs: no', { [STATE]: stateFile(house.validated, { staging: 'pending' }) });
  house.target.failNext('preflight');
  const { states } = await ship(house);
  expect(states).toContain('blocked');
});

test('a repository that is away in the middle is waited for: the report is committed, nothing crashes', async () => {
  const house = new House();
  house.repository.failNext('commitFiles', notHere());
  house.repository.failNext('commitFiles', notHere());
  const { promotion, said } = await ship(house, () => house.target.failNext('live', notHere()));
  expect(promotion.state).toBe('shipped');
  expect(promotion.data.reportPath).toBe('specs/014-coupons/production-ship-report.md');
  expect(house.repository.text('main', 'specs/014-coupons/production-ship-report.md')).toContain('1.3.0');
  expect(said.filter((kind) => kind === 'trouble')).toHaveLength(1);
});

test('a full disk of our own is waited for, whoever runs into it', () => {
  const full = new Error("ENOSPC: no space left on device, open '/data/git/shop'");
  expect(unavailableOf(full, false)).toMatchObject({
    what: 'the data folder',
    reason: expect.stringMatching(/full/),
  });
  expect(unavailableOf(new Error('who knows'), true)).toBeNull();
  expect(unavailableOf('thrown', true)).toBeNull();
});
