import { describe, expect, it } from 'vitest';
import type { Repository } from '../../src/adapters/repositories/port.ts';
import { connectionOf } from '../../src/app/environment.ts';
import { type DoctorFinding, examine, fine, type Probe, problem, warning } from '../../src/doctor/finding.ts';
import { groupsIn } from '../../src/doctor/groups.ts';
import { gitProbe, nodeProbe } from '../../src/doctor/programs.ts';
import { type ServicePorts, serviceProbes } from '../../src/doctor/services.ts';
import { slackProbe } from '../../src/doctor/slack.ts';
import type { SlackApi } from '../../src/doctor/slack-api.ts';
import { findingsText } from '../../src/doctor/text.ts';
import { uploadProbe } from '../../src/doctor/uploads.ts';
import type { Service } from '../../src/domain/policy/service.ts';
import { Refusal, Unavailable } from '../../src/domain/refusals/refusal.ts';
import { MemoryAlerts } from '../fakes/memory-alerts.ts';
import { MemoryCheck } from '../fakes/memory-check.ts';
import { MemoryLogs } from '../fakes/memory-logs.ts';
import { MemoryMetrics } from '../fakes/memory-metrics.ts';
import { MemoryRepository } from '../fakes/memory-repository.ts';
import { MemoryTarget } from '../fakes/memory-target.ts';

const NOW = Date.UTC(2026, 10, 20);

async function run(...probes: readonly Probe[]): Promise<readonly DoctorFinding[]> {
  return examine(probes, 200);
}

function brief(findings: readonly DoctorFinding[]): readonly string[] {
  return findings.map(({ status, detail }) => `${status}: ${detail}`);
}

describe('examine', () => {
  it('turns what a probe throws into findings and loses none of the others', async () => {
    const broken = (error: unknown): Probe => ({ area: 'x', look: () => Promise.reject(error) });
    const findings = await run(
      broken(new Refusal('secret-missing', { name: 'A_TOKEN', service: 'shop' })),
      broken(new Unavailable('the git remote', 'connection refused')),
      broken(new Error('boom')),
      { area: 'y', look: async () => [fine('good')] },
    );
    expect(findings.map(({ fix }) => fix)).toContainEqual(expect.stringContaining('try again'));
    const known = new Unavailable('production', 'it ended with exit code 255', { remedy: 'Run it by hand.' });
    expect(await run(broken(known))).toMatchObject([{ status: 'problem', fix: 'Run it by hand.' }]);
    expect(brief(findings)).toEqual([
      'problem: The environment variable A_TOKEN is not set, and shop needs it.',
      'problem: the git remote: connection refused',
      'problem: unexpected: boom',
      'fine: good',
    ]);
  });

  it('does not wait for a probe that hangs, even one that ignores its signal', async () => {
    const findings = await run({ area: 'x', look: () => new Promise(() => {}) });
    expect(brief(findings)).toEqual(['problem: no answer within 200 ms']);
  });
});

describe('node and git', () => {
  it.each([
    ['v20.18.1', 'fine'],
    ['v26.0.0', 'fine'],
    ['v20.18.0', 'problem'],
    ['v20.0.0', 'problem'],
    ['v24.1.0', 'fine'],
    ['v18.20.4', 'problem'],
  ])('Node %s', async (version, status) => {
    expect((await run(nodeProbe(version)))[0]?.status).toBe(status);
  });

  it.each([
    ['git version 2.39.5', 'fine'],
    ['git version 2.30.1 (Apple Git-130)', 'fine'],
    ['git version 3.0.0', 'fine'],
    ['git version 2.29.9', 'problem'],
    ['git version 1.8.3', 'problem'],
    ['something else', 'problem'],
  ])('%s', async (said, status) => {
    expect((await run(gitProbe(async () => said)))[0]?.status).toBe(status);
  });

  it('git that is not there', async () => {
    const findings = await run(gitProbe(() => Promise.reject(new Error('ENOENT'))));
    expect(findings[0]).toMatchObject({
      status: 'problem',
      fix: expect.stringContaining('Install git 2.30'),
    });
  });
});

describe('slack', () => {
  const good = {
    ok: true,
    team: 'Acme',
    user: 'slipway',
    scopes: [
      'app_mentions:read,channels:history,channels:read,chat:write,commands,files:read,files:write',
      'groups:history,groups:read,usergroups:read,users:read,users:read.email',
    ].flatMap((part) => part.split(',')),
    at: NOW,
  };
  const api = (answers: Partial<Record<string, object>> = {}): SlackApi => ({
    call: async (method) => ({ ...good, ...answers[method] }),
    upload: async () => 200,
  });
  const env = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' };
  const look = (environment: object, answers: Partial<Record<string, object>> = {}) =>
    run(slackProbe(environment, api(answers), () => NOW));

  it('is fine with both tokens', async () => {
    expect((await look(env)).every(({ status }) => status === 'fine')).toBe(true);
  });

  it.each([
    [{}, 3000],
    [{ PORT: '8080' }, 8080],
  ])('is fine over HTTP with a secret and %s, as the bot itself', async (port, expected) => {
    const http = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_SIGNING_SECRET: 's', ...port };
    expect(brief(await look(http)).at(-1)).toBe(
      `fine: HTTP on port ${expected}, requests verified by SLACK_SIGNING_SECRET`,
    );
    expect(connectionOf(http)).toMatchObject({ kind: 'http', port: expected });
  });

  it.each([
    ['no tokens', {}, {}, 'SLACK_BOT_TOKEN is not set'],
    [
      'no way to receive',
      { SLACK_BOT_TOKEN: 'xoxb-1' },
      {},
      'neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET',
    ],
    [
      'a port that is none',
      { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_SIGNING_SECRET: 's', PORT: 'x' },
      {},
      'PORT is "x"',
    ],
    ['the wrong kind of token', { ...env, SLACK_BOT_TOKEN: 'xoxp-1' }, {}, 'not a bot token'],
    ['a revoked token', env, { 'auth.test': { ok: false, error: 'token_revoked' } }, 'token_revoked'],
    [
      'a missing scope',
      env,
      { 'auth.test': { scopes: ['commands'] } },
      'lacks app_mentions:read, channels:history',
    ],
    [
      'an app token without its scope',
      env,
      { 'apps.connections.open': { ok: false, error: 'missing_scope' } },
      'missing_scope',
    ],
  ])('%s', async (_name, environment, answers, words) => {
    const findings = await look(environment, answers);
    const bad = findings.filter(({ status }) => status === 'problem');
    expect(bad.map(({ detail }) => detail).join('\n')).toContain(words);
    expect(bad.every(({ fix }) => fix !== undefined)).toBe(true);
  });

  describe('the bytes of files', () => {
    const answer = { upload_url: 'https://files.slack.com/upload/v1/abc' };
    const lookAt = (upload: SlackApi['upload'], answers: object = answer) =>
      run(uploadProbe('xoxb-1', { ...api({ 'files.getUploadURLExternal': answers }), upload }, 50)).then(
        brief,
      );

    it('reach the host that Slack names', async () => {
      expect(await lookAt(async () => 200)).toEqual(['fine: files reach files.slack.com']);
    });

    it.each([
      ['are refused on their way', async () => 403, 'HTTP 403'],
      [
        'have no way',
        () => Promise.reject(new Unavailable('Slack', 'cannot be reached: connection refused')),
        'Slack: cannot be reached: connection refused',
      ],
      [
        'get no answer',
        (_address: string, signal: AbortSignal) =>
          new Promise<never>((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason));
          }),
        'timeout',
      ],
    ])('%s', async (_name, upload, words) => {
      const [found] = await lookAt(upload);
      expect(found).toMatch(/^problem: files do not reach files\.slack\.com: /);
      expect(found).toContain(words);
    });

    it('are not looked at where Slack gives no address', async () => {
      expect(await lookAt(async () => 403, { ok: false, error: 'missing_scope' })).toEqual([]);
    });
  });

  describe('in a whole organisation', () => {
    const asked: string[] = [];
    const lookIn = (workspaces: readonly string[]) =>
      run(
        slackProbe(
          env,
          {
            call: async (method, _token, _signal, args = {}) => {
              const { team_id: team, cursor } = args;
              asked.push([method, team, cursor].filter(Boolean).join(' '));
              if (method === 'auth.test') return { ...good, is_enterprise_install: true };
              if (method === 'auth.teams.list') return { ...good, teams: workspaces.map((id) => ({ id })) };
              if (method === 'usergroups.list') {
                const usergroups = [
                  { id: `S0000${team}`, handle: 'releasers', user_count: 2, date_delete: 0 },
                ];
                return { ...good, usergroups };
              }
              if (!method.endsWith('conversations')) return good;
              const ship = { id: `C0${team}`, name: 'ship', is_member: true, is_archived: false };
              const channels = cursor === 'more' ? [ship] : [];
              return { ...good, channels, ...(cursor ? {} : { response_metadata: { next_cursor: 'more' } }) };
            },
            upload: async () => 200,
          },
          () => NOW,
          [
            { channel: '#ship', services: ['shop'] },
            { channel: '#none', services: ['cart'] },
          ],
          [{ group: 'S0000T2', places: ['services.shop.approvals'] }],
        ),
      );

    it('says so, and of a channel that is given by its name the ids of every workspace', async () => {
      const found = await lookIn(['T1', 'T2']);
      const findings = brief(found);
      expect(findings[0]).toBe(
        'fine: bot slipway in the whole organisation Acme, in 2 of its workspaces: its full members who are in the channel of a service count',
      );
      const byName = found.filter(({ detail }) => detail.includes('is a name'));
      expect(byName).toMatchObject([
        {
          status: 'problem',
          detail: expect.stringContaining('#ship of shop'),
          fix: 'Write the id of the one that you mean instead: C0T1 in the workspace T1, or C0T2 in the workspace T2',
        },
        {
          status: 'problem',
          detail: expect.stringContaining('#none of cart'),
          fix: expect.stringContaining('/invite'),
        },
      ]);
      expect(findings).toContain('fine: user group S0000T2 is @releasers (2 members)');
      expect(asked.filter((one) => one.startsWith('users'))).toEqual([
        'users.conversations T1',
        'users.conversations T1 more',
        'users.conversations T2',
        'users.conversations T2 more',
      ]);
    });

    it('says that the app is in none of the workspaces', async () => {
      expect(brief(await lookIn([]))[0]).toContain(
        'problem: bot slipway in the whole organisation Acme, but in none',
      );
    });
  });

  describe('channels', () => {
    const channel = (name: string, more: object = {}) => ({
      id: `C0${name}`,
      name,
      is_member: true,
      is_archived: false,
      ...more,
    });
    const lookAt = (pages: Record<string, object>, ...channels: readonly string[]) =>
      run(
        slackProbe(
          env,
          {
            call: async (method, _token, _signal, args = {}) => ({
              ...good,
              ...(method === 'conversations.list' ? pages[args['cursor'] ?? ''] : {}),
            }),
            upload: async () => 200,
          },
          () => NOW,
          channels.map((name) => ({ channel: name, services: ['shop'] })),
        ),
      ).then((findings) => brief(findings).filter((detail) => detail.includes('#')));

    it('looks through all pages', async () => {
      const pages = {
        '': { channels: [channel('general')], response_metadata: { next_cursor: 'two' } },
        two: { channels: [channel('ship')] },
      };
      expect(await lookAt(pages, '#ship')).toEqual(['fine: the bot is in #ship']);
    });

    it('takes the living one of two of the same name', async () => {
      const old = channel('ship', { is_archived: true });
      expect(await lookAt({ '': { channels: [old, channel('ship')] } }, '#ship')).toEqual([
        'fine: the bot is in #ship',
      ]);
      expect(await lookAt({ '': { channels: [old] } }, '#ship')).toEqual([
        'problem: the channel #ship of shop is archived',
      ]);
    });

    it('asks first for those that the bot is in', async () => {
      const asked: string[] = [];
      const call = async (method: string) => {
        asked.push(method);
        const own = method === 'users.conversations' ? [channel('ship', { is_member: false })] : [];
        return { ...good, channels: own };
      };
      const wanted = [{ channel: '#ship', services: ['shop'] }];
      const findings = brief(await run(slackProbe(env, { ...api(), call }, () => NOW, wanted)));
      expect(findings).toContain('fine: the bot is in #ship');
      expect(asked).not.toContain('conversations.list');
    });

    it('asks for the id that a channel has now, and says to write it', async () => {
      const call = async (method: string, _token: string, _signal: AbortSignal, args: object = {}) => {
        if (method !== 'conversations.info') return good;
        return 'channel' in args && args.channel === 'C0NEW'
          ? { ...good, channel: channel('ship') }
          : { ...good, ok: false, error: 'channel_not_found' };
      };
      const wanted = [{ channel: 'C0OLD', services: ['shop'] }];
      const moved = async () => new Map([['C0OLD', 'C0NEW']]);
      const probe = slackProbe(env, { ...api(), call }, () => NOW, wanted, [], moved);
      expect(brief(await run(probe))).toContain(
        'warning: the channel C0OLD of shop has another id now: C0NEW',
      );
    });

    it('claims nothing when Slack does not let it look', async () => {
      expect(await lookAt({ '': { ok: false, error: 'missing_scope' } }, '#ship')).toEqual([
        'warning: nobody knows whether the bot is in #ship: missing_scope',
      ]);
    });
  });

  describe('user groups', () => {
    const usergroups = [
      { id: 'S0614TZR7', handle: 'release-managers', user_count: 4, date_delete: 0 },
      { id: 'S06B2QX1N', handle: 'on-call', user_count: 1, date_delete: 1_700_000_000 },
    ];
    const lookAt = async (config: object, answer: object = { usergroups }) => {
      const probe = slackProbe(env, api({ 'usergroups.list': answer }), () => NOW, [], groupsIn(config));
      return (await run(probe)).filter(({ detail }) => detail.includes('group') && !detail.includes(':read'));
    };
    const approvals = (...named: readonly string[]) => ({
      services: { shop: { approvals: { groups: named } } },
    });

    it('names those that are given by id', async () => {
      expect(brief(await lookAt(approvals('S0614TZR7')))).toEqual([
        'fine: user group S0614TZR7 is @release-managers (4 members)',
      ]);
    });

    it('says the id to write instead of a handle', async () => {
      const config = {
        defaults: { permissions: { rollback: { groups: ['@release-managers'] } } },
        services: { shop: { approvals: { from: [{ groups: ['@release-managers', 'relase-managers'] }] } } },
      };
      const [known, misspelt] = await lookAt(config);
      expect(known).toMatchObject({
        status: 'problem',
        detail: expect.stringContaining('defaults.permissions.rollback, services.shop.approvals.from.0'),
        fix: expect.stringContaining('S0614TZR7'),
      });
      expect(misspelt).toMatchObject({ status: 'problem', fix: expect.stringContaining('S0614TZR7') });
    });

    it('finds groups that are disabled or not there', async () => {
      expect((await lookAt(approvals('S06B2QX1N', 'S0NOWHERE'))).map(({ detail }) => detail)).toEqual([
        expect.stringContaining('(@on-call) is disabled'),
        expect.stringContaining('does not exist'),
      ]);
      expect((await lookAt(approvals('on-call')))[0]?.detail).toContain('there is no @on-call');
    });

    it('claims nothing when Slack does not let it look', async () => {
      const findings = await lookAt(approvals('S0614TZR7'), { ok: false, error: 'missing_scope' });
      expect(findings.map(({ status }) => status)).toEqual(['warning']);
    });
  });

  it('warns when the clocks differ', async () => {
    const findings = await look(env, { 'auth.test': { at: NOW - 400_000 } });
    expect(brief(findings)).toContain("warning: this machine's clock differs from Slack's by 400 s");
  });
});

describe('a service', () => {
  const service = {
    name: 'shop',
    branch: 'main',
    tagPrefix: 'v',
    policy: { blindMonitor: 'refuse' },
  } as Service;
  const ports = (change: Partial<ServicePorts> = {}): ServicePorts => {
    const repository = new MemoryRepository();
    repository.push('main', 'feat: first');
    return {
      service,
      openRepository: () => repository,
      openTarget: () => new MemoryTarget(),
      openMetrics: () => null,
      openAlerts: () => [],
      openOnCall: () => null,
      openLogs: () => [],
      checks: [() => new MemoryCheck()],
      openGates: () => [],
      ...change,
    };
  };

  it('looks at each of several metrics sources by itself', async () => {
    const parts = [new MemoryMetrics(), new MemoryMetrics().blind('it has no series of it')];
    const both = Object.assign(new MemoryMetrics(), { parts });
    const standard = ports();
    const service = { ...standard.service, monitoring: { tickMs: 30_000 } } as Service;
    const findings = await run(...serviceProbes({ ...standard, service, openMetrics: () => both }));
    const seen = findings.filter(({ detail }) => detail.startsWith('metrics:'));
    expect(seen.map(({ status }) => status)).toEqual(['fine', 'problem']);
    expect(seen[1]?.detail).toContain('it has no series of it');
    expect(both.closed).toBe(true);
  });

  it('warns of a source that has never counted an error', async () => {
    const doubt = 'No error was ever counted: check the query.';
    const source = Object.assign(new MemoryMetrics(), { doubt: async () => doubt });
    const standard = ports();
    const service = { ...standard.service, name: 'shop', monitoring: { tickMs: 30_000 } } as Service;
    const findings = await run(...serviceProbes({ ...standard, service, openMetrics: () => source }));
    const seen = findings.filter(({ detail }) => detail.startsWith('metrics:'));
    expect(seen).toMatchObject([
      { status: 'fine' },
      { status: 'warning', detail: `metrics: ${doubt}`, fix: 'See `metrics` of shop.' },
    ]);
  });

  it('says when the branch cannot be pushed to, and still looks at the rest', async () => {
    const repository = new MemoryRepository();
    repository.push('main', 'feat: first');
    repository.protectedBranches.add('main');
    const findings = await run(...serviceProbes(ports({ openRepository: () => repository })));
    expect(findings.filter(({ detail }) => detail.includes('main')).map(({ status }) => status)).toEqual([
      'fine',
      'problem',
    ]);
    expect(brief(findings)).toContain('fine: target: nothing is deployed yet');
  });

  it('says that git alone tells nothing of CI, unless a gate of their own does', async () => {
    const plain = Object.assign(new MemoryRepository(), { kind: 'git' });
    plain.push('main', 'feat: first');
    const of = async (more: object) =>
      (await run(...serviceProbes(ports({ openRepository: () => plain, ...more })))).filter(({ detail }) =>
        detail.includes('CI is not looked at'),
      );
    expect(await of({})).toMatchObject([{ status: 'warning', fix: expect.stringContaining('use: gitlab') }]);
    const gate = { id: 'ci', check: async () => ({ verdict: 'passed', reason: 'green' }) };
    expect(await of({ openGates: () => [gate] })).toEqual([]);
    expect(await of({ openRepository: () => new MemoryRepository() })).toEqual([]);
  });

  it('asks alert and log sources once, each with a finding of its own', async () => {
    const findings = await run(
      ...serviceProbes(
        ports({
          openAlerts: () => [new MemoryAlerts(() => []), new MemoryAlerts(() => null, 'Second')],
          openLogs: () => [new MemoryLogs(() => [])],
        }),
      ),
    );
    expect(brief(findings)).toContain('fine: alerts: Pager answers: 0 alerts fire.');
    expect(brief(findings)).toContain('problem: alerts: Second: connection refused');
    expect(brief(findings)).toContain('fine: logs: Logbook answers.');
  });

  it('treats missing metrics as the policy does', async () => {
    const allow = { ...service, policy: { ...service.policy, blindMonitor: 'allow' } } as Service;
    const status = async (one: Service) =>
      (await run(...serviceProbes(ports({ service: one })))).find(({ detail }) =>
        detail.startsWith('metrics'),
      )?.status;
    expect(await status(service)).toBe('problem');
    expect(await status(allow)).toBe('warning');
  });

  it('asks each check once, and says which cannot work', async () => {
    const down = new MemoryCheck('db', {
      always: { ok: false, detail: 'PostgreSQL refused the password of user shop' },
    });
    const version = Object.assign(new MemoryCheck('version'), { provesRelease: true as const });
    const missing = () => {
      throw new Refusal('module-missing', { module: 'mysql2', kind: 'mysql' });
    };
    const checks = [() => new MemoryCheck(), () => down, () => version, missing];
    const findings = await run(...serviceProbes(ports({ checks })));
    expect(brief(findings).filter((line) => line.includes('checks: '))).toEqual([
      'fine: checks: /health: 200 in 5 ms',
      'warning: checks: db: PostgreSQL refused the password of user shop',
      'fine: checks: version is set up, and is asked after a deployment',
      'problem: checks: Checks of the kind mysql need the package mysql2, which is not installed.',
    ]);
    expect(version.asked).toEqual([]);
  });

  it('warns without checks', async () => {
    const findings = await run(...serviceProbes(ports({ checks: [] })));
    expect(brief(findings)).toContain(
      'warning: checks: none are configured, so nothing proves that production is healthy',
    );
  });

  it('closes the repository even when it does not answer', async () => {
    let closed = false;
    const repository = Object.assign(new MemoryRepository(), {
      refs: () => Promise.reject(new Unavailable('the git remote', 'timeout')),
      close: async () => {
        closed = true;
      },
    }) as Repository;
    const findings = await run(...serviceProbes(ports({ openRepository: () => repository })));
    expect(brief(findings)).toContain('problem: repository: the git remote: timeout');
    expect(closed).toBe(true);
  });
});

it('prints findings by area, with what to do', () => {
  const findings = [
    { area: 'git', ...fine('git version 2.39.5') },
    { area: 'slack', ...problem('SLACK_BOT_TOKEN is not set', 'Copy it.') },
    { area: 'slack', ...warning('first line\nsecond line', 'Read it.') },
  ];
  expect(findingsText(findings)).toMatchInlineSnapshot(`
    "git
      ✓ git version 2.39.5

    slack
      ✗ SLACK_BOT_TOKEN is not set
        → Copy it.
      ! first line
        second line
        → Read it.

    One thing must be fixed before Slipway can ship.
    "
  `);
});
