import type { CardView, ServiceView } from '../../src/blocks/kit/views.ts';
import type { GateResult } from '../../src/domain/gates/gate.ts';
import type { Judgement } from '../../src/domain/judge/verdict.ts';
import type { Debt, Override } from '../../src/domain/policy/override.ts';
import type { HealthResult } from '../../src/domain/promotion/health.ts';
import { digestOf, type Plan } from '../../src/domain/promotion/plan.ts';
import type {
  Approval,
  MonitorView,
  Promotion,
  PromotionData,
  PromotionState,
  StepProgress,
} from '../../src/domain/promotion/promotion.ts';
import type { Risk } from '../../src/domain/promotion/risk-facts.ts';
import type { Deployment, Release } from '../../src/domain/release/release.ts';
import type { Stage } from '../../src/domain/release/stages.ts';

/** 2026-11-22 09:00 UTC. */
export const T0 = Date.UTC(2026, 10, 22, 9, 0, 0);
export const MIN = 60_000;

/** What an attacker would commit. */
export const EVIL = '<!channel> *urgent* <https://evil|approve>';

export const before: Release = { version: '2.6.0', tag: 'v2.6.0', commit: 'b'.repeat(40) };
export const release: Release = {
  version: '2.7.0',
  tag: 'v2.7.0',
  commit: 'c'.repeat(40),
  url: 'https://git.test/shop/releases/v2.7.0',
};
export const deployment: Deployment = {
  id: 'dep-1',
  url: 'https://shop.test',
  logUrl: 'https://ci.test/runs/1',
  startedAt: T0 + 10 * MIN,
  finishedAt: T0 + 12 * MIN,
};

export const plan: Plan = {
  service: 'shop',
  candidate: {
    commit: 'a1b2c3d'.padEnd(40, '0'),
    branch: 'main',
    feature: { slug: '014-checkout', dir: 'specs/014-checkout' },
    stateFile: { path: 'specs/014-checkout/state.yaml', blob: 'd'.repeat(40) },
    validated: { commit: 'a1b2c3d'.padEnd(40, '0'), source: 'deployment.staging.commit_sha' },
    staging: { url: 'https://staging.shop.test', deploymentId: 'st-9' },
  },
  version: {
    current: '2.6.0',
    next: '2.7.0',
    tag: 'v2.7.0',
    bump: 'minor',
    suggested: 'minor',
    reasons: [
      { bump: 'minor', text: 'a1b2c3d feat(cart): coupons', commit: 'a1b2c3d'.padEnd(40, '0') },
      { bump: 'minor', text: 'CHANGELOG: Added' },
      { bump: 'patch', text: `e4f5a6b fix: ${EVIL}`, commit: 'e4f5a6b'.padEnd(40, '0') },
    ],
    lowered: false,
  },
  release: { kind: 'cut' },
  changelog: `### Added\n\n- Coupons in the cart\n\n### Fixed\n\n- ${EVIL}\n`,
  files: ['CHANGELOG.md', 'package-lock.json', 'package.json'],
  commits: {
    total: 3,
    subjects: [
      { sha: 'a1b2c3d'.padEnd(40, '0'), subject: 'feat(cart): coupons' },
      { sha: 'e4f5a6b'.padEnd(40, '0'), subject: `fix: ${EVIL}` },
    ],
  },
  target: { kind: 'git-branch', name: 'branch production', url: 'https://git.test/shop/tree/production' },
  rollbackTo: before,
  policy: { approvals: 2, hash: 'e'.repeat(64) },
};

export const gates: readonly GateResult[] = [
  {
    id: 'staging-validation',
    title: 'Staging validation',
    verdict: 'passed',
    reason: 'approved by dana on 2026-11-21',
    link: 'https://git.test/shop/blob/main/specs/014-checkout/state.yaml',
  },
  {
    id: 'rollback-gate',
    title: 'Rollback gate',
    verdict: 'passed',
    reason: 'quality_gates.rollback.status is passed',
  },
  {
    id: 'remote-writable',
    title: 'Remote writable',
    verdict: 'passed',
    reason: 'a push to main would be accepted',
  },
];

export const override: Override = {
  id: 'debt-1',
  by: 'U0KIM',
  reason: `the till is down ${EVIL}`,
  at: T0 + 2 * MIN,
  due: T0 + 1_442 * MIN,
  barriers: ['freeze:2026-11-23T07:00:00.000Z'],
  over: [`Frozen: weekend ${EVIL}`],
};

const { barriers: _barriers, ...owed } = override;
export const debt: Debt = { ...owed, promotionId: 'shop-1', service: 'shop' };

/** Only a freeze stands in the way. */
const frozenGates: readonly GateResult[] = [
  ...gates,
  {
    id: 'not-frozen',
    title: 'Freezes',
    verdict: 'failed',
    reason: `Frozen: weekend ${EVIL}`,
    moment: { words: 'until', at: T0 + 1_320 * MIN },
    barriers: override.barriers,
    remedy:
      'Wait until it is over: a promotion that waits then goes on by itself. In an emergency, break the glass.',
  },
];

export const blockedGates: readonly GateResult[] = [
  ...gates.slice(1),
  {
    id: 'staging-validation',
    title: 'Staging validation',
    verdict: 'failed',
    reason: 'manual_gates.staging_validation.status is pending',
    remedy: 'Run /validate-staging, commit the state file, then press Re-check.',
    link: 'https://git.test/shop/blob/main/specs/014-checkout/state.yaml',
  },
  {
    id: 'candidate',
    title: 'Candidate is what was validated',
    verdict: 'unknown',
    reason: `commits in between: ${EVIL}`,
    remedy: 'Validate staging again.',
  },
];

export const health: readonly HealthResult[] = [
  {
    name: '/health',
    kind: 'http',
    critical: true,
    ok: true,
    detail: '200 in 34 ms',
    attempts: 3,
    latencyMs: 34,
  },
  { name: 'version', kind: 'version', critical: true, ok: true, detail: 'answers 2.7.0', attempts: 3 },
];

export const badHealth: readonly HealthResult[] = [
  ...health.slice(0, 1),
  {
    name: 'version',
    kind: 'version',
    critical: true,
    ok: false,
    detail: 'answered 2.6.0, expected 2.7.0',
    attempts: 9,
  },
];

export const judgement = (verdict: Judgement['verdict'] = 'healthy'): Judgement => ({
  verdict,
  findings: [
    {
      metric: 'error rate',
      verdict,
      baseline: 0.002,
      now: verdict === 'healthy' ? 0.0021 : 0.034,
      unit: 'ratio',
      reason:
        verdict === 'healthy'
          ? '7 of 3,400 requests failed since the deploy (0.2 %); 0.2 % before. A rise by 1 percentage point is ruled out.'
          : '21 of 600 requests failed in the last 30 s (3.4 %); 0.2 % before the deploy.',
    },
    {
      metric: 'latency p95',
      verdict: 'healthy',
      baseline: 120,
      now: 118,
      unit: 'ms',
      reason: '118 ms in the last 5 minutes, 120 ms before the deploy (-2 %; the limit is +10 %).',
    },
  ],
});

export const monitor = (more: Partial<MonitorView> = {}): MonitorView => ({
  startedAt: T0 + 15 * MIN,
  endsAt: T0 + 30 * MIN,
  tick: 10,
  judgement: judgement(),
  held: false,
  errorRates: [0.002, 0.001, null, 0.003, 0.002],
  blind: 0,
  reports: 0,
  ...more,
});

const NAMES = ['verify', 'approve', 'release', 'deploy', 'health', 'report', 'monitor'] as const;

export function steps(
  done: number,
  last: StepProgress['status'] = 'running',
  detail?: string,
): readonly StepProgress[] {
  return NAMES.map((name, index): StepProgress => {
    const startedAt = T0 + index * MIN;
    if (index < done) return { name, status: 'done', startedAt, finishedAt: startedAt + 42_000 };
    if (index > done) return { name, status: 'waiting' };
    return { name, status: last, startedAt, ...(detail ? { detail } : {}) };
  });
}

export const service: ServiceView = {
  name: 'shop',
  approvers: '<!subteam^S0RELEASE> or <@U0DANA>',
  call: '<!subteam^S0ONCALL>',
  tickMs: 30_000,
  errorRateRise: 0.01,
  latencyRise: 0.1,
  links: { production: 'https://shop.test', dashboard: 'https://grafana.test/d/shop' },
  repository: {
    commit: (sha) => `https://git.test/shop/commit/${sha}`,
    tag: (name) => `https://git.test/shop/tags/${name}`,
    file: (path, ref) => `https://git.test/shop/blob/${ref}/${path}`,
    compare: (from, to) => `https://git.test/shop/compare/${from}...${to}`,
  },
};

export function promotion(
  state: PromotionState,
  data: PromotionData = {},
  more: Partial<Promotion> = {},
): Promotion {
  return {
    id: 'pr_01JQX',
    service: 'shop',
    state,
    revision: 7,
    turn: 3,
    createdAt: T0,
    updatedAt: T0 + MIN,
    request: { service: 'shop', bump: 'auto', by: 'U0ALEX', note: `please, ${EVIL}` },
    channel: 'C0SHIP',
    digest: data.plan ? digestOf(data.plan) : null,
    data,
    ...more,
  };
}

export const approval = (by: string, more: Partial<Approval> = {}): Approval => ({
  by,
  digest: digestOf(plan),
  decision: 'approve',
  at: T0 + 5 * MIN,
  valid: true,
  ...more,
});

const planned = { gates, plan };
const deployed = {
  ...planned,
  before: { commit: before.commit, version: before.version },
  release,
  deployment,
};
const watched = { ...deployed, health, reportPath: 'specs/014-checkout/production-ship-report.md' };

export const risk: Risk = {
  files: 38,
  touched: [
    { kind: 'migrations', total: 2, paths: ['db/migrate/7.sql', EVIL] },
    { kind: 'dependencies', total: 1, paths: ['package.json'] },
  ],
  authors: ['Ada', EVIL],
  commits: [
    { sha: '1'.repeat(40), subject: EVIL, author: EVIL },
    { sha: '2'.repeat(40), subject: 'fix(cart): error of half a cent', author: 'Ada' },
    { sha: '3'.repeat(40), subject: 'feat(coupons): a field at checkout', author: 'Dana' },
    { sha: '4'.repeat(40), subject: 'docs: coupons', author: 'Dana' },
  ],
  last: [
    { version: '2.6.0', end: 'shipped' },
    { version: '2.5.1', end: 'rolled-back' },
  ],
  usual: { commits: 3, files: 9 },
};

/** One view per state, and the main variants of a state. */
export const views: Readonly<Record<string, CardView>> = Object.fromEntries(
  Object.entries({
    'just asked': [promotion('checking'), []],
    checking: [
      promotion('checking', {
        gates: gates.map((gate, at) =>
          at === 1 ? { ...gate, verdict: 'pending' as const, reason: 'reading' } : gate,
        ),
        steps: steps(0),
      }),
      [],
    ],
    blocked: [promotion('blocked', { gates: blockedGates, plan, steps: steps(0, 'failed') }), []],
    frozen: [promotion('blocked', { gates: frozenGates, plan, steps: steps(0, 'failed') }), []],
    'glass broken': [
      promotion('awaiting-approval', {
        ...planned,
        gates: frozenGates.map((gate) =>
          gate.barriers ? { ...gate, verdict: 'overridden' as const } : gate,
        ),
        steps: steps(1),
        overrides: [override],
      }),
      [],
    ],
    'glass broken, acknowledged': [
      promotion('shipped', {
        ...deployed,
        overrides: [{ ...override, acknowledged: { by: 'U0DANA', at: T0 + 30 * MIN } }],
      }),
      [],
    ],
    awaiting: [
      promotion('awaiting-approval', { ...planned, steps: steps(1), expiresAt: T0 + 240 * MIN }),
      [approval('U0DANA')],
    ],
    risky: [
      promotion('awaiting-approval', {
        ...planned,
        risk,
      }),
      [],
    ],
    'lower bump': [
      promotion(
        'blocked',
        {
          gates: [
            ...gates,
            {
              id: 'version',
              title: 'Version',
              verdict: 'failed',
              reason: 'patch was chosen, the commits ask for minor',
              remedy: 'Confirm the lower version or choose another one.',
            },
          ],
          decision: 'lower-bump',
        },
        { request: { service: 'shop', bump: 'patch', by: 'U0ALEX' } },
      ),
      [],
    ],
    voided: [
      promotion('awaiting-approval', {
        ...planned,
        voided: {
          was: 'f'.repeat(64),
          changes: [`commit: now ${EVIL}`, 'changelog: changed'],
          at: T0 + 6 * MIN,
        },
      }),
      [approval('U0DANA', { valid: false })],
    ],
    releasing: [
      promotion('releasing', { ...planned, steps: steps(2) }),
      [approval('U0DANA'), approval('U0KIM')],
    ],
    'release refused': [
      promotion('blocked', {
        ...planned,
        steps: steps(2, 'failed', 'main is protected'),
        decision: 'release-refused',
        notice: { kind: 'problem', text: `A push to main is refused: ${EVIL}. Nothing was pushed.` },
      }),
      [],
    ],
    'tag missing': [
      promotion('releasing', {
        ...planned,
        steps: steps(2, 'failed', 'the tag was refused'),
        decision: 'retry-release',
        notice: { kind: 'problem', text: `The commit is on main, and its tag was refused: ${EVIL}` },
      }),
      [],
    ],
    deploying: [
      promotion('deploying', { ...planned, release, steps: steps(3, 'running', `pushing ${EVIL}`) }),
      [approval('U0DANA'), approval('U0KIM')],
    ],
    'deploy failed': [
      promotion('deploying', {
        ...planned,
        release,
        steps: steps(3, 'failed', 'exit code 1'),
        decision: 'retry-deploy',
        notice: { kind: 'problem', text: `The deploy failed: ${EVIL}` },
      }),
      [],
    ],
    verifying: [promotion('verifying', { ...deployed, health: health.slice(0, 1), steps: steps(4) }), []],
    unhealthy: [
      promotion('verifying', {
        ...deployed,
        health: badHealth,
        steps: steps(4, 'failed'),
        decision: 'unhealthy',
        notice: { kind: 'problem', text: 'A critical check failed.' },
      }),
      [],
    ],
    monitoring: [
      promotion('monitoring', { ...watched, monitor: monitor(), steps: steps(6) }),
      [approval('U0DANA')],
    ],
    held: [promotion('monitoring', { ...watched, monitor: monitor({ held: true, blind: 5 }) }), []],
    alarm: [
      promotion('monitoring', {
        ...watched,
        monitor: monitor({ judgement: judgement('warning') }),
        decision: 'warning',
      }),
      [],
    ],
    'alarm that nobody has taken': [
      promotion('monitoring', {
        ...watched,
        monitor: monitor({
          judgement: judgement('critical'),
          alarm: {
            nr: 1,
            since: T0 + 18 * MIN,
            worst: 'critical',
            signals: ['error rate'],
            saidAt: T0 + 18 * MIN,
            reminders: 0,
          },
        }),
        decision: 'warning',
      }),
      [],
    ],
    'about to roll back': [
      promotion('monitoring', {
        ...watched,
        monitor: monitor({ judgement: judgement('critical') }),
        steps: steps(6),
        stoppable: T0 + 20 * MIN + 10_000,
      }),
      [],
    ],
    unproven: [
      promotion('monitoring', {
        ...watched,
        monitor: monitor({ judgement: judgement('inconclusive') }),
        decision: 'unproven',
      }),
      [],
    ],
    'rolling back': [
      promotion('rolling-back', {
        ...watched,
        monitor: monitor({ judgement: judgement('critical') }),
        rollback: { to: before, by: null, reason: 'critical error rate', startedAt: T0 + 20 * MIN },
        steps: [...steps(6, 'failed'), { name: 'rollback', status: 'running', startedAt: T0 + 20 * MIN }],
      }),
      [],
    ],
    'rollback failed': [
      promotion('rolling-back', {
        ...watched,
        rollback: { to: before, by: 'U0KIM', reason: 'looks bad', startedAt: T0 + 20 * MIN },
        decision: 'retry-deploy',
        notice: { kind: 'problem', text: 'The rollback failed: rejected. Production has 2.7.0.' },
      }),
      [],
    ],
    shipped: [
      promotion('shipped', {
        ...watched,
        monitor: monitor({ tick: 30 }),
        steps: steps(7),
        closedAt: T0 + 30 * MIN,
      }),
      [approval('U0DANA'), approval('U0KIM')],
    ],
    'rolled back': [
      promotion('rolled-back', {
        ...watched,
        rollback: {
          to: before,
          by: 'U0KIM',
          reason: EVIL,
          startedAt: T0 + 20 * MIN,
          finishedAt: T0 + 22 * MIN,
          health,
          incidentPath: 'specs/014-checkout/incident.md',
        },
        closedAt: T0 + 22 * MIN,
      }),
      [],
    ],
    failed: [
      promotion('failed', {
        ...planned,
        notice: { kind: 'problem', text: 'The tag exists.' },
        closedAt: T0 + MIN,
      }),
      [],
    ],
    cancelled: [
      promotion('cancelled', {
        ...planned,
        notice: { kind: 'info', text: 'Cancelled by Kim.' },
        closedAt: T0 + MIN,
      }),
      [approval('U0KIM', { decision: 'decline', reason: EVIL })],
    ],
    expired: [promotion('expired', { ...planned, closedAt: T0 + 240 * MIN }), []],
  } satisfies Record<string, [Promotion, readonly Approval[]]>).map(([name, [stored, approvals]]) => [
    name,
    { promotion: stored, approvals, service },
  ]),
);

/** A quarter of the requests comes next. */
export const stage: Stage = { share: 5, next: 25, shares: [5, 25, 100] };
