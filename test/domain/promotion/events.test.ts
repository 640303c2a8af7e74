import { describe, expect, it, test } from 'vitest';
import type { GateResult } from '../../../src/domain/gates/gate.ts';
import { freshSteps, type PromotionEvent, withStep } from '../../../src/domain/promotion/event.ts';
import * as approval from '../../../src/domain/promotion/events/approval.ts';
import * as delivery from '../../../src/domain/promotion/events/delivery.ts';
import * as ending from '../../../src/domain/promotion/events/ending.ts';
import * as proof from '../../../src/domain/promotion/events/proof.ts';
import * as rolling from '../../../src/domain/promotion/events/rolling-back.ts';
import * as verification from '../../../src/domain/promotion/events/verification.ts';
import * as watch from '../../../src/domain/promotion/events/watch.ts';
import type { Plan } from '../../../src/domain/promotion/plan.ts';
import { isOpen, type MonitorView } from '../../../src/domain/promotion/promotion.ts';
import { POLICY } from '../../flows/house.ts';

const AT = Date.UTC(2030, 0, 7, 10);
const release = { version: '1.3.0', tag: 'v1.3.0', commit: 'c'.repeat(40), url: 'https://host/v1.3.0' };
const before = { version: '1.2.0', tag: 'v1.2.0', commit: 'b'.repeat(40) };
const deployment = { id: 'd-1', startedAt: AT, finishedAt: AT + 1000, url: 'https://host/d-1' };
const plan = {
  version: { next: '1.3.0', tag: 'v1.3.0' },
  service: 'shop',
  policy: { approvals: 1 },
} as unknown as Plan;
const asked = { plan, digest: 'f'.repeat(64) };
const gate = (verdict: GateResult['verdict']): GateResult => ({
  id: 'ci',
  title: 'CI',
  verdict,
  reason: 'red',
});
const bad = { name: 'web', kind: 'http', critical: true, ok: false, detail: '503', attempts: 2 };
const view: MonitorView = {
  startedAt: AT,
  endsAt: AT + 60_000,
  tick: 1,
  judgement: {
    verdict: 'warning',
    findings: [{ metric: 'error rate', verdict: 'warning', unit: 'ratio', reason: '5 % fail' }],
  },
  held: false,
  errorRates: [],
  blind: 0,
  reports: 0,
};
const order = { by: 'U_LINUS', reason: 'orders fail' };
const override = {
  id: 'o1',
  by: 'U_ADA',
  reason: 'fire',
  at: AT,
  due: AT + 1,
  keys: ['lock'],
  over: ['the lock'],
} as unknown as Parameters<typeof approval.overridden>[0];

const question = { asked, gates: [gate('passed')], changes: null, policy: POLICY, at: AT };
const blockedBy = {
  gates: [gate('failed'), gate('passed')],
  plan,
  lowerBump: false,
  isNews: true,
  byItself: false,
  voters: ['U_GRACE'],
};
const rolled = { to: before, by: null, record: null, incident: null, tagStays: null, notUndone: ['caches'] };

const EVENTS: readonly PromotionEvent[] = [
  verification.lookingAgain(true),
  verification.blocked(blockedBy),
  approval.planUnchanged([]),
  approval.approvalsVoided(['the commit']),
  approval.planReady({ ...question, before: null }),
  approval.bumpChosen({ bump: 'major', by: 'U_ADA' }),
  approval.overridden(override, POLICY),
  approval.agreed(asked),
  approval.noLongerHolds('release', ['Lock: taken.']),
  approval.noLongerHolds('deploy', ['Lock: taken.']),
  delivery.released(release, 'cut'),
  delivery.releaseRefused('branch-moved', { text: 'main moved.' }, true),
  delivery.deploying,
  delivery.deploymentBegins(release, 1, asked.digest),
  delivery.deployed(release, deployment, asked.digest),
  delivery.deployFailed({ reason: 'exit code 1' }, 1, 'Production has 1.2.0.'),
  delivery.notStopped('it is past that'),
  proof.verifying(null),
  proof.healthChecked([bad], true),
  proof.unhealthyAccepted('U_ADA', [bad]),
  proof.reporting,
  proof.reported({ path: 'r.md', text: '#', problem: null }, true),
  proof.releasePagePublished({ kind: 'refused', reason: 'no right' }, 'deployed'),
  watch.watchBegins(view, 30_000, { path: 'r.md', text: '#', problem: null }),
  watch.problemReported(view, { by: 'U_ADA', at: AT, place: 'form', text: 'slow' }, []),
  watch.hotfixAnnounced(view, { by: 'U_ADA', at: AT }),
  ending.hotfixWaits({ next: 'shop-2', by: 'U_ADA' }, 'shop-3'),
  watch.windowChanged(view, 'U_ADA', 'held'),
  watch.productionSeen(view, { was: 'watching', decision: 'warning', alarm: true, isOver: false }),
  rolling.rollbackImpossible(null, 'nothing was live', 'Production has 1.3.0.'),
  rolling.rollbackBegan({ to: before, order, before: undefined, run: 'shop-1', at: AT }),
  rolling.rollbackFailed(before, { reason: '503' }, 2, 'Production has 1.3.0.'),
  rolling.rollbackRetried,
  rolling.rollbackGivenUp(null, '503', 'Nothing is in production.'),
  rolling.rolledBack(rolled),
  ending.closed({ state: 'cancelled', by: 'U_ADA', reason: 'Not today.' }),
  ending.waitsFor('release', 'the git remote', 'no answer'),
  ending.answersAgain('release', 'the git remote'),
];

describe('what can happen to a promotion', () => {
  it('has a name of its own each, which journals keep', () => {
    const names = EVENTS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.every((name) => /^[a-z0-9-]+$/.test(name))).toBe(true);
  });

  it('is plain data', () => {
    for (const event of EVENTS) expect(JSON.parse(JSON.stringify(event))).toEqual(event);
  });

  it('tells the audit of every change of state but the turns of a step', () => {
    const turns = ['unchanged', 'deploying', 'verifying', 'monitor-start'];
    const silent = EVENTS.filter(({ to, audit, name }) => to && !audit && !turns.includes(name));
    expect(silent).toEqual([]);
  });

  it('tells people of every end', () => {
    const ends = EVENTS.filter(({ to }) => to !== undefined && !isOpen(to));
    expect(ends.map(({ to }) => to)).toEqual(['failed', 'failed', 'rolled-back', 'cancelled']);
    for (const { notice, audit } of ends) expect([notice, audit]).not.toContain(undefined);
  });

  it('voids approvals when what people approved is no longer shown', () => {
    const asking = EVENTS.filter(({ digest }) => digest !== undefined);
    expect(asking.map(({ name }) => name)).toEqual([
      'blocked',
      'ready',
      'release-withdrawn',
      'deploy-withdrawn',
      'release-refused',
    ]);
    expect(asking.every(({ voidApprovals }) => voidApprovals)).toBe(true);
  });
});

describe('single events', () => {
  test('blocked: the thread hears of the gates that do not pass, once', () => {
    const { notice, audit, progress } = verification.blocked(blockedBy);
    expect(notice).toEqual({ kind: 'blocked', gates: [gate('failed')], voided: ['U_GRACE'] });
    expect(audit).toMatchObject({ action: 'promotion.blocked', detail: { gates: ['ci'] } });
    expect(progress?.[0]).toEqual({ name: 'verify', status: 'failed', detail: '1 gate is not passed' });
    const again = verification.blocked({ ...blockedBy, isNews: false });
    expect(again.to).toBe('blocked');
    // What nobody asked for and is no news leaves the card's buttons as they are.
    expect(verification.blocked({ ...blockedBy, isNews: false, byItself: true }).to).toBeUndefined();
    expect(verification.blocked({ ...blockedBy, byItself: true }).to).toBe('blocked');
    expect([again.notice, again.audit]).toEqual([undefined, undefined]);
    expect(verification.blocked({ ...blockedBy, lowerBump: true }).data?.decision).toBe('lower-bump');
  });

  test('ready: approvals expire by the policy; what changed is kept with the digest before', () => {
    const first = approval.planReady({ ...question, before: null });
    expect(first.data).toMatchObject({ expiresAt: AT + POLICY.approvalsExpireMs, voided: null });
    expect(first.audit).toMatchObject({
      action: 'plan.ready',
      digestBefore: null,
      digestAfter: asked.digest,
    });
    const second = approval.planReady({
      ...question,
      before: { plan, digest: 'e'.repeat(64) },
      changes: ['Commit: another one'],
    });
    expect(second.audit).toMatchObject({ action: 'plan.changed', digestBefore: 'e'.repeat(64) });
    expect(second.data?.voided).toEqual({ was: 'e'.repeat(64), changes: ['Commit: another one'], at: AT });
    const nobody = approval.planReady({ ...question, before: null, policy: { ...POLICY, approvals: 0 } });
    expect(nobody.notice).toBeUndefined();
  });

  test('a release that the host refused asks people, unless the branch moved, which is looked at again', () => {
    const said = { text: 'A push to main is refused.', hint: 'Give Slipway the right to push.' };
    const reason = 'A push to main is refused. Give Slipway the right to push.';
    expect(delivery.releaseRefused('not-writable', said, false)).toMatchObject({
      data: { decision: 'release-refused' },
      notice: { kind: 'release-refused', reason },
    });
    const moved = delivery.releaseRefused('branch-moved', said, true);
    expect(moved).toMatchObject({ data: { decision: null }, notice: { kind: 'voided', changes: [reason] } });
  });

  test('health: critical failures are listed; people are asked only where policy says so', () => {
    const unasked = { ...bad, critical: false, unasked: true, name: 'dns' } as const;
    expect(proof.unhealthy([bad, unasked])).toEqual(proof.unhealthy([bad]));
    expect(proof.healthChecked([unasked], false).progress).toMatchObject([
      { status: 'done', detail: '0 of 1 checks passed, 1 could not be asked' },
    ]);
    const asks = proof.healthChecked([bad], true);
    expect(asks.data?.decision).toBe('unhealthy');
    expect(asks.progress).toEqual([{ name: 'health', status: 'failed', detail: 'web: 503' }]);
    const minor = proof.healthChecked(
      [
        { ...bad, critical: false },
        { ...bad, ok: true },
      ],
      false,
    );
    expect(minor.data?.decision).toBeNull();
    expect(minor.progress).toEqual([{ name: 'health', status: 'done', detail: '1 of 2 checks passed' }]);
  });

  test('a report that could not be committed says so and is shown all the same', () => {
    const event = proof.reported(
      { path: 'r.md', text: '# R', problem: 'r.md could not be committed.' },
      true,
    );
    expect(event.progress?.[0]).toMatchObject({ status: 'failed', detail: 'r.md could not be committed.' });
    expect(event.audit?.result).toBe('refused');
    const late = watch.watchBegins(view, 30_000, { path: 'r.md', text: '# R', problem: 'not now' });
    expect(late.notice).toMatchObject({ report: { path: 'r.md', text: '# R', isLate: true } });
  });

  test('production turned is in the audit when the verdict is another one, not at each checkpoint', () => {
    const update = { decision: null, alarm: false, isOver: false } as const;
    expect(watch.productionSeen(view, { ...update, was: 'healthy' }).audit).toMatchObject({
      action: 'production.turned',
      detail: { verdict: 'warning', was: 'healthy', reason: 'error rate: 5 % fail' },
    });
    expect(watch.productionSeen(view, { ...update, was: 'warning' }).audit).toBeUndefined();
  });

  test('a rollback goes on from an earlier one of the same promotion', () => {
    const earlier = { to: before, by: null, reason: 'x', startedAt: AT, finishedAt: AT + 5 };
    const { data, audit } = rolling.rollbackBegan({
      to: before,
      order,
      before: earlier,
      run: 'r',
      at: AT + 9,
    });
    expect(data?.rollback).toEqual({
      to: before,
      ...order,
      startedAt: AT + 9,
      after: { release: before, at: AT + 5 },
    });
    expect(audit).toMatchObject({ actor: 'U_LINUS', action: 'rollback.started' });
  });

  test('rolled back: says what it did not undo, and which tag stays', () => {
    const { notice, data } = rolling.rolledBack({
      ...rolled,
      record: { to: before, by: null, reason: 'x', startedAt: AT, finishedAt: AT + 5 },
      incident: { path: 'i.md', text: '# I', problem: null },
      tagStays: { tag: 'v1.3.0', reason: 'protected' },
    });
    expect(notice).toMatchObject({
      notUndone: ['database migrations', 'caches'],
      at: AT + 5,
      tagStays: { tag: 'v1.3.0' },
    });
    expect(data?.rollback?.incidentPath).toBe('i.md');
  });

  test('what nobody in particular did is by Slipway', () => {
    expect(ending.closed({ state: 'expired', by: null, reason: 'x' }).audit).toMatchObject({
      actor: 'slipway',
      action: 'promotion.expired',
    });
    const watched = { judgement: view.judgement, watchedMs: 5, acceptedBy: 'U_ADA' };
    const chart = { title: '', unit: 'ratio', points: [], deployedAt: AT } as const;
    const report = { path: 'r.md', text: '# R', problem: null };
    expect(ending.shipped(release, watched, chart, report).audit).toMatchObject({
      actor: 'U_ADA',
      detail: { version: '1.3.0', verdict: 'warning' },
    });
  });
});

describe('progress of the card', () => {
  test('a step that runs, ends and runs again has the times of its last run', () => {
    const running = withStep(freshSteps(), { name: 'deploy', status: 'running', detail: 'a' }, 10);
    const failed = withStep(running, { name: 'deploy', status: 'failed' }, 20);
    const again = withStep(failed, { name: 'deploy', status: 'running' }, 30);
    const of = (steps: ReturnType<typeof freshSteps>) => steps.find(({ name }) => name === 'deploy');
    expect(of(running)).toEqual({ name: 'deploy', status: 'running', detail: 'a', startedAt: 10 });
    expect(of(failed)).toEqual({ name: 'deploy', status: 'failed', startedAt: 10, finishedAt: 20 });
    expect(of(again)).toEqual({ name: 'deploy', status: 'running', startedAt: 30 });
  });

  test('a deployment took as long on the card as in the thread, and a rollback as its first line says', () => {
    const running = withStep(freshSteps(), { name: 'deploy', status: 'running' }, 10);
    const { startedAt, finishedAt } = deployment;
    const steps = (delivery.deployed(release, deployment, null).progress ?? []).reduce(
      (all, one) => withStep(all, one, AT + 9_000),
      running,
    );
    expect(steps).toContainEqual(expect.objectContaining({ name: 'deploy', startedAt, finishedAt }));
    const record = { to: release, by: null, reason: 'x', startedAt: 5, finishedAt: 90_005 };
    const [back] = rolling.rolledBack({ ...rolled, record }).progress ?? [];
    expect(back).toMatchObject({ startedAt: 5, finishedAt: 90_005 });
  });

  test('a step that is not on the card yet is added', () => {
    expect(withStep(freshSteps(), { name: 'rollback', status: 'running' }, 5).at(-1)).toEqual({
      name: 'rollback',
      status: 'running',
      startedAt: 5,
    });
  });
});
