import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { createShopRemote, type ShopRemote } from '../../demo/shop/remote.ts';
import { startWorkspace, type Workspace } from '../../demo/workspace/server/start.ts';
import { examineInstallation } from '../../src/doctor/doctor.ts';
import type { DoctorFinding } from '../../src/doctor/finding.ts';
import { BOT_SCOPES } from '../../src/doctor/slack.ts';
import { findingsText } from '../../src/doctor/text.ts';
import { startHttpServer, type TestServer } from '../fakes/http-server.ts';

let dir: string;
let remote: ShopRemote;
let workspace: Workspace;
let production: TestServer;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-doctor-'));
  remote = await createShopRemote(dir);
  workspace = await startWorkspace();
  production = await startHttpServer();
  env = {
    PATH: process.env['PATH'],
    SLIPWAY_CONFIG: join(dir, 'slipway.yaml'),
    DATABASE_URL: inject('serverUrl'),
    SLACK_API_URL: workspace.apiUrl,
    SLACK_BOT_TOKEN: workspace.botToken,
    SLACK_APP_TOKEN: workspace.appToken,
  };
  await configure(remote.url);
});

afterAll(async () => {
  await Promise.allSettled([workspace?.close(), production?.close()]);
  await rm(dir, { recursive: true, force: true });
});

async function configure(url: string, more = ''): Promise<void> {
  await writeFile(
    join(dir, 'slipway.yaml'),
    `slack: { channel: "#ship" }
services:
  shop:
    repository: { use: git, url: "${url}" }
    target: { use: git-branch }
    checks: [{ use: http, url: "${production.url}/health" }]
    metrics: { use: probe, url: "${production.url}" }
${more}`,
  );
}

function problems(findings: readonly DoctorFinding[]): readonly string[] {
  return findings
    .filter(({ status }) => status === 'problem')
    .map(({ area, detail }) => `${area}: ${detail}`);
}

describe('slipway doctor', () => {
  it('finds a good installation fine', async () => {
    const findings = await examineInstallation(env);
    expect(problems(findings)).toEqual([]);
    expect([...new Set(findings.map(({ area }) => area))]).toEqual([
      'node',
      'git',
      'config',
      'environment',
      'database',
      'slack',
      'service shop',
    ]);
    expect(findingsText(findings)).toMatch(/Everything is fine\.|could be better\./);
  });

  it('changes nothing in the repository', async () => {
    const before = await remote.resolve('main');
    await examineInstallation(env);
    expect(await remote.resolve('main')).toBe(before);
  });

  it('goes on without a config and says where to begin', async () => {
    const findings = await examineInstallation({ ...env, SLIPWAY_CONFIG: join(dir, 'other.yaml') });
    expect(problems(findings)).toEqual([expect.stringContaining('There is no config at')]);
    expect(findings.find(({ area }) => area === 'config')?.fix).toContain('slipway init');
  });

  it('names what is wrong with each part, all at once', async () => {
    const findings = await examineInstallation({
      ...env,
      SLACK_BOT_TOKEN: 'xoxb-wrong',
      SLACK_APP_TOKEN: workspace.botToken,
      DATABASE_URL: 'postgresql://127.0.0.1:1/none',
    });
    expect(problems(findings)).toEqual([
      expect.stringMatching(/^database: /),
      'slack: Slack refuses SLACK_BOT_TOKEN: invalid_auth',
      'slack: SLACK_APP_TOKEN is not an app-level token (they begin with xapp-)',
    ]);
    for (const finding of findings) if (finding.status !== 'fine') expect(finding.fix).toMatch(/\S/);
  });

  it('says the id of a user group that the config calls by its handle, which is refused', async () => {
    await configure(remote.url, '    approvals: { groups: [releasers] }\n');
    const refused = await examineInstallation(env);
    await configure(remote.url, '    approvals: { groups: [S0RELEASERS] }\n');
    const findings = await examineInstallation(env);
    await configure(remote.url);
    expect(refused).toContainEqual({
      area: 'slack',
      status: 'problem',
      detail: expect.stringContaining('releasers in services.shop.approvals is a handle'),
      fix: expect.stringContaining('S0RELEASERS'),
    });
    expect(problems(refused)[0]).toMatch(/^config: One thing is wrong in .*not its handle/s);
    expect(problems(findings)).toEqual([]);
    expect(findings.map(({ detail }) => detail)).toContain(
      'user group S0RELEASERS is @releasers (2 members)',
    );
  });

  it('names a repository that is not there, a missing branch, a missing secret and missing metrics', async () => {
    const { url } = production;
    await configure(
      remote.url,
      `  gone:
    repository: { use: git, url: "${join(dir, 'nothing.git')}" }
    target: { use: git-branch }
    checks: [{ use: http, url: "${url}", headers: { Authorization: { env: NOT_SET } } }]
  trunk:
    repository: { use: git, url: "${remote.url}", branch: trunk }
    target: { use: git-branch }
    version: { tag-prefix: trunk-v }
    metrics: { use: probe, url: "${url}", headers: { Authorization: { env: NOT_SET } } }
`,
    );
    const findings = await examineInstallation(env);
    await configure(remote.url);
    const found = problems(findings).join('\n');
    expect(found).toContain('service gone: ');
    expect(found).toContain(
      'environment: The environment variable NOT_SET (services.gone.checks[0].headers.Authorization, services.trunk.metrics[0].headers.Authorization) is not set.',
    );
    expect(found).toContain('checks: The environment variable NOT_SET is not set, and gone needs it.');
    expect(found).toContain('metrics: none are configured');
    expect(found).toContain(
      'service trunk: repository: there is no branch trunk (branches: main, production)',
    );
    expect(found).toContain('metrics: The environment variable NOT_SET is not set, and trunk needs it.');
    expect(found).not.toContain('service shop');
  });

  it('finds every channel that is not there, that the bot is not in, or that is archived', async () => {
    workspace.control.addChannel({ id: 'C0RELEASES', name: 'releases', withoutBot: true });
    workspace.control.addChannel({ id: 'G0SECRET', name: 'secret', kind: 'private', withoutBot: true });
    const service = (channel: string) => `channel: "${channel}"
    repository: { use: git, url: "${remote.url}" }
    version: { tag-prefix: "${channel.slice(1)}-v" }
    target: { use: git-branch }
    metrics: { use: probe, url: "${production.url}" }
`;
    await configure(
      remote.url,
      `  nope:
    ${service('#shp')}  quiet:
    ${service('#releases')}  hidden:
    ${service('#secret')}  numbered:
    ${service('C0NOSUCH')}`,
    );
    const findings = await examineInstallation(env);
    await configure(remote.url);
    const slack = findings.filter(({ area }) => area === 'slack');
    const of = (channel: string) => slack.find(({ detail }) => detail.includes(channel));
    expect(of('#ship')).toMatchObject({ status: 'fine', detail: 'the bot is in #ship' });
    expect(of('#shp')).toMatchObject({
      status: 'problem',
      detail: 'there is no channel #shp of nope, or it is a private one that the bot is not in',
      fix: expect.stringContaining('Did you mean #ship?'),
    });
    expect(of('#releases')).toMatchObject({
      status: 'problem',
      detail: 'the bot is not in the channel #releases of quiet',
      fix: expect.stringContaining('/invite @Slipway in #releases'),
    });
    expect(of('#secret')).toMatchObject({
      status: 'problem',
      detail: expect.stringContaining('or it is a private one that the bot is not in'),
      fix: expect.stringContaining('/invite @Slipway'),
    });
    expect(of('C0NOSUCH')).toMatchObject({ status: 'problem', fix: expect.stringContaining('/invite') });
  });

  it('warns of a production branch that does not exist although there are releases', async () => {
    const target = (branch: string) =>
      examineInstallation(env).then((findings) =>
        findings.filter(({ detail }) => detail.includes(`branch ${branch}`)),
      );
    const file = join(dir, 'slipway.yaml');
    await writeFile(
      file,
      readFileSync(file, 'utf8').replace('use: git-branch', 'use: git-branch, branch: prod'),
    );
    const found = await target('prod');
    await configure(remote.url);
    expect(found).toMatchObject([
      {
        status: 'warning',
        detail: expect.stringMatching(
          /does not exist, though .*first deployment makes it, and cannot be rolled/,
        ),
        fix: expect.stringContaining('target.branch'),
      },
    ]);
    expect(await target('production')).toEqual([]);
  });

  it('never prints a token', async () => {
    const findings = await examineInstallation({ ...env, SLACK_BOT_TOKEN: `${workspace.botToken}x` });
    const text = JSON.stringify(findings);
    expect(text).not.toContain(workspace.botToken);
    expect(text).not.toContain(workspace.appToken);
  });

  it('asks for the scopes of the manifest', () => {
    const manifest = parse(readFileSync(new URL('../../manifest.yml', import.meta.url), 'utf8')) as {
      oauth_config: { scopes: { bot: string[] } };
    };
    expect([...BOT_SCOPES].sort()).toEqual([...manifest.oauth_config.scopes.bot].sort());
  });
});
