import { describe, expect, test } from 'vitest';
import { Refusal } from '../../src/domain/refusals/refusal.ts';
import { promote } from '../../src/flows/promote.ts';
import type { RunMessage } from '../../src/flows/run/port.ts';
import { drive, MemoryJournal, MemoryRun, type Script } from '../fakes/memory-run.ts';
import { crashPoints } from '../support/whole.ts';
import { House, STATE, stateFile } from './house.ts';

const SHORT_WINDOW_MS = 120_000;

/** Runs a promotion; people act at each wait, by what they see. */
async function ship(
  house: House,
  people: (state: string, id: string) => Promise<RunMessage | null> | RunMessage | null,
  id?: string,
) {
  const promotionId = id ?? (await house.open());
  const script: Script = async () => people(await house.state(promotionId), promotionId);
  const run = new MemoryRun({ id: promotionId, clock: house.clock, script });
  const ended = await drive(run, (r) => promote(r, house.ports, promotionId));
  return { ended, run, promotion: await house.ledger.get(promotionId) };
}

/** Grace approves as soon as she is asked. */
const approving = (house: House, then: (state: string) => RunMessage | null = () => null) => {
  return async (state: string, id: string) => {
    if (state !== 'awaiting-approval') return then(state);
    if (!(await house.approveOnce(id))) return null;
    return { kind: 'vote' } as const;
  };
};

describe('a promotion', () => {
  test('ships: release, deployment, health, report and a closed window', async () => {
    const house = new House();
    const { promotion } = await ship(house, approving(house));
    expect(promotion.state).toBe('shipped');
    expect(promotion.data.release).toMatchObject({ version: '1.3.0', tag: 'v1.3.0' });
    expect(house.target.current?.commit).toBe(promotion.data.release?.commit);
    expect(house.target.started).toHaveLength(1);
    expect(house.repository.text('main', 'specs/014-coupons/production-ship-report.md')).toContain('1.3.0');
    expect(house.repository.text('main', STATE)).toContain('# what the team knows of this feature');
    expect(house.repository.text('main', STATE)).toMatch(/production:[\s\S]*commit_sha/);
    expect(house.slack.said.map(({ notice }) => notice.kind)).toMatchInlineSnapshot(`
      [
        "started",
        "ready",
        "deployed",
        "watching",
        "shipped",
      ]
    `);
    expect(promotion.data.steps?.map((step) => `${step.name} ${step.status}`)).toMatchInlineSnapshot(`
      [
        "verify done",
        "approve done",
        "release done",
        "deploy done",
        "health done",
        "report done",
        "monitor done",
      ]
    `);
  });

  test('stays blocked until the state file is mended and somebody re-checks', async () => {
    const house = new House();
    house.repository.push('main', 'docs: not yet', {
      [STATE]: stateFile(house.validated, { staging: 'pending' }),
    });
    const seen: string[] = [];
    const { promotion } = await ship(
      house,
      approving(house, (state) => {
        seen.push(state);
        if (state !== 'blocked') return null;
        house.repository.push('main', 'docs: approved', { [STATE]: stateFile(house.validated) });
        return { kind: 'recheck', by: 'U_ADA' };
      }),
    );
    expect(seen[0]).toBe('blocked');
    expect(promotion.state).toBe('shipped');
    const blocked = house.slack.said.find(({ notice }) => notice.kind === 'blocked')?.notice;
    expect(blocked).toMatchObject({ gates: [{ id: 'staging-validation', verdict: 'failed' }] });
  });

  test('expires when nobody mends what blocks it', async () => {
    const house = new House();
    house.repository.push('main', 'docs: no', {
      [STATE]: stateFile(house.validated, { rollback: 'failed' }),
    });
    const { promotion } = await ship(house, () => null);
    expect(promotion.state).toBe('expired');
    expect(house.target.started).toHaveLength(0);
    expect(house.repository.tags.has('v1.3.0')).toBe(false);
  });

  test('asks again when the plan changes between approval and release', async () => {
    const house = new House();
    let moved = false;
    const { promotion } = await ship(house, async (state, id) => {
      const answer = await approving(house)(state, id);
      if (answer?.kind === 'vote' && !moved) {
        moved = true;
        house.repository.push('main', 'docs: more', { 'specs/014-coupons/notes.md': 'more' });
      }
      return answer;
    });
    expect(promotion.state).toBe('shipped');
    const votes = await house.ledger.approvals(promotion.id);
    expect(votes.map((vote) => vote.valid)).toEqual([false, true]);
    expect(house.slack.said.filter(({ notice }) => notice.kind === 'voided')).toHaveLength(1);
    expect(house.repository.text('v1.3.0', 'specs/014-coupons/notes.md')).toBe('more');
  });

  test('is cancelled by a decline', async () => {
    const house = new House();
    const { promotion } = await ship(house, async (state, id) => {
      if (state !== 'awaiting-approval') return null;
      const { digest } = await house.ledger.get(id);
      await house.ledger.vote(id, {
        by: 'U_GRACE',
        digest: digest ?? '',
        decision: 'decline',
        reason: 'not on Friday',
      });
      return { kind: 'vote' };
    });
    expect(promotion.state).toBe('cancelled');
    expect(promotion.data.notice?.text).toBe('Declined.');
    // Why is with the vote, for the card and the audit.
    expect(await house.ledger.approvals(promotion.id)).toMatchObject([
      { decision: 'decline', reason: 'not on Friday', valid: true },
    ]);
    expect(house.repository.tags.has('v1.3.0')).toBe(false);
  });

  test('retries a failed deployment when asked, with the same release', async () => {
    const house = new House();
    house.target.breakNextDeployment('no space left');
    const { promotion } = await ship(
      house,
      approving(house, (state) => (state === 'deploying' ? { kind: 'retry', by: 'U_ADA' } : null)),
    );
    expect(promotion.state).toBe('shipped');
    expect(house.target.started).toHaveLength(2);
    expect([...house.repository.tags.keys()]).toEqual(['v1.2.0', 'v1.3.0']);
  });

  test('cancelled after a failed deployment it leaves a whole release that the next promotion deploys', async () => {
    const house = new House();
    house.target.breakNextDeployment();
    const first = await ship(
      house,
      approving(house, (state) =>
        state === 'deploying' && house.slack.notices('deploy-failed').length > 0
          ? { kind: 'cancel', by: 'U_ADA', reason: 'tomorrow.' }
          : null,
      ),
    );
    expect(first.promotion.state).toBe('cancelled');
    expect(first.promotion.data.notice?.text).toContain('v1.3.0 stays tagged');

    await house.ledger.open({
      id: 'shop-0002',
      request: { service: 'shop', bump: 'auto', by: 'U_ADA' },
      channel: 'C_SHIP',
    });
    const { promotion } = await ship(house, approving(house), 'shop-0002');
    expect(promotion.state).toBe('shipped');
    expect(promotion.data.plan?.release.kind).toBe('existing');
    expect([...house.repository.tags.keys()]).toEqual(['v1.2.0', 'v1.3.0']);
    expect(house.target.current?.commit).toBe(house.repository.tags.get('v1.3.0')?.commit);
  });

  test('rolls back when health fails, locks the service and writes the incident', async () => {
    const house = new House();
    house.check.always(({ version }) => ({ ok: version === '1.2.0', detail: `answered for ${version}` }));
    const { promotion } = await ship(house, approving(house));
    expect(promotion.state).toBe('rolled-back');
    expect(house.target.current?.version).toBe('1.2.0');
    expect(await house.ledger.lockOf('shop')).toMatchObject({ promotionId: promotion.id });
    expect(house.repository.text('main', 'specs/014-coupons/incident-1.3.0.md')).toContain('1.3.0');
    expect(house.repository.text('main', STATE)).toContain('rolled_back');
    expect(house.repository.tags.has('v1.3.0')).toBe(true);
  });

  test('asks people instead when policy never rolls back by itself', async () => {
    const house = new House({ automaticRollback: 'never' });
    house.check.always(({ version }) => ({ ok: version === '1.2.0', detail: 'down' }));
    const { promotion } = await ship(
      house,
      approving(house, (state) =>
        state === 'verifying' ? { kind: 'rollback', by: 'U_LINUS', reason: 'it is down' } : null,
      ),
    );
    expect(promotion.state).toBe('rolled-back');
    expect(promotion.data.rollback).toMatchObject({ by: 'U_LINUS', reason: 'it is down' });
  });

  test('never rolls back by itself then, however long nobody decides; what recovers goes on', async () => {
    const house = new House({ automaticRollback: 'never' });
    const begun = house.clock.now();
    const downMs = 3 * 3_600_000;
    house.check.always(() => ({ ok: house.clock.now() - begun > downMs, detail: 'down' }));
    const { promotion } = await ship(house, approving(house));
    expect(promotion.state).toBe('shipped');
    expect(promotion.data.rollback).toBeUndefined();
    const told = house.slack.notices('health').map(({ verdict }) => verdict);
    // The same is not said again; who is called meanwhile is told by a job.
    expect(told).toEqual(['critical']);
    expect(promotion.data.asked).toBeUndefined();
    expect(house.slack.kinds().at(-1)).toBe('shipped');
  });

  test('rolls back by itself when production turns critical in the window', async () => {
    const house = new House();
    house.metrics.weather((_end, phase) => ({
      total: 600,
      errors: phase === 'after' ? 540 : 0,
      latencyMs: 20,
    }));
    const { promotion } = await ship(house, approving(house));
    expect(promotion.state).toBe('rolled-back');
    expect(promotion.data.rollback?.by).toBeNull();
  });

  test('asks in the thread when errors rise, and rolls back when a person says so', async () => {
    const house = new House();
    house.metrics.weather((_end, phase) => ({
      total: 600,
      errors: phase === 'after' ? 30 : 0,
      latencyMs: 20,
    }));
    const { promotion } = await ship(
      house,
      approving(house, (state) =>
        state === 'monitoring' &&
        house.slack.said.some(({ notice }) => notice.kind === 'monitor' && notice.alarm)
          ? { kind: 'rollback', by: 'U_LINUS', reason: 'errors' }
          : null,
      ),
    );
    expect(promotion.state).toBe('rolled-back');
    const alarm = house.slack.said.find(({ notice }) => notice.kind === 'monitor' && notice.alarm)?.notice;
    expect(alarm).toMatchObject({ kind: 'monitor', judgement: { verdict: 'warning' } });
    expect(alarm?.kind === 'monitor' && alarm.chart?.points.length).toBeGreaterThan(100);
  });

  test('does not close an unproven window by itself', async () => {
    const house = new House();
    house.metrics.weather((_end, phase) =>
      phase === 'after' ? null : { total: 600, errors: 0, latencyMs: 20 },
    );
    let accepted = 0;
    const { promotion } = await ship(house, async (state, id) => {
      const answer = await approving(house)(state, id);
      if (answer || state !== 'monitoring') return answer;
      const { decision } = (await house.ledger.get(id)).data;
      if (decision !== 'unproven' || accepted === 1) return null;
      accepted += 1;
      return { kind: 'accept', by: 'U_LINUS' };
    });
    expect(accepted).toBe(1);
    expect(promotion.state).toBe('shipped');
  });

  test('a rollback that is asked for while the last report is written is not lost', async () => {
    const house = new House({}, SHORT_WINDOW_MS);
    let awayFor = 0;
    const { promotion } = await ship(
      house,
      approving(house, (state) => {
        if (state !== 'monitoring') return null;
        // The second report waits for git: the window is over, and Linus presses the button.
        const isOver = house.slack.said.some(({ notice }) => notice.kind === 'trouble');
        if (isOver)
          return awayFor++ === 0 ? { kind: 'rollback', by: 'U_LINUS', reason: 'orders fail' } : null;
        house.repository.failNext('commitFiles');
        return null;
      }),
    );
    expect(promotion.state).toBe('rolled-back');
    expect(promotion.data.rollback?.by).toBe('U_LINUS');
  });

  test('a rollback to a version waits for a remote that is away, and outlasts a lock that runs out', async () => {
    const house = new House();
    let isAsked = false;
    const { promotion } = await ship(house, async (state, id) => {
      if (state !== 'monitoring' || isAsked) return approving(house)(state, id);
      isAsked = true;
      for (const error of [undefined, new Refusal('repository-unreachable', { remote: 'git@host:shop.git' })])
        house.repository.failNext('refs', error);
      const until = house.clock.now() + 60_000;
      await house.ledger.lock({ service: 'shop', owner: 'U_GRACE', reason: 'lunch', until });
      return { kind: 'rollback', by: 'U_LINUS', reason: 'orders fail', to: '1.2.0' };
    });
    expect(promotion.state).toBe('rolled-back');
    const lock = await house.ledger.lockOf('shop');
    expect(lock).toMatchObject({ promotionId: promotion.id });
    expect(lock?.until).toBeUndefined();
  });

  test('waits while the git remote does not answer, and says so once', async () => {
    const house = new House();
    for (let time = 0; time < 4; time++) house.repository.failNext('cutRelease');
    const { promotion } = await ship(house, approving(house));
    expect(promotion.state).toBe('shipped');
    expect(house.slack.said.filter(({ notice }) => notice.kind === 'trouble')).toHaveLength(1);
    expect(house.slack.said.filter(({ notice }) => notice.kind === 'recovered')).toHaveLength(1);
  });
});

describe('a promotion that is killed', () => {
  test('at every step, before and after the work, ends with one release, one deployment and one report', async () => {
    // Which tick says something depends on how long the process was dead.
    const telling = (key: string) => !key.includes('monitor-say');
    const whole = new House({}, SHORT_WINDOW_MS);
    const { run } = await ship(whole, approving(whole));
    const calls = run.journal.entries.length;
    expect(calls).toBeGreaterThan(40);
    const expected = whole.slack.said.map(({ key }) => key);

    for (const { at, when } of crashPoints(calls)) {
      const house = new House({}, SHORT_WINDOW_MS);
      const id = await house.open();
      const journal = new MemoryJournal();
      const people = approving(house);
      const script: Script = async () => people(await house.state(id), id);
      const first = new MemoryRun({ id, clock: house.clock, journal, script, crash: { at, when } });
      await drive(first, (r) => promote(r, house.ports, id));
      const second = new MemoryRun({ id, clock: house.clock, journal, script });
      await drive(second, (r) => promote(r, house.ports, id));

      const where = `${journal.names()[at]} ${when}`;
      expect(await house.state(id), where).toBe('shipped');
      expect(house.target.started.length, where).toBe(1);
      expect([...house.repository.tags.keys()], where).toEqual(['v1.2.0', 'v1.3.0']);
      const subjects: string[] = [];
      for await (const { message } of house.repository.commits(
        house.validated,
        house.repository.branches.get('main') ?? '',
      )) {
        subjects.push(message.split('\n')[0] ?? '');
      }
      expect(subjects.filter((subject) => subject.startsWith('docs(ship)')).length, where).toBe(2);
      const said = house.slack.said.map(({ key }) => key);
      expect(new Set(said).size, where).toBe(said.length);
      expect(said.filter(telling), where).toEqual(expected.filter(telling));
    }
  }, 120_000);
});
