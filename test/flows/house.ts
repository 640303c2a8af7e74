import { rate } from '../../src/domain/judge/chart.ts';
import { type Judge, judge } from '../../src/domain/judge/judge.ts';
import type { Policy, Service } from '../../src/domain/policy/service.ts';
import type { PromotionRequest } from '../../src/domain/promotion/promotion.ts';
import type { RequestContext } from '../../src/flows/requests/request.ts';
import type { Ports } from '../../src/flows/run/ports.ts';
import { MemoryCheck } from '../fakes/memory-check.ts';
import { MemoryLedger } from '../fakes/memory-ledger.ts';
import { MemoryMetrics } from '../fakes/memory-metrics.ts';
import { MemoryRepository } from '../fakes/memory-repository.ts';
import { MemoryClock } from '../fakes/memory-run.ts';
import { MemoryPeople, MemorySlack } from '../fakes/memory-slack.ts';
import { MemoryTarget } from '../fakes/memory-target.ts';

/** Judges the newest sample only: as bad as its error rate. */
const quickJudge: Judge = {
  begin: judge.begin,
  tick: (start, before, sample) => {
    const now = rate(sample?.errors, sample?.total);
    const verdict =
      now === null ? 'inconclusive' : now >= 0.5 ? 'critical' : now >= 0.02 ? 'warning' : 'healthy';
    const finding = {
      metric: 'error rate',
      verdict,
      unit: 'ratio',
      reason: `error rate ${now}`,
      ...(now === null ? {} : { now }),
    } as const;
    return { ...judge.tick(start, before, sample), judgement: { verdict, findings: [finding] } };
  },
};

const ANYONE = { users: [], groups: [], everyone: 'workspace' } as const;

export const POLICY: Policy = {
  start: ANYONE,
  approve: ANYONE,
  rollback: ANYONE,
  accept: ANYONE,
  override: { users: [], groups: [] },
  lock: ANYONE,
  approvals: 1,
  requirements: [],
  excludeAuthors: false,
  selfApproval: false,
  approvalsExpireMs: 4 * 3_600_000,
  freeze: [],
  acknowledgeWithinMs: 24 * 3_600_000,
  automaticRollback: 'critical',
  blindMonitor: 'refuse',
  rollbackTag: 'keep',
  breakingBelowOne: 'minor',
};

function shop(policy: Partial<Policy>, windowMs: number): Service {
  return {
    name: 'shop',
    channel: 'C_SHIP',
    branch: 'main',
    tagPrefix: 'v',
    featureDirs: ['specs', 'epics'],
    sharedStateFiles: [],
    changelog: 'CHANGELOG.md',
    versionFiles: [],
    links: {},
    policy: { ...POLICY, ...policy },
    monitoring: {
      settleMs: 3 * 60_000,
      windowMs,
      tickMs: 30_000,
      baselineMs: 60 * 60_000,
      call: { users: [], groups: [] },
      checkpointMs: 5 * 60_000,
      errorRateRise: 0.01,
      latencyRise: 0.1,
    },
    checkTiming: { settleMs: 5_000, intervalMs: 2_000, inARow: 2, timeoutMs: 60_000 },
  };
}

export const STATE = 'specs/014-coupons/state.yaml';

export function stateFile(commit: string, gates: { staging?: string; rollback?: string } = {}): string {
  return [
    '# what the team knows of this feature',
    'current_phase: ship-prod',
    'manual_gates:',
    '  staging_validation:',
    `    status: ${gates.staging ?? 'approved'}`,
    'quality_gates:',
    '  rollback:',
    `    status: ${gates.rollback ?? 'passed'}`,
    'deployment:',
    '  staging:',
    '    url: https://staging.test',
    '    deployment_id: stg-7',
    "    deployed_at: '2029-12-31T10:00:00Z'",
    `    commit_sha: ${commit}`,
    '',
  ].join('\n');
}

/** A service with everything around it in memory: v1.2.0 live, a feature validated and ready. */
export class House {
  readonly clock = new MemoryClock();
  readonly repository = new MemoryRepository();
  readonly target = new MemoryTarget(this.clock.now);
  readonly check = new MemoryCheck();
  readonly metrics = new MemoryMetrics();
  readonly slack = new MemorySlack();
  readonly ledger = new MemoryLedger(this.clock.now, this.slack);
  readonly people = new MemoryPeople([{ id: 'U_ADA' }, { id: 'U_GRACE' }, { id: 'U_LINUS' }]);
  readonly ports: Ports;
  readonly validated: string;

  constructor(policy: Partial<Policy> = {}, windowMs = 20 * 60_000, more: Partial<Service> = {}) {
    const released = this.repository.push('main', 'chore: release 1.2.0', {
      'package.json': '{\n  "name": "shop",\n  "version": "1.2.0"\n}\n',
      'CHANGELOG.md':
        '# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2029-12-01\n\n### Added\n\n- The shop.\n',
      'src/server.js': 'old\n',
    });
    this.repository.tag('v1.2.0', released);
    this.repository.push('production', 'unused');
    this.repository.branches.set('production', released);
    this.target.current = { commit: released, version: '1.2.0' };
    this.validated = this.repository.push('main', 'feat: coupons at the till', { 'src/server.js': 'new\n' });
    this.repository.push('main', 'docs: state', { [STATE]: stateFile(this.validated) });
    this.ports = {
      service: { ...shop(policy, windowMs), ...more },
      repository: this.repository,
      target: this.target,
      checks: [this.check],
      gates: [],
      metrics: this.metrics,
      alerts: [],
      logs: [],
      onCall: null,
      judge: quickJudge,
      ledger: this.ledger,
      slack: this.slack,
      people: this.people,
      clock: { now: this.clock.now, sleep: (ms) => this.clock.advance(ms) },
    };
  }

  /** What requests of people need, in this house; runs that nobody starts, unless `more` says otherwise. */
  requests(more: Partial<RequestContext> = {}): RequestContext {
    return {
      services: new Map([['shop', this.ports]]),
      ledger: this.ledger,
      runs: { start: async () => {}, send: async () => {}, standing: async () => new Map() },
      people: this.people,
      threads: {
        byThread: async () => null,
        cardOf: async () => null,
        messageGone: async () => undefined,
        channelMoved: async () => undefined,
      },
      now: this.clock.now,
      newId: (name) => name,
      ...more,
    };
  }

  /** Opens a promotion as the handlers do. */
  async open(request: Partial<PromotionRequest> = {}): Promise<string> {
    const id = 'shop-0001';
    const asked = { service: 'shop', bump: 'auto', by: 'U_ADA', ...request } as const;
    await this.ledger.open({ id, request: asked, channel: 'C_SHIP' });
    return id;
  }

  /** Approves what is shown now. */
  async approve(id: string, by = 'U_GRACE'): Promise<void> {
    const { digest } = await this.ledger.get(id);
    await this.ledger.vote(id, { by, digest: digest ?? '', decision: 'approve' });
  }

  /** Approves what is shown now, unless Grace has; true when she did. */
  async approveOnce(id: string): Promise<boolean> {
    const { digest } = await this.ledger.get(id);
    const votes = await this.ledger.approvals(id);
    if (votes.some((vote) => vote.valid && vote.digest === digest)) return false;
    await this.approve(id);
    return true;
  }

  async state(id: string): Promise<string> {
    return (await this.ledger.get(id)).state;
  }
}
