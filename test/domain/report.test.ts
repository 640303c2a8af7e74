import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { incidentReport } from '../../src/domain/incident.ts';
import { code, fenced, link, plain, table } from '../../src/domain/markdown.ts';
import { type ShipFacts, shipReport } from '../../src/domain/report.ts';
import type { Service } from '../../src/domain/service.ts';

const nobody = { users: [], groups: [] };
const SERVICE: Service = {
  name: 'shop',
  channel: '#ship',
  branch: 'main',
  tagPrefix: 'v',
  featureDirs: ['specs'],
  sharedStateFiles: [],
  changelog: 'CHANGELOG.md',
  versionFiles: [],
  links: { production: 'https://shop.example', dashboard: 'https://dash.example/shop' },
  policy: {
    start: nobody,
    approve: nobody,
    rollback: nobody,
    override: nobody,
    lock: nobody,
    approvals: 2,
    selfApproval: false,
    approvalsExpireMs: 14_400_000,
    automaticRollback: 'never',
    blindMonitor: 'refuse',
    rollbackTag: 'keep',
    requirements: [],
    excludeAuthors: false,
    freeze: [],
    acknowledgeWithinMs: 86_400_000,
    breakingBelowOne: 'minor',
  },
  monitoring: {
    windowMs: 1_200_000,
    tickMs: 30_000,
    baselineMs: 3_600_000,
    checkpointMs: 300_000,
    errorRateRise: 0.01,
    latencyRise: 0.1,
  },
  checks: { settleMs: 0, intervalMs: 1_000, inARow: 1, timeoutMs: 60_000 },
};
const AT = Date.UTC(2026, 10, 20, 10, 0, 0);
const BACK = { version: '2.6.0', tag: 'v2.6.0', commit: 'b'.repeat(40) };
const RELEASE = { version: '2.7.0', tag: 'v2.7.0', commit: 'c'.repeat(40) };
const FACTS: ShipFacts = {
  service: SERVICE,
  plan: {
    service: 'shop',
    candidate: {
      commit: 'a'.repeat(40),
      branch: 'main',
      feature: { slug: '014-checkout', dir: 'specs/014-checkout' },
      validated: { commit: 'a'.repeat(40), source: 'specs/014-checkout/state.yaml:21' },
    },
    version: {
      current: '2.6.0',
      next: '2.7.0',
      tag: 'v2.7.0',
      bump: 'minor',
      suggested: 'minor',
      reasons: [],
      lowered: false,
    },
    release: { kind: 'cut' },
    changelog: '### Added\n\n- Coupons at checkout',
    files: ['CHANGELOG.md', 'package.json'],
    commits: { total: 3, subjects: [] },
    target: { kind: 'git-branch', name: 'branch production', url: 'https://shop.example' },
    rollbackTo: BACK,
    policy: { approvals: 2, hash: 'x' },
  },
  release: RELEASE,
  deployment: { id: 'prod-77', url: 'https://shop.example', startedAt: AT - 42_000, finishedAt: AT },
  health: [
    { name: '/health', kind: 'http', critical: true, ok: true, detail: '200 in 34 ms', attempts: 3 },
    { name: 'search', kind: 'http', critical: false, ok: false, detail: 'answered 503', attempts: 9 },
  ],
  requestedBy: 'U1',
  note: 'For the <launch>',
  approvals: [
    { by: 'U2', digest: 'd'.repeat(64), decision: 'approve', at: AT - 100_000, valid: true },
    { by: 'U3', digest: 'e'.repeat(64), decision: 'approve', at: AT - 90_000, valid: false },
    { by: 'U4', digest: 'd'.repeat(64), decision: 'decline', at: AT - 80_000, valid: true },
  ],
  names: (user) => ({ U1: 'Ada Marsh', U2: 'Bea Quill' })[user] ?? user,
  links: { release: 'https://git.example/releases/v2.7.0', commit: 'https://git.example/commit/c' },
  notUndone: ['database migrations', 'environment variables'],
  rollbackCommands: [
    'git fetch origin --tags',
    `git push --force-with-lease=production:${RELEASE.commit} origin v2.6.0^{}:refs/heads/production`,
  ],
};
const JUDGEMENT = {
  verdict: 'healthy',
  findings: [
    {
      metric: 'error rate',
      verdict: 'healthy',
      baseline: 0.002,
      now: 0.0105,
      unit: 'ratio',
      reason: 'within 1 %',
    },
    {
      metric: 'latency p95',
      verdict: 'healthy',
      baseline: 120,
      now: 118.6,
      unit: 'ms',
      reason: 'within 10 %',
    },
  ],
} as const;

describe('shipReport', () => {
  it('tells the whole story while the window is open', () => {
    expect(shipReport(FACTS)).toMatchSnapshot();
  });

  it('ends with the result of the watch', () => {
    const watch = {
      judgement: JUDGEMENT,
      watchedMs: 1_200_000,
      endedAt: AT,
      outcome: 'shipped',
      reports: 0,
    } as const;
    const text = shipReport({ ...FACTS, watch });
    expect(text).toContain('**Shipped after 20 min of watching** (2026-11-20T10:00:00Z), verdict: healthy.');
    expect(text).toContain('| error rate | healthy | 0.2 % | 1.05 % | within 1 % |');
    expect(text).not.toContain('- [ ]');
  });

  it('counts only valid approvals', () => {
    const text = shipReport(FACTS);
    expect(text).toContain('| Bea Quill |');
    expect(text).not.toContain('U3');
    expect(text).not.toContain('U4');
  });

  it('says what there is no way back to', () => {
    const text = shipReport({ ...FACTS, plan: { ...FACTS.plan, rollbackTo: null } });
    expect(text).toContain('This was the first release');
    expect(text).not.toContain('git push');
  });
});

describe('incidentReport', () => {
  it('has a timeline in order and what is to be done', () => {
    const text = incidentReport({
      service: 'shop',
      plan: FACTS.plan,
      release: RELEASE,
      deployment: FACTS.deployment,
      rollback: {
        to: BACK,
        by: null,
        reason: 'error rate 4 %',
        startedAt: AT + 300_000,
        finishedAt: AT + 360_000,
        health: FACTS.health,
      },
      health: FACTS.health,
      judgement: { ...JUDGEMENT, verdict: 'critical' },
      timeline: [
        { at: AT + 300_000, what: 'Rollback started' },
        { at: AT - 60_000, what: 'Promotion started', by: 'U1' },
      ],
      notUndone: ['database migrations'],
      names: FACTS.names,
      links: { thread: 'https://slack.example/t' },
    });
    expect(text).toMatchSnapshot();
  });
});

describe('outside text in Markdown', () => {
  it.each([
    [
      '<!channel> *urgent* <https://evil|approve>',
      '&lt;!channel&gt; \\*urgent\\* &lt;https:&#47;&#47;evil\\|approve&gt;',
    ],
    ['# heading', '\\# heading'],
    ['- item\n\n# next', '\\- item # next'],
    ['[a](javascript:alert(1))', '\\[a\\](javascript:alert(1))'],
    ['see www.evil.example', 'see www&#46;evil.example'],
    ['@ada `x`', '&#64;ada \\`x\\`'],
  ])('%s', (outside, shown) => {
    expect(plain(outside)).toBe(shown);
  });

  it('never leaves an unescaped sign of markup, a line break or an address', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        const bare = plain(text).replaceAll(/\\[\\`*_[\]|~#\-+0-9]/g, '');
        expect(bare).not.toMatch(/[<>`*_[\]|~\n\r]|:\/\/|&(?!(amp|lt|gt|#47|#46|#64);)/);
      }),
    );
  });

  it('keeps code spans and fences closed', () => {
    expect(code('a `b` c')).toBe('`` a `b` c ``');
    expect(fenced(['```', 'x'], 'bash')).toBe('````bash\n```\nx\n````');
    expect(table(['a'], [[code('x|y')]])).toContain('`x¦y`');
  });

  it('links only web addresses', () => {
    expect(link('x', 'javascript:alert(1)')).toBe('x');
    expect(link('x', 'https://a.example/?q=<b> c')).toBe('[x](<https://a.example/?q=%3Cb%3E%20c>)');
  });
});
