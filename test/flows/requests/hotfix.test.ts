import { describe, expect, test } from 'vitest';
import type { Policy } from '../../../src/domain/policy/service.ts';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { promote } from '../../../src/flows/promote.ts';
import { requestHotfix, startHotfix } from '../../../src/flows/requests/hotfix.ts';
import type { Caller } from '../../../src/flows/requests/request.ts';
import { requestRollback } from '../../../src/flows/requests/roll-back.ts';
import { steer } from '../../../src/flows/requests/steer.ts';
import { vote } from '../../../src/flows/requests/vote.ts';
import { rollback } from '../../../src/flows/rollback/rollback.ts';
import { drive, MemoryJournal, MemoryRun, MemoryRuns } from '../../fakes/memory-run.ts';
import { crashPoints } from '../../support/whole.ts';
import { House, STATE, stateFile } from '../house.ts';

const ID = 'shop-0001';
const TICK_MS = 30_000;
const REPORT = 'specs/014-coupons/production-ship-report.md';

let keys = 0;
const by = (user: string): Caller => ({ user, via: 'button', key: `key-${++keys}` });
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof Refusal ? error.code : String(error)),
  );

/** A release that is watched, with that share of failed requests since the deploy. */
async function watched(errorRate = 0.05, policy: Partial<Policy> = {}) {
  const house = new House({ automaticRollback: 'never', ...policy });
  house.metrics.weather((_end, phase) => ({
    total: 600,
    errors: phase === 'after' ? 600 * errorRate : 0,
    latencyMs: 20,
  }));
  const started: string[] = [];
  const runs: MemoryRuns = new MemoryRuns({
    clock: house.clock,
    flows: {
      promote: (run, { promotionId }) =>
        promote(run, house.ports, promotionId, async (next) => {
          started.push(next);
          await runs.start('promote', next, { promotionId: next });
        }),
      rollback: (run, input) => {
        const { promotionId, ...order } = input as { promotionId: string } & Parameters<typeof rollback>[3];
        return rollback(run, house.ports, promotionId, order);
      },
    },
  });
  let ids = 1;
  const requests = house.requests({ runs, newId: (name) => `${name}-${String(++ids).padStart(4, '0')}` });
  await house.open();
  await runs.start('promote', ID, { promotionId: ID });
  await runs.idle(ID);
  const { digest } = await house.ledger.get(ID);
  await vote(requests, by('U_GRACE'), ID, { decision: 'approve', digest: digest ?? '' });
  const pass = async (ms: number) => {
    await house.clock.advance(ms, () => new Promise((resolve) => setTimeout(resolve, 1)));
  };
  for (let turn = 0; turn < 200 && (await house.state(ID)) !== 'monitoring'; turn++) await pass(1_000);
  expect(await house.state(ID)).toBe('monitoring');
  await pass(2 * TICK_MS);
  return { house, requests, runs, started, pass };
}

/** Somebody mends it on main, and staging has validated that. */
function mend(house: House, isValidated = true): string {
  const fix = house.repository.push('main', 'fix: coupons count once', { 'src/server.js': 'mended\n' });
  if (isValidated) house.repository.push('main', 'docs: state', { [STATE]: stateFile(fix) });
  return fix;
}

describe('a hotfix', () => {
  test('that is validated ends the watch in the name of who asked, and is the next promotion', async () => {
    const { house, requests, started, pass, runs } = await watched();
    const fix = mend(house);
    const answer = await requestHotfix(requests, by('U_LINUS'), ID, fix.slice(0, 8));
    expect(answer).toEqual({ kind: 'ordered' });
    await pass(5_000);
    const ended = await house.ledger.get(ID);
    expect(ended.state).toBe('shipped');
    expect(ended.data.accepted).toEqual({
      by: 'U_LINUS',
      verdict: 'warning',
      what: ['error rate: error rate 0.05'],
      hotfix: 'shop-0002',
    });
    expect(house.repository.text('main', REPORT)).toContain('A hotfix is to mend it (promotion shop-0002)');
    expect(started).toEqual(['shop-0002']);
    await runs.idle('shop-0002');
    const next = await house.ledger.get('shop-0002');
    expect(next.request).toEqual({
      service: 'shop',
      bump: 'auto',
      by: 'U_LINUS',
      hotfix: {
        of: { promotion: ID, version: '1.3.0', commit: ended.data.release?.commit },
        fix: { commit: fix, name: fix.slice(0, 8) },
      },
    });
    const gate = next.data.gates?.find(({ id }) => id === 'hotfix');
    expect(gate).toMatchObject({ verdict: 'passed', notable: true });
    expect(gate?.reason).toContain(`Since 1.3.0: 2 commits: `);
    expect(gate?.reason).toContain('fix: coupons count once');
    // It is a promotion like every other: nothing is deployed before its gates pass and people approve.
    expect(['blocked', 'awaiting-approval']).toContain(next.state);
    expect(house.target.started).toHaveLength(1);
    const audit = await house.ledger.auditTrail({ limit: 99 });
    expect(audit.find(({ action }) => action === 'promotion.hotfix')).toMatchObject({
      actor: 'U_LINUS',
      result: 'done',
      detail: { next: 'shop-0002', fix: { commit: fix } },
    });
    expect(audit.find(({ action }) => action === 'promotion.shipped')).toMatchObject({
      actor: 'U_LINUS',
      detail: { accepted: ['error rate: error rate 0.05'], hotfix: 'shop-0002' },
    });
  });

  test('that is not validated is announced: the window stays open, and a rollback is possible', async () => {
    const { house, requests, started, pass } = await watched();
    const fix = mend(house, false);
    const answer = await requestHotfix(requests, by('U_LINUS'), ID, fix);
    expect(answer).toMatchObject({
      kind: 'announced',
      missing: [{ id: 'staging-validation', verdict: 'failed' }],
    });
    await pass(40 * TICK_MS);
    const held = await house.ledger.get(ID);
    expect(held.state).toBe('monitoring');
    expect(held.data.monitor).toMatchObject({ held: true, hotfix: { by: 'U_LINUS', fix: { commit: fix } } });
    expect(house.slack.notices('hotfix-announced')).toHaveLength(1);
    expect(started).toEqual([]);
    expect(await codeOf(requestRollback(requests, by('U_ADA'), ID, { reason: 'too long' }))).toBe('done');
    for (let turn = 0; turn < 60 && (await house.state(ID)) !== 'rolled-back'; turn++) await pass(5_000);
    expect(await house.state(ID)).toBe('rolled-back');
  });

  test('that is on another branch is not in the candidate', async () => {
    const { house, requests } = await watched();
    house.repository.branches.set('fix/till', house.repository.branches.get('main') ?? '');
    house.repository.push('fix/till', 'fix: the till', { 'src/server.js': 'mended\n' });
    const answer = await requestHotfix(requests, by('U_LINUS'), ID, 'fix/till');
    expect(answer).toMatchObject({
      kind: 'announced',
      missing: expect.arrayContaining([
        expect.objectContaining({
          id: 'hotfix',
          reason: expect.stringContaining('(fix/till) is not part of main'),
        }),
      ]),
    });
  });

  test('without anything new on the branch is no fix', async () => {
    const { requests } = await watched();
    const answer = await requestHotfix(requests, by('U_LINUS'), ID, '');
    expect(answer).toMatchObject({
      kind: 'announced',
      missing: expect.arrayContaining([
        expect.objectContaining({ reason: expect.stringContaining('there is no fix to ship') }),
      ]),
    });
  });

  test('is refused where it does not help, and to whoever may not', async () => {
    const only = { users: ['U_LINUS'], groups: [] };
    const fine = await watched(0);
    expect(await codeOf(requestHotfix(fine.requests, by('U_LINUS'), ID, ''))).toBe('hotfix-not-asked');
    const critical = await watched(0.9);
    mend(critical.house);
    expect(await codeOf(requestHotfix(critical.requests, by('U_LINUS'), ID, ''))).toBe('hotfix-critical');
    const noAccept = await watched(0.05, { accept: only });
    expect(await codeOf(requestHotfix(noAccept.requests, by('U_ADA'), ID, ''))).toBe('not-allowed');
    const noStart = await watched(0.05, { start: only });
    expect(await codeOf(requestHotfix(noStart.requests, by('U_ADA'), ID, ''))).toBe('not-allowed');
    for (const wanted of ['constructor', 'abcdef1', 'no/such'])
      expect(await codeOf(requestHotfix(noStart.requests, by('U_LINUS'), ID, wanted))).toBe('fix-unknown');
    const refused = (await noStart.house.ledger.auditTrail({ limit: 99 })).filter(
      ({ action, result }) => action === 'promotion.hotfix' && result === 'refused',
    );
    expect(refused.map(({ actor }) => actor)).toEqual(['U_LINUS', 'U_LINUS', 'U_LINUS', 'U_ADA']);
  });

  test('and an acceptance answer the same question: the first one counts', async () => {
    const { house, requests, started, pass } = await watched();
    mend(house);
    const both = await Promise.all([
      codeOf(requestHotfix(requests, by('U_LINUS'), ID, '')),
      codeOf(steer(requests, by('U_ADA'), ID, { kind: 'accept' })),
    ]);
    expect(both.sort()).toEqual(['already-asked', 'done']);
    await pass(5_000);
    const { state, data } = await house.ledger.get(ID);
    expect(state).toBe('shipped');
    expect(started).toEqual(data.accepted?.by === 'U_LINUS' ? ['shop-0002'] : []);
  });

  test('waits in line where somebody else was faster', async () => {
    const { house, requests, started, pass } = await watched();
    mend(house);
    const open = house.ledger.open.bind(house.ledger);
    house.ledger.open = async (wanted) => {
      house.ledger.open = open;
      await open({ ...wanted, id: 'shop-9999', request: { ...wanted.request, by: 'U_GRACE' } });
      return open(wanted);
    };
    await requestHotfix(requests, by('U_LINUS'), ID, '');
    await pass(5_000);
    expect(await house.state(ID)).toBe('shipped');
    expect(started).toEqual([]);
    expect(house.slack.notices('hotfix-waits')).toEqual([
      { kind: 'hotfix-waits', by: 'U_LINUS', open: 'shop-9999' },
    ]);
    expect(await house.ledger.firstInQueue('shop')).toMatchObject({ user: 'U_LINUS' });
  });
});

test('after a rollback a hotfix is a promotion with the incident beside it', async () => {
  const { house, requests, pass } = await watched();
  await requestRollback(requests, by('U_ADA'), ID, { reason: 'orders fail' });
  for (let turn = 0; turn < 60 && (await house.state(ID)) !== 'rolled-back'; turn++) await pass(5_000);
  expect(await house.state(ID)).toBe('rolled-back');
  mend(house);
  expect(await codeOf(startHotfix(requests, by('U_ADA'), 'shop', ''))).toBe('locked');
  await house.ledger.unlock('shop', 'U_ADA');
  const promotion = await startHotfix(requests, by('U_ADA'), 'shop', '');
  expect(promotion.request.hotfix?.of).toMatchObject({
    promotion: ID,
    version: '1.3.0',
    incident: expect.stringMatching(/^specs\/014-coupons\/.*incident.*\.md$/),
  });
});

describe('a crash at each moment', () => {
  const play = async (crash?: { at: number; when: 'before' | 'unrecorded' | 'recorded' }) => {
    const house = new House({ automaticRollback: 'never' }, 60_000);
    house.metrics.weather((_end, phase) => ({
      total: 600,
      errors: phase === 'after' ? 30 : 0,
      latencyMs: 20,
    }));
    await house.open();
    const journal = new MemoryJournal();
    const started: string[] = [];
    let isAsked = false;
    const script = async () => {
      const state = await house.state(ID);
      if (state === 'awaiting-approval')
        return (await house.approveOnce(ID)) ? ({ kind: 'vote' } as const) : null;
      const { decision } = (await house.ledger.get(ID)).data;
      if (state !== 'monitoring' || decision !== 'warning' || isAsked) return null;
      isAsked = true;
      return { kind: 'hotfix', by: 'U_LINUS', next: 'shop-0002' } as const;
    };
    const live = (more: object) =>
      drive(new MemoryRun({ id: ID, clock: house.clock, journal, script, ...more }), (run) =>
        promote(run, house.ports, ID, async (next) => void started.push(next)),
      );
    if (crash) await live({ crash });
    await live({});
    return { house, journal, started };
  };

  test('opens the promotion of the hotfix once', async () => {
    const { journal } = await play();
    const names = journal.names();
    const from = names.indexOf('shipped') - 1;
    expect(from).toBeGreaterThan(0);
    const points = crashPoints(names.length).filter(({ at }) => at >= from);
    expect(points.length).toBeGreaterThan(2);
    for (const crash of points) {
      const { house, started } = await play(crash);
      expect(await house.state(ID)).toBe('shipped');
      expect((await house.ledger.openFor('shop'))?.id).toBe('shop-0002');
      expect(await house.ledger.recent({ limit: 9 })).toHaveLength(2);
      expect(new Set(started)).toEqual(new Set(['shop-0002']));
      const opened = (await house.ledger.auditTrail({ limit: 99 })).filter(
        ({ action }) => action === 'promotion.opened',
      );
      expect(opened).toHaveLength(2);
    }
  });
});
