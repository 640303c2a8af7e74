import { describe, expect, test } from 'vitest';
import type { RollbackOrder } from '../../../src/domain/promotion/promotion.ts';
import { promote } from '../../../src/flows/promote.ts';
import { steer } from '../../../src/flows/requests/steer.ts';
import { rollback } from '../../../src/flows/rollback/rollback.ts';
import type { RunMessage } from '../../../src/flows/run/port.ts';
import { type CrashPoint, drive, MemoryJournal, MemoryRun, MemoryRuns } from '../../fakes/memory-run.ts';
import { crashPoints } from '../../support/whole.ts';
import { House, STATE, stateFile } from '../house.ts';

const INCIDENT = 'specs/014-coupons/incident-1.3.0.md';
const REPORT = 'specs/014-coupons/production-ship-report.md';
const iso = (at: number | undefined) => new Date(at ?? 0).toISOString().replace(/\.\d{3}Z$/, 'Z');
const count = (text: string | undefined, part: string) => (text ?? '').split(part).length - 1;

/** Ships; Grace approves, and what else people do is told by the state. */
async function ship(house: House, id: string, people: (state: string) => RunMessage | null = () => null) {
  const script = async (): Promise<RunMessage | null> => {
    const state = await house.state(id);
    if (state !== 'awaiting-approval') return people(state);
    return (await house.approveOnce(id)) ? { kind: 'vote' } : null;
  };
  const run = new MemoryRun({ id, clock: house.clock, script });
  await drive(run, (r) => promote(r, house.ports, id));
  return house.ledger.get(id);
}

/** 1.3.0 went live, errors rose, and Slipway took it back. */
async function rolledBackByItself(house: House, people?: (state: string) => RunMessage | null) {
  house.metrics.weather((_end, phase) => ({
    total: 600,
    errors: phase === 'after' ? 540 : 0,
    latencyMs: 20,
  }));
  return ship(house, await house.open(), people);
}

async function rollBackAgain(
  house: House,
  id: string,
  order: RollbackOrder,
  crash: { readonly journal: MemoryJournal; readonly crash?: CrashPoint } = { journal: new MemoryJournal() },
) {
  const run = new MemoryRun({ id: `${id}-rollback-9`, clock: house.clock, script: () => null, ...crash });
  await drive(run, (r) => rollback(r, house.ports, id, order));
  return run;
}

describe('the documents of a rollback', () => {
  test('tell of the alarm, of a rollback that failed, and of the moment when production was well again', async () => {
    const house = new House();
    const { data, state } = await rolledBackByItself(house, (now) => {
      if (now === 'monitoring')
        for (let time = 0; time < 2; time++) house.target.breakNextDeployment('no space');
      return now === 'rolling-back' ? { kind: 'retry', by: 'U_LINUS' } : null;
    });
    expect(state).toBe('rolled-back');
    const { startedAt, finishedAt } = data.rollback ?? {};
    expect(finishedAt).toBeGreaterThan(startedAt ?? Number.POSITIVE_INFINITY);

    const incident = house.repository.text('main', INCIDENT) ?? '';
    const rows = incident.split('\n').filter((line) => /^\| 20/.test(line));
    expect(rows.map((row) => row.split(' | ')[1])).toMatchInlineSnapshot(`
      [
        "Asked for a promotion",
        "Showed the plan for approval",
        "Approved",
        "Found everything agreed",
        "Released v1.3.0",
        "Began to deploy v1.3.0",
        "Deployed v1.3.0",
        "Checked the health of production: all checks passed",
        "Committed the ship report",
        "Wrote the release page",
        "Saw that production is critical: error rate: error rate 0.9",
        "Locked: Rolled back: error rate: error rate 0.9",
        "Began to roll back to 1.2.0: error rate: error rate 0.9",
        "Could not roll back to 1.2.0: no space",
        "Found production healthy with v1.2.0",
      ]
    `);
    expect(incident).toContain(`- **Finished at**: ${iso(finishedAt)}`);
    expect(incident).toContain('- **Production ran the faulty release for**: ');
    expect(incident).toContain('- **Thread**: [conversation in Slack](<https://slack.test/shop-0001>)');
    expect(house.repository.text('main', STATE)).toContain(`rolled_back_at: "${iso(finishedAt)}"`);
    expect(house.slack.notices('rolled-back')).toMatchObject([{ at: finishedAt }]);
    expect(house.repository.pages.get('v1.3.0')?.body).toContain(
      iso(finishedAt).slice(0, 16).replace('T', ' '),
    );

    const report = house.repository.text('main', REPORT) ?? '';
    expect(report).toContain('- **Rolled back**: `v1.3.0` to `v1.2.0`');
    expect(report).toContain(`- **At**: ${iso(finishedAt)}`);
    expect(report).toContain(INCIDENT.replaceAll('_', '\\_'));
    expect(report).toMatch(/\*\*Rolled back after .* of watching\*\* .*, verdict: critical\./);
    expect(report).toContain('- **Thread**: ');
  });

  test('write a verdict into the audit when it changes, and the thread hears nothing of a healthy watch', async () => {
    const house = new House();
    const { state } = await ship(house, await house.open());
    expect(state).toBe('shipped');
    expect(house.slack.notices('monitor')).toEqual([]);
    const turns = (await house.ledger.auditTrail({ limit: 500 })).filter(
      ({ action }) => action === 'production.turned',
    );
    expect(turns.map(({ detail }) => detail?.['verdict'])).toEqual(['healthy']);
  });

  test('have no ship report to mark when none was written', async () => {
    const house = new House();
    house.check.always(({ version }) => ({ ok: version === '1.2.0', detail: 'down' }));
    const { state } = await ship(house, await house.open());
    expect(state).toBe('rolled-back');
    expect(house.repository.text('main', INCIDENT)).toContain('v1.3.0');
    expect(house.repository.text('main', REPORT)).toBeUndefined();
  });

  test('quote a problem that a person reported, once', async () => {
    const house = new House();
    const flow = (run: MemoryRun, { promotionId }: { promotionId: string }) =>
      promote(run, house.ports, promotionId);
    const runs = new MemoryRuns({
      clock: house.clock,
      flows: { promote: flow as never, rollback: flow as never },
    });
    const requests = house.requests({
      runs,
    });
    const id = await house.open();
    await runs.start('promote', id, { promotionId: id });
    await runs.idle(id);
    await house.approve(id);
    await runs.send(id, { kind: 'vote' }, 'vote');
    await runs.idle(id);
    await house.clock.advance(60_000);
    expect(await house.state(id)).toBe('monitoring');
    const caller = { user: 'U_LINUS', via: 'shortcut', key: 'k1' };
    await steer(requests, caller, id, { kind: 'report', text: 'the <cart> is *empty*' });
    await runs.idle(id);
    await runs.send(id, { kind: 'rollback', by: 'U_LINUS', reason: 'orders fail' }, 'back');
    await runs.idle(id);
    for (let tick = 0; (await house.state(id)) !== 'rolled-back' && tick < 20; tick++) {
      await house.clock.advance(10_000);
    }
    expect(await house.state(id)).toBe('rolled-back');
    const incident = house.repository.text('main', INCIDENT);
    expect(count(incident, 'Reported a problem: the &lt;cart&gt; is \\*empty\\* | U\\_LINUS |')).toBe(1);
  });
});

describe('a further rollback of the same promotion', () => {
  const ORDER = { by: 'U_LINUS', reason: 'still slow', to: '1.1.0' };

  async function rolledBackOnce() {
    const house = new House();
    const older = house.repository.push('main', 'chore: release 1.1.0', {});
    house.repository.tag('v1.1.0', older);
    const release = { version: '1.1.0', tag: 'v1.1.0', commit: older };
    await house.ledger.adopt({ service: 'shop', release, by: 'U_GRACE' });
    const { id } = await rolledBackByItself(house);
    const before = house.repository.text('main', INCIDENT) ?? '';
    const written = before.replace('_To be written._', 'An index was missing.');
    expect(written).not.toBe(before);
    house.repository.push('main', 'docs: the cause', { [INCIDENT]: written });
    return { house, id, written };
  }

  test('says what was live, and leaves what people wrote', async () => {
    const { house, id, written } = await rolledBackOnce();
    await rollBackAgain(house, id, ORDER);
    expect(await house.state(id)).toBe('rolled-back');
    expect(house.target.current?.version).toBe('1.1.0');
    expect(house.target.started.map(({ order }) => order.release.version)).toEqual([
      '1.3.0',
      '1.2.0',
      '1.1.0',
    ]);
    const text = house.repository.text('main', INCIDENT) ?? '';
    expect(text.startsWith(written)).toBe(true);
    const added = text.slice(written.length);
    expect(added).toContain('# Incident: shop 1.2.0 rolled back');
    expect(added).toContain('- **Rolled back**: `v1.2.0` to `v1.1.0`');
    expect(added).not.toContain('`v1.3.0` to `v1.1.0`');
    expect(added).not.toContain('Live when it began');
    const report = house.repository.text('main', REPORT) ?? '';
    expect(report).toContain('- **Rolled back**: `v1.2.0` to `v1.1.0`');
    expect(report).toContain('- **Rolled back**: `v1.3.0` to `v1.2.0`');
    expect(house.slack.notices('rolled-back').at(-1)?.incident?.text).not.toContain('An index was missing.');
  });

  test('is written once, wherever it is killed', async () => {
    const whole = await rolledBackOnce();
    const { journal } = await rollBackAgain(whole.house, whole.id, ORDER);
    expect(journal.entries.length).toBeGreaterThan(6);
    for (const { at, when } of crashPoints(journal.entries.length)) {
      const { house, id, written } = await rolledBackOnce();
      const kept = new MemoryJournal();
      await rollBackAgain(house, id, ORDER, { journal: kept, crash: { at, when } });
      await rollBackAgain(house, id, ORDER, { journal: kept });
      const where = `${journal.names()[at]} ${when}`;
      expect(await house.state(id), where).toBe('rolled-back');
      expect(house.target.started, where).toHaveLength(3);
      const text = house.repository.text('main', INCIDENT) ?? '';
      expect(text.startsWith(written), where).toBe(true);
      expect(count(text, '# Incident: '), where).toBe(2);
      expect(text, where).toContain('`v1.2.0` to `v1.1.0`');
    }
  });

  test('goes on from the last one that succeeded, also after one that was given up', async () => {
    const { house, id } = await rolledBackOnce();
    for (let time = 0; time < 2; time++) house.target.breakNextDeployment('no space');
    await rollBackAgain(house, id, ORDER);
    expect(await house.state(id)).toBe('failed');
    expect(house.slack.notices('rollback-failed')).toMatchObject([
      { production: expect.stringMatching(/^Production has 1\.2\.0 \(\w{7}\)\.$/) },
    ]);
    expect((await house.ledger.get(id)).data.notice?.text).toMatch(
      /given up: no space\. Production has 1\.2\.0 /,
    );
    const run = new MemoryRun({ id: `${id}-rollback-12`, clock: house.clock, script: () => null });
    await drive(run, (r) => rollback(r, house.ports, id, ORDER));
    expect(await house.state(id)).toBe('rolled-back');
    expect(house.repository.text('main', INCIDENT)).toContain('- **Rolled back**: `v1.2.0` to `v1.1.0`');
  });
});

describe('the next plan after a rollback', () => {
  const NEXT = 'specs/015-gifts/state.yaml';

  test('says what production really runs, and what goes live again', async () => {
    const house = new House();
    await rolledBackByItself(house);
    await house.ledger.unlock('shop', 'U_ADA');
    house.metrics.weather(() => ({ total: 600, errors: 0, latencyMs: 20 }));
    const validated = house.repository.push('main', 'feat!: gifts', { 'src/server.js': 'newer\n' });
    house.repository.push('main', 'docs: state', { [NEXT]: stateFile(validated) });
    const id = 'shop-0002';
    await house.ledger.open({
      id,
      request: { service: 'shop', bump: 'auto', by: 'U_ADA' },
      channel: 'C_SHIP',
    });
    const { data, state } = await ship(house, id);
    expect(state).toBe('shipped');
    expect(data.plan).toMatchObject({
      version: { current: '1.3.0', next: '2.0.0' },
      rollbackTo: { version: '1.2.0' },
      alsoShips: [{ version: '1.3.0', rolledBack: true }],
    });
    const report = house.repository.text('main', 'specs/015-gifts/production-ship-report.md');
    expect(report).toContain('- **Version**: `v2.0.0` (was 1.2.0, major)');
    expect(report).toContain('- **Also shipped**: 1.3.0 (rolled back before)');
  });

  test('names a release that was cut and never went live, but not one that is live', async () => {
    const house = new House();
    house.target.breakNextDeployment();
    await ship(house, await house.open(), (state) =>
      state === 'deploying' ? { kind: 'cancel', by: 'U_ADA', reason: 'tomorrow' } : null,
    );
    house.repository.push('main', 'fix: more');
    house.repository.push('main', 'docs: state', {
      [STATE]: stateFile(house.repository.branches.get('main') ?? ''),
    });
    const id = 'shop-0002';
    await house.ledger.open({
      id,
      request: { service: 'shop', bump: 'auto', by: 'U_ADA' },
      channel: 'C_SHIP',
    });
    const { data } = await ship(house, id);
    expect(data.plan?.alsoShips).toEqual([{ version: '1.3.0', rolledBack: false }]);
    const first = await house.ledger.get('shop-0001');
    expect(first.data.plan).not.toHaveProperty('alsoShips');
  });

  test('does not name the release itself when a tag that exists is deployed', async () => {
    const house = new House();
    house.target.breakNextDeployment();
    await ship(house, await house.open(), (state) =>
      state === 'deploying' ? { kind: 'cancel', by: 'U_ADA', reason: 'tomorrow' } : null,
    );
    const id = 'shop-0002';
    await house.ledger.open({
      id,
      request: { service: 'shop', bump: 'auto', by: 'U_ADA' },
      channel: 'C_SHIP',
    });
    const { data } = await ship(house, id);
    expect(data.plan?.release.kind).toBe('existing');
    expect(data.plan).not.toHaveProperty('alsoShips');
  });
});
