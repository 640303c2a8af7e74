import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuditRow } from '../../../src/domain/documents/audit-words.ts';
import { type IncidentFacts, incidentReport, withIncident } from '../../../src/domain/documents/incident.ts';
import { code, fenced, link, plain, table } from '../../../src/domain/documents/markdown.ts';
import { type RolledBack, rolledBackReport } from '../../../src/domain/documents/rolled-back-report.ts';
import { type ShipFacts, shipReport } from '../../../src/domain/documents/ship-report.ts';
import type { Service } from '../../../src/domain/policy/service.ts';
import { alsoShipsInWords, changesBetween, digestOf } from '../../../src/domain/promotion/plan.ts';

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
    accept: nobody,
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
    settleMs: 3 * 60_000,
    windowMs: 1_200_000,
    tickMs: 30_000,
    baselineMs: 3_600_000,
    checkpointMs: 300_000,
    call: { users: [], groups: [] },
    errorRateRise: 0.01,
    latencyRise: 0.1,
  },
  checkTiming: { settleMs: 0, intervalMs: 1_000, inARow: 1, timeoutMs: 60_000 },
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

  it.each([
    [true, 'Checked by the target: this service has no checks of its own.'],
    [undefined, 'Nothing was checked: this service has no checks of its own.'],
  ])('says who checked where the service has no checks: the target %s', (checkedByTarget, words) => {
    expect(shipReport({ ...FACTS, health: [], checkedByTarget })).toContain(`## Health Checks\n\n${words}`);
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

  it('names the signature', () => {
    const signature = 'commit and tag are signed with the SSH key SHA256:abc, verified';
    const signed = shipReport({ ...FACTS, release: { ...RELEASE, signature } });
    expect(signed).toContain(`- **Signature**: ${signature}`);
    expect(shipReport(FACTS)).not.toContain('Signature');
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

describe('what is said of broken glass', () => {
  const override = {
    id: 'debt-1',
    by: 'U1',
    reason: 'the <till> is down',
    at: AT - 200_000,
    due: AT + 86_400_000,
    barriers: ['freeze:audit'],
    over: ['Frozen: audit', 'Locked: lunch'],
  };

  it('stays in the ship report, with what is still owed', () => {
    const text = shipReport({ ...FACTS, overrides: [override] });
    expect(text).toContain('## Broken Glass');
    expect(text).toContain(
      '| 2026-11-20T09:56:40Z | Frozen: audit; Locked: lunch | the &lt;till&gt; is down | Ada Marsh | not yet acknowledged, due 2026-11-21T10:00:00Z |',
    );
    expect(shipReport(FACTS)).not.toContain('Broken Glass');
  });

  it('names who has acknowledged it', () => {
    const acknowledged = { by: 'U2', at: AT };
    const text = shipReport({ ...FACTS, overrides: [{ ...override, acknowledged }] });
    expect(text).toContain('| Bea Quill, 2026-11-20T10:00:00Z |');
    expect(text).not.toContain('not yet acknowledged');
  });
});

describe('a ship report of more than one release', () => {
  it('names what was not live before', () => {
    const plan = {
      ...FACTS.plan,
      rollbackTo: { version: '2.5.0', tag: 'v2.5.0', commit: 'f'.repeat(40) },
      alsoShips: [
        { version: '2.5.1', rolledBack: false },
        { version: '2.6.0', rolledBack: true },
      ],
    };
    const text = shipReport({ ...FACTS, plan });
    expect(text).toContain('- **Version**: `v2.7.0` (was 2.5.0, minor)');
    expect(text).toContain('- **Also shipped**: 2.5.1, 2.6.0 (rolled back before)');
    expect(alsoShipsInWords(plan)).toBe(
      'Production runs 2.5.0. This also ships again what was rolled back: 2.6.0; and what was released since and is not live: 2.5.1.',
    );
    expect(changesBetween(FACTS.plan, plan)).toContain(
      'also ships: none → 2.5.1, 2.6.0 (rolled back before)',
    );
    expect(digestOf(plan)).not.toBe(digestOf({ ...plan, alsoShips: [] }));
  });

  it('says nothing where production has the last release', () => {
    expect(alsoShipsInWords(FACTS.plan)).toBeNull();
    expect(shipReport(FACTS)).not.toContain('Also shipped');
  });
});

describe('a ship report that is marked as rolled back', () => {
  const rolledBack: RolledBack = {
    from: RELEASE,
    to: BACK,
    at: AT + 360_000,
    by: 'U2',
    reason: 'orders *fail*',
    incident: { path: 'specs/014-checkout/incident-2.7.0.md', url: 'https://git.example/incident' },
  };
  const watch = {
    judgement: { ...JUDGEMENT, verdict: 'critical' },
    watchedMs: 300_000,
    endedAt: AT + 300_000,
    outcome: 'rolled-back',
    reports: 1,
  } as const;
  const marked = (before: string | null) => rolledBackReport(before, { ...FACTS, watch }, rolledBack);

  it('says so at its top, and how the watch ended', () => {
    const text = marked(shipReport(FACTS));
    expect(text.split('\n').slice(0, 9)).toMatchInlineSnapshot(`
      [
        "# Production Ship Report: 014-checkout",
        "",
        "## Rolled Back",
        "",
        "- **Rolled back**: \`v2.7.0\` to \`v2.6.0\`",
        "- **At**: 2026-11-20T10:06:00Z",
        "- **By**: Bea Quill",
        "- **Reason**: orders \\*fail\\*",
        "- **Incident**: [specs/014-checkout/incident-2.7.0.md](<https://git.example/incident>)",
      ]
    `);
    expect(text).toContain(
      '**Rolled back after 5 min of watching** (2026-11-20T10:05:00Z), verdict: critical.',
    );
    expect(text).toContain('1 problem was reported.');
    expect(text).not.toContain('- [ ]');
    expect(marked(text)).toBe(text);
  });

  it('keeps what people wrote, and the result of a watch that was over', () => {
    const shipped = { ...watch, outcome: 'shipped' } as const;
    const before = `${shipReport({ ...FACTS, watch: shipped })}\nSeen by $& and Kim.\n`;
    const text = marked(before);
    expect(text.replace(/\n## Rolled Back\n[\s\S]*?\n(?=\n## )/, '')).toBe(before);
    expect(text).toContain('Shipped after');
  });

  it('is written anew where the file is of another release', () => {
    const other = shipReport({ ...FACTS, release: { ...RELEASE, tag: 'v2.6.9' } });
    expect(marked(other)).toBe(marked(null));
    expect(marked(null)).toContain('## Rolled Back');
  });
});

describe('incidentReport', () => {
  const facts: IncidentFacts = {
    service: 'shop',
    plan: FACTS.plan,
    release: RELEASE,
    deployment: FACTS.deployment,
    live: RELEASE,
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
    audit: [
      row(300_000, 'slipway', 'rollback.started', { to: '2.6.0', reason: 'error rate 4 %' }),
      row(330_000, 'slipway', 'rollback.failed', { to: '2.6.0', reason: 'no space' }, 'failed'),
      row(290_000, 'slipway', 'production.turned', { verdict: 'critical', reason: 'error rate 4 %' }),
      row(280_000, 'U2', 'promotion.report', { text: 'my <cart> is | *empty*' }),
      row(270_000, 'U2', 'thread.rollback', {}),
      row(260_000, 'U2', 'plan.seen', {}),
      row(250_000, 'U2', 'debt.acknowledged', { code: 'debt-own' }, 'refused'),
      row(240_000, 'U2', 'rollback.requested', { code: 'not-allowed' }, 'refused'),
      row(230_000, 'U1', 'promotion.override', { override: {} }),
      row(230_000, 'U1', 'override.used', { over: ['Frozen: audit'], reason: 'the till' }),
      row(-60_000, 'U1', 'promotion.opened', {}),
    ],
    notUndone: ['database migrations'],
    names: FACTS.names,
    links: { thread: 'https://slack.example/t' },
  };

  function row(
    after: number,
    actor: string,
    action: string,
    detail: AuditRow['detail'] & {},
    result: AuditRow['result'] = 'done',
  ): AuditRow {
    return { at: AT + after, actor, action, result, detail };
  }

  it('has a timeline in order and what is to be done', () => {
    expect(incidentReport(facts)).toMatchSnapshot();
  });

  it('does not count the time of another release as that of the faulty one', () => {
    const text = incidentReport({ ...facts, live: BACK });
    expect(text).toContain('- **Live when it began**: `v2.6.0`');
    expect(text).not.toContain('Production ran');
    expect(incidentReport({ ...facts, live: null })).toContain('- **Live when it began**: nothing');
  });

  it('adds a further rollback below, and says what that one left', () => {
    const older = { version: '2.5.0', tag: 'v2.5.0', commit: '5'.repeat(40) };
    const further: IncidentFacts = {
      ...facts,
      live: BACK,
      rollback: {
        to: older,
        by: 'U2',
        reason: 'still slow',
        startedAt: AT + 900_000,
        finishedAt: AT + 960_000,
        after: { release: BACK, at: AT + 360_000 },
      },
    };
    const written = `${incidentReport(facts).replace('_To be written._', 'A $& index was missing.')}\nSee also: #7`;
    const text = withIncident(written, further);
    expect(text.startsWith(`${written}\n\n---\n\n# Incident: shop 2.6.0 rolled back\n`)).toBe(true);
    const added = text.slice(written.length);
    expect(added).toContain('- **Rolled back**: `v2.6.0` to `v2.5.0`');
    expect(added).toContain(
      '- **A further rollback**: `v2.7.0` had been rolled back to `v2.6.0` at 2026-11-20T10:06:00Z',
    );
    expect(added).toContain('- **Production ran `v2.6.0` for**: 10 min');
    expect(added).not.toContain('## Evidence');
    expect(withIncident(text, further)).toBe(text);
    expect(withIncident(text, facts)).toBe(text);
    expect(withIncident(null, facts)).toBe(incidentReport(facts));
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
