import type { About } from '../../src/blocks/thread/content.ts';
import type { Notice } from '../../src/domain/promotion/notice.ts';
import type { PromotionData, PromotionState } from '../../src/domain/promotion/promotion.ts';
import * as fixtures from './fixtures.ts';

const { EVIL, T0, MIN } = fixtures;
const deployed: PromotionData = { gates: fixtures.gates, plan: fixtures.plan, release: fixtures.release };
export const about = (state: PromotionState, data: PromotionData = deployed): About => ({
  promotion: fixtures.promotion(state, data),
  service: fixtures.service,
});
const chart = { title: 'Error rate', unit: 'ratio' as const, points: [], deployedAt: T0 };

/** Every kind at least once, with outside text wherever it can be. */
export const said: readonly (readonly [Notice, About])[] = [
  [{ kind: 'started', by: 'U0ALEX', note: EVIL }, about('checking', {})],
  [{ kind: 'blocked', gates: fixtures.blockedGates }, about('blocked')],
  [{ kind: 'blocked', gates: fixtures.blockedGates, voided: ['U0DANA', 'U0KIM'] }, about('blocked')],
  [
    { kind: 'blocked', gates: fixtures.gates.map((gate) => ({ ...gate, verdict: 'pending' as const })) },
    about('blocked'),
  ],
  [
    { kind: 'ready', approvals: 2, approvers: '<!subteam^S0RELEASE>, @owners', expiresAt: T0 + 60 * MIN },
    about('awaiting-approval'),
  ],
  [{ kind: 'approved', by: 'U0DANA', missing: 1 }, about('awaiting-approval')],
  [{ kind: 'approved', by: 'U0KIM', missing: 0 }, about('awaiting-approval')],
  [{ kind: 'withdrawn', by: 'U0DANA', missing: 2 }, about('awaiting-approval')],
  [{ kind: 'declined', by: 'U0DANA', reason: EVIL }, about('awaiting-approval')],
  [{ kind: 'unproven', by: 'U0KIM', decision: 'approve' }, about('awaiting-approval')],
  [{ kind: 'voided', changes: [`candidate: a → ${EVIL}`] }, about('awaiting-approval')],
  [{ kind: 'voided', changes: ['Lock: taken.'], isWithdrawn: true }, about('blocked')],
  [{ kind: 'risk-accepted', by: 'U0KIM', risk: 'failed-checks', what: [EVIL] }, about('verifying')],
  [{ kind: 'risk-accepted', by: 'U0KIM', risk: 'lower-version', what: ['patch'] }, about('blocked')],
  [{ kind: 'releasing', version: '2.7.0' }, about('releasing')],
  [{ kind: 'release-refused', reason: EVIL }, about('blocked', { decision: 'release-refused' })],
  [{ kind: 'tag-missing', reason: EVIL }, about('releasing', { decision: 'retry-release' })],
  [{ kind: 'released', release: fixtures.release }, about('releasing')],
  [{ kind: 'deployed', release: fixtures.release, deployment: fixtures.deployment }, about('verifying')],
  [
    {
      kind: 'deploy-failed',
      reason: EVIL,
      production: 'Production has 2.6.0.',
      log: ['building', EVIL, 'exit code 1'],
      logUrl: 'https://ci.test/1',
    },
    about('deploying', { ...deployed, decision: 'retry-deploy' }),
  ],
  [{ kind: 'health', verdict: 'healthy', results: fixtures.health }, about('verifying')],
  [{ kind: 'health', verdict: 'degraded', results: fixtures.badHealth }, about('verifying')],
  [
    { kind: 'health', verdict: 'critical', results: fixtures.badHealth },
    about('verifying', { ...deployed, decision: 'unhealthy' }),
  ],
  [{ kind: 'health', verdict: 'critical', results: fixtures.badHealth }, about('verifying')],
  [
    { kind: 'report', path: `specs/${EVIL}.md`, url: 'https://git.test/report', text: '# Report' },
    about('verifying'),
  ],
  [
    {
      kind: 'started',
      by: 'U0ALEX',
      hotfix: {
        of: { promotion: 'shop-1', version: EVIL, commit: 'c'.repeat(40), incident: `specs/${EVIL}.md` },
        fix: { commit: 'f'.repeat(40), name: EVIL },
      },
    },
    about('checking', {}),
  ],
  [
    { kind: 'hotfix-announced', by: 'U0KIM', fix: { commit: 'f'.repeat(40), name: EVIL } },
    about('monitoring'),
  ],
  [{ kind: 'hotfix-waits', by: 'U0KIM', open: 'shop-9' }, about('shipped')],
  [{ kind: 'watching', until: T0 + 15 * MIN, everyMs: 30_000 }, about('monitoring')],
  [
    { kind: 'watching', until: T0 + 5 * MIN, everyMs: 30_000, stage: fixtures.stage },
    about('monitoring', { ...deployed, stage: fixtures.stage }),
  ],
  [
    {
      kind: 'watching',
      until: T0 + 15 * MIN,
      everyMs: 30_000,
      report: { path: `specs/${EVIL}.md`, url: 'https://git.test/report', text: '# Report' },
    },
    about('monitoring', { ...deployed, health: fixtures.health }),
  ],
  [
    {
      kind: 'watching',
      until: T0 + 15 * MIN,
      everyMs: 30_000,
      report: { path: `specs/${EVIL}.md`, text: '# Report', isLate: true },
    },
    about('monitoring'),
  ],
  [{ kind: 'monitor', judgement: fixtures.judgement(), until: T0, alarm: false }, about('monitoring')],
  [
    {
      kind: 'monitor',
      judgement: { ...fixtures.judgement('inconclusive'), recovered: true },
      until: T0,
      alarm: false,
    },
    about('monitoring'),
  ],
  [
    { kind: 'monitor', judgement: fixtures.judgement('critical'), until: T0, alarm: true, chart },
    about('monitoring', { ...deployed, decision: 'warning', risk: fixtures.risk }),
  ],
  [
    { kind: 'monitor', judgement: fixtures.judgement('warning'), until: T0, alarm: true },
    about('monitoring', { ...deployed, plan: { ...fixtures.plan, rollbackTo: null } }),
  ],
  [
    { kind: 'monitor', judgement: fixtures.judgement('inconclusive'), until: T0, alarm: true },
    about('monitoring', { ...deployed, decision: 'unproven' }),
  ],
  [
    {
      kind: 'undecided',
      failed: 'deploy',
      since: T0,
      forMs: 10 * MIN,
      step: 'on-call',
      who: '<@U0DANA>',
      problem: EVIL,
    },
    about('deploying', { ...deployed, decision: 'retry-deploy' }),
  ],
  [
    { kind: 'alarm-untaken', since: T0, forMs: 10 * MIN, verdict: 'critical', step: 'approvers', who: EVIL },
    about('monitoring', { ...deployed, decision: 'warning' }),
  ],
  [{ kind: 'alarm-taken', by: 'U0KIM' }, about('monitoring')],
  [{ kind: 'rollback-stopped', by: 'U0KIM' }, about('monitoring', { ...deployed, decision: 'warning' })],
  [{ kind: 'unlocked', by: 'U0DANA', reason: EVIL }, about('rolled-back')],
  [{ kind: 'withdrawn', by: 'U0DANA', missing: 2 }, about('awaiting-approval')],
  [{ kind: 'unproven', by: 'U0DANA', decision: 'approve' }, about('awaiting-approval')],
  [{ kind: 'window-changed', by: 'U0KIM', change: 'extended', until: T0 + 30 * MIN }, about('monitoring')],
  [{ kind: 'window-changed', by: 'U0KIM', change: 'held', until: T0 }, about('monitoring')],
  [{ kind: 'window-changed', by: 'U0KIM', change: 'released', until: T0 }, about('monitoring')],
  [
    {
      kind: 'user-report',
      by: 'U0KIM',
      text: EVIL,
      place: 'channel',
      link: 'https://ours.slack.com/archives/C1/p1',
    },
    about('monitoring'),
  ],
  [
    {
      kind: 'user-report',
      by: 'U0KIM',
      text: '',
      place: 'channel',
      link: 'https://ours.slack.com/archives/C2/p1',
    },
    about('monitoring'),
  ],
  [
    { kind: 'user-report', by: EVIL, text: EVIL, place: 'issue', link: 'https://git.test/issues/1' },
    about('monitoring'),
  ],
  [{ kind: 'user-report', by: 'U0KIM', text: EVIL }, about('monitoring')],
  [
    {
      kind: 'alarm-untaken',
      since: T0,
      forMs: 5 * MIN,
      verdict: 'critical',
      step: 'approvers',
      who: '<!subteam^S0RELEASE>',
    },
    about('monitoring', { ...deployed, decision: 'warning' }),
  ],
  [{ kind: 'alarm-taken', by: 'U0KIM' }, about('monitoring', { ...deployed, decision: 'warning' })],
  [{ kind: 'rollback-stopped', by: 'U0KIM' }, about('monitoring', { ...deployed, decision: 'warning' })],
  [{ kind: 'rollback-started', to: fixtures.before, by: null, reason: EVIL }, about('rolling-back')],
  [
    { kind: 'rollback-started', to: fixtures.before, by: 'U0KIM', reason: 'cart is empty' },
    about('rolling-back'),
  ],
  [
    {
      kind: 'rolled-back',
      to: fixtures.before,
      at: fixtures.T0 + 22 * MIN,
      health: fixtures.health,
      notUndone: ['database migrations', EVIL],
      incident: { path: `specs/${EVIL}/incident.md`, text: '# Incident' },
    },
    about('rolled-back'),
  ],
  [
    {
      kind: 'rolled-back',
      to: fixtures.before,
      health: [],
      notUndone: [],
      tagStays: { tag: 'v2.7.0', reason: EVIL },
    },
    about('rolled-back'),
  ],
  [
    { kind: 'rollback-failed', reason: EVIL, log: [EVIL] },
    about('rolling-back', { ...deployed, decision: 'retry-deploy' }),
  ],
  [{ kind: 'rollback-failed', reason: 'nothing to go back to' }, about('failed')],
  [
    {
      kind: 'shipped',
      release: fixtures.release,
      judgement: fixtures.judgement(),
      watchedMs: 15 * MIN,
      chart,
    },
    about('shipped'),
  ],
  [
    {
      kind: 'shipped',
      release: fixtures.release,
      judgement: fixtures.judgement('warning'),
      watchedMs: 15 * MIN,
      accepted: { by: 'U0KIM', verdict: 'warning', what: [`error rate: ${EVIL}`], hotfix: 'shop-2' },
    },
    about('shipped'),
  ],
  [{ kind: 'not-stopped', reason: EVIL }, about('deploying')],
  [{ kind: 'not-stopped', reason: EVIL, isLive: true }, about('verifying')],
  [{ kind: 'trouble', what: 'the git remote', reason: EVIL }, about('releasing')],
  [{ kind: 'recovered', what: 'the git remote' }, about('releasing')],
  [{ kind: 'closed', state: 'cancelled', by: 'U0KIM', reason: EVIL }, about('cancelled')],
  [{ kind: 'closed', state: 'expired', by: null, reason: 'Nobody approved in time.' }, about('expired')],
  [{ kind: 'closed', state: 'failed', by: null, reason: 'The tag exists.' }, about('failed')],
  [{ kind: 'next-in-queue', user: 'U0KIM', service: 'shop' }, about('shipped')],
  [
    {
      kind: 'next-in-queue',
      user: 'U0KIM',
      service: 'shop',
      wish: { feature: `014-${EVIL}`, bump: 'minor', note: EVIL },
    },
    about('shipped'),
  ],
  [
    {
      kind: 'override',
      override: fixtures.override,
      approvers: '<!subteam^S0RELEASE>',
    },
    about('awaiting-approval', { ...deployed, overrides: [fixtures.override] }),
  ],
  [
    { kind: 'debt-reminder', debt: fixtures.debt, isOverdue: false, approvers: '<@U0DANA>' },
    about('shipped'),
  ],
  [{ kind: 'debt-reminder', debt: fixtures.debt, isOverdue: true, approvers: '<@U0DANA>' }, about('shipped')],
  [{ kind: 'debt-acknowledged', by: 'U0DANA', owners: ['U0KIM', 'U0ALEX'] }, about('shipped')],
  [{ kind: 'unlocked', by: 'U0KIM', reason: EVIL }, about('rolled-back')],
  [{ kind: 'lock-stolen', by: 'U0DANA', from: 'slipway', reason: EVIL }, about('rolled-back')],
];
