import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createShopRemote } from '../../demo/shop/remote.ts';
import { COMMANDS, type CommandName, optionsOf } from '../../src/cli/help.ts';
import { OPTIONS } from '../../src/cli/invocation.ts';
import { planText } from '../../src/cli/plan-text.ts';
import { runCli } from '../../src/cli/run.ts';
import { createLedger } from '../../src/engine/tables/ledger.ts';
import * as fixtures from '../blocks/fixtures.ts';
import { freshDatabase, type TestDatabase } from '../engine/database.ts';
import { HIDING, leftIn, withText } from '../support/hidden.ts';

let dir: string;
let database: TestDatabase;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-cli-'));
  database = await freshDatabase();
});

afterAll(async () => {
  await database?.close();
  await rm(dir, { recursive: true, force: true });
});

const CONFIG = `slack: { channel: "#ship" }
services:
  shop:
    repository: { use: git, url: "https://git.example.com/shop.git", token: { env: GIT_TOKEN } }
    target: { use: git-branch, branch: production }
    checks: [{ use: http, url: "https://shop.example.com/health" }]
    metrics: { use: probe, url: "https://shop.example.com" }
`;

async function slipway(...argv: string[]) {
  return slipwayIn({}, ...argv);
}

async function slipwayIn(more: NodeJS.ProcessEnv, ...argv: string[]) {
  let out = '';
  let err = '';
  const env = {
    PATH: process.env['PATH'],
    DATABASE_URL: database.url,
    SLIPWAY_CONFIG: join(dir, 'slipway.yaml'),
    ...more,
  };
  const code = await runCli(argv, env, {
    result: (text) => {
      out += text;
    },
    message: (text) => {
      err += `${text}\n`;
    },
  });
  return { code, out, err };
}

describe('the command line', () => {
  it('hides nothing of what it was given or read', async () => {
    const { err } = await slipway(`pl${HIDING}an`);
    expect(leftIn(err)).toEqual([]);
    const plan = withText(fixtures.plan, fixtures.EVIL, HIDING);
    const gates = withText(fixtures.blockedGates, fixtures.EVIL, HIDING);
    const text = planText({ gates, plan, lowerBump: false });
    expect(leftIn(text)).toEqual([]);
    expect(text).toContain('\\u{200b}');
  });

  it.each([[[]], [['help']], [['--help']]])('helps: %s', async (argv) => {
    expect(await slipway(...argv)).toMatchObject({
      code: 0,
      out: expect.stringContaining('Usage: slipway COMMAND'),
    });
  });

  it('says how one command is typed', async () => {
    const said = 'Usage: slipway plan SERVICE [--feature NAME]';
    for (const argv of [
      ['plan', '--help'],
      ['plan', 'shop', '-h'],
      ['help', 'plan'],
    ]) {
      expect(await slipway(...argv)).toMatchObject({ code: 0, out: expect.stringContaining(said) });
    }
    const { out } = await slipway('audit', '-h');
    expect(out).toContain('Usage: slipway audit verify [--head SEQ:HASH]');
    expect(out).toContain('\n       slipway audit rotate [FILE] [--lost]\n');
    expect(await slipway('help', 'plam')).toMatchObject({
      code: 2,
      err: expect.stringContaining('Did you mean: slipway plan?'),
    });
  });

  it('names every option of a command, and none that there is not', () => {
    const named = Object.keys(COMMANDS).flatMap((name) => optionsOf(name as CommandName));
    const all = Object.keys(OPTIONS).map((name) => `--${name}`);
    expect([...new Set(named)].toSorted()).toEqual(all.filter((name) => name !== '--end').toSorted());
  });

  it('completes the command line of three shells', async () => {
    const { out } = await slipway('completion', 'bash');
    const complete = (...words: string[]) => {
      const script = `${out}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _slipway; printf '%s\n' "\${COMPREPLY[@]}"`;
      return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n');
    };
    expect(complete('slipway', 'do')).toEqual(['doctor', 'dora']);
    expect(complete('slipway', 'plan', '--')).toEqual(['--feature', '--bump', '--diff', '--json', '--help']);
    expect(complete('slipway', 'audit', 'ro')).toEqual(['rotate']);
    expect((await slipway('completion', 'zsh')).out).toContain('#compdef slipway');
    expect((await slipway('completion', 'fish')).out).toContain(
      "complete -c slipway -n '__fish_seen_subcommand_from plan' -l feature",
    );
    expect(await slipway('completion', 'tcsh')).toMatchObject({ code: 2 });
  });

  it('says all variables that are missing at once, with where each is used', async () => {
    const file = join(dir, 'many.yaml');
    await writeFile(
      file,
      `slack: { channel: "#ship" }
audit: { key: { env: AUDIT_KEY } }
defaults:
  repository: { use: git, url: "https://git.example.com/shop.git", token: { env: GIT_TOKEN } }
  checks:
    - { use: http, url: "https://shop.example.com/", headers: { X-Key: { env: SHOP_KEY, prefix: "Key " } } }
    - { use: postgres, url: { env: SHOP_DATABASE_URL } }
services:
  shop:
    target: { use: command, deploy: [./deploy.sh], env: [OPTIONAL], secrets: [DEPLOY_KEY] }
    version: { tag-prefix: shop-v }
  api:
    target: { use: heroku, app: a, staging: b, token: { env: HEROKU_API_KEY } }
    on-call: { use: pagerduty, schedules: [PI7DH85], token: { env: PAGERDUTY_TOKEN } }
`,
    );
    const config = { SLIPWAY_CONFIG: file };
    const both = (place: string) => `services.shop.${place}, services.api.${place}`;
    const lines = [
      'AUDIT_KEY (audit.key)',
      `GIT_TOKEN (${both('repository.token')})`,
      'DEPLOY_KEY (services.shop.target.secrets)',
      `SHOP_KEY (${both('checks[0].headers.X-Key')})`,
      `SHOP_DATABASE_URL (${both('checks[1].url')})`,
      'HEROKU_API_KEY (services.api.target.token)',
      'PAGERDUTY_TOKEN (services.api.on-call.token)',
    ];
    const start = await slipwayIn(config, 'start');
    expect(start.code).toBe(1);
    expect(start.err).toContain('9 environment variables are not set:');
    for (const line of ['SLACK_BOT_TOKEN (to reach Slack)', 'SLACK_APP_TOKEN (to reach Slack)', ...lines])
      expect(start.err).toContain(`  ${line}\n`);
    expect(start.err).not.toContain('OPTIONAL');
    expect(start.err).toContain('Instead of SLACK_APP_TOKEN, SLACK_SIGNING_SECRET and PORT');
    for (const argv of [
      ['plan', 'shop'],
      ['validate-staging', 'shop', '--by', 'Grace'],
    ]) {
      const { code, err } = await slipwayIn(config, ...argv);
      expect(code).toBe(1);
      expect(err).toContain('7 environment variables are not set:');
      for (const line of lines) expect(err).toContain(`  ${line}\n`);
      expect(err).not.toContain('SLACK');
    }
    const slack = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_SIGNING_SECRET: 'x' };
    const rest = Object.fromEntries(lines.slice(1).map((line) => [line.split(' ', 1)[0], 'x']));
    expect((await slipwayIn({ ...config, ...slack, ...rest }, 'start')).err).toContain(
      'The environment variable AUDIT_KEY (audit.key) is not set.',
    );
  });

  it('suggests the command that was meant', async () => {
    const { code, err } = await slipway('docter');
    expect(code).toBe(2);
    expect(err).toContain('Did you mean: slipway doctor?');
  });

  it('says which variable of the environment is wrong, and starts nothing', async () => {
    await writeFile(join(dir, 'none.yaml'), CONFIG);
    const SLIPWAY_CONFIG = join(dir, 'none.yaml');
    const http = { SLIPWAY_CONFIG, SLACK_BOT_TOKEN: 'xoxb-1', SLACK_SIGNING_SECRET: 'x' };
    const DATABASE_URL = 'postgres://127.0.0.1:1/nowhere';
    for (const [env, said] of [
      [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL is "loud"; expected one of trace'],
      [{ ...http, DATABASE_URL, GIT_TOKEN: 'x', PORT: 'abc' }, 'PORT is "abc"; expected a number'],
      [{ ...http, DATABASE_URL, PORT: '3000' }, 'GIT_TOKEN (services.shop.repository.token) is not set'],
    ] as const) {
      const { code, err } = await slipwayIn(env, 'start');
      expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(said) });
    }
  });

  it.each([[['doctor', '--jsn']], [['plan']], [['plan', 'shop', '--bump', 'huge']], [['audit', 'verfy']]])(
    'refuses %s with exit code 2',
    async (argv) => {
      expect((await slipway(...argv)).code).toBe(2);
    },
  );

  it('prints the schema', async () => {
    const { code, out } = await slipway('schema');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toHaveProperty('properties.services');
  });

  it('says what is wrong with the config, with exit code 1', async () => {
    await writeFile(join(dir, 'slipway.yaml'), 'services:\n  shop: { chanel: "#ship" }\n');
    const { code, err } = await slipway('plan', 'shop');
    expect(code).toBe(1);
    expect(err).toContain('slipway.yaml:2:11');
    expect(err).toContain('did you mean: channel');
  });
});

describe('slipway plan', () => {
  beforeAll(async () => {
    const remote = await createShopRemote(dir);
    await writeFile(
      join(dir, 'slipway.yaml'),
      `slack: { channel: "#ship" }
services:
  shop:
    repository: { use: git, url: "${remote.url}" }
    target: { use: git-branch }
    monitor: { blind: allow }
`,
    );
  });

  it('shows gates and plan and changes nothing', async () => {
    const { code, out, err } = await slipway('plan', 'shop');
    expect(err).toBe('');
    expect(out).toContain('✓ Staging validation');
    expect(out).toMatch(/Version +\S+ → \S+ \(/);
    expect(out).toMatch(/Ready: people could approve this now\.|Blocked: /);
    expect(code).toBe(out.includes('Ready') ? 0 : 1);
  });

  it('gives the same as JSON', async () => {
    const { out } = await slipway('plan', 'shop', '--json');
    const inspection = JSON.parse(out);
    expect(inspection.gates.map((gate: { id: string }) => gate.id)).toContain('staging-validation');
    expect(inspection.plan.candidate.feature.slug).toBe('014-coupons');
  });

  it('--diff shows the release commit as a patch that git applies, and the message of the tag', async () => {
    const { out } = await slipway('plan', 'shop', '--diff');
    expect(out).toMatch(
      /^Release commit on [0-9a-f]{12}\n\n {4}chore\(release\): v1\.3\.0\n[\s\S]*\nTag v1\.3\.0\n/,
    );
    expect(out).toMatch(/^\+## \[1\.3\.0\] - /m);
    const clone = join(dir, 'clone');
    execFileSync('git', ['clone', '-q', join(dir, 'remote.git'), clone]);
    execFileSync('git', ['-C', clone, 'apply', '--index', '-'], { input: out });
    const changed = execFileSync('git', ['-C', clone, 'diff', '--cached', '--name-only']).toString();
    const { plan, patch, tagMessage } = JSON.parse((await slipway('plan', 'shop', '--json')).out);
    expect(changed.trim().split('\n')).toEqual(plan.files);
    expect(out).toContain(patch);
    expect(tagMessage).toContain('Coupons at checkout');
  });

  it('names the nearest service', async () => {
    const { code, err } = await slipway('plan', 'shpo');
    expect(code).toBe(1);
    expect(err).toContain('shop');
  });

  it('writes out the control characters of outside text', () => {
    const gate = {
      id: 'x',
      title: 'X',
      verdict: 'failed',
      reason: 'a\u001b[31mb',
      remedy: 'c\u202ed',
    } as const;
    const text = planText({ gates: [gate], plan: null, lowerBump: false });
    expect(text).toContain('a\\u{1b}[31mb');
    expect(text).toContain('c\\u{202e}d');
    expect(text).toContain('Blocked: one gate does not pass.');
  });

  it('says what goes live besides the release', () => {
    const plan = {
      ...fixtures.plan,
      rollbackTo: { version: '2.5.0', tag: 'v2.5.0', commit: '5'.repeat(40) },
      alsoShips: [{ version: '2.6.0', rolledBack: true }],
    };
    const text = planText({ gates: [], plan, lowerBump: false });
    expect(text).toMatch(/Version +2\.5\.0 → 2\.7\.0/);
    expect(text).toMatch(/Also ships +2\.6\.0 \(rolled back before\)/);
    expect(planText({ gates: [], plan: fixtures.plan, lowerBump: false })).not.toContain('Also ships');
  });
});

describe('a database that does not answer at once', () => {
  it.each([
    ['plan', 'shop'],
    ['audit', 'verify'],
    ['audit', 'export'],
  ])('%s %s says once what it waits for, on stderr', async (...argv) => {
    const url = new URL(database.url);
    const target = { host: url.hostname, port: Number(url.port || 5_432) };
    const open = Date.now() + 1_900;
    const slow = createServer((socket) => {
      setTimeout(
        () => {
          const server = connect(target);
          socket.pipe(server).pipe(socket);
          server.on('error', () => socket.destroy());
        },
        Math.max(0, open - Date.now()),
      );
      socket.on('error', () => undefined);
    });
    await once(slow.listen(0, '127.0.0.1'), 'listening');
    const { port } = slow.address() as AddressInfo;
    url.host = `127.0.0.1:${port}`;
    try {
      const { err, out } = await slipwayIn({ DATABASE_URL: url.href }, ...argv);
      expect(err).toBe(`Waiting for the database at 127.0.0.1:${port} …\n`);
      expect(out).not.toContain('Waiting');
    } finally {
      slow.close();
    }
  });
});

describe('slipway audit', () => {
  it('verifies and exports the chain', async () => {
    const ledger = createLedger({ pool: database.pool, now: Date.now });
    for (const action of ['button.a', 'button.b', 'button.c'] as const)
      await ledger.audit({ actor: 'U1', action, result: 'done' });
    expect(await slipway('audit', 'verify')).toMatchObject({
      code: 0,
      out: expect.stringContaining('3 entries'),
    });

    const exported = (await slipway('audit', 'export')).out.trim().split('\n');
    expect(exported.map((line) => JSON.parse(line).action)).toEqual(['button.a', 'button.b', 'button.c']);

    await ledger.audit({ actor: 'U1', action: 'button.d', result: 'refused', service: 'shop' });
    const json = await slipway('audit', 'export', '--format', 'json', '--service', 'shop', '--since', '1h');
    expect(JSON.parse(json.out)).toMatchObject([{ action: 'button.d', service: 'shop' }]);
    expect((await slipway('audit', 'export', '--format', 'csv', '--since', '2999-01-01')).out).toMatch(
      /^seq,.*\r\n$/,
    );
    expect((await slipway('audit', 'export', '--format', 'xml')).code).toBe(2);
    expect(await slipway('audit', 'export', '--since', 'once')).toMatchObject({
      code: 1,
      err: expect.stringContaining('neither a date nor a length of time'),
    });
  });

  it('names the first row that was changed, and knows an end that was noted', async () => {
    const [, end = ''] = /--end (\S+)/.exec((await slipway('audit', 'verify')).out) ?? [];
    expect(await slipway('audit', 'verify', '--end', end)).toMatchObject({ code: 0 });
    const [seq] = end.split(':');
    const other = await slipway('audit', 'verify', '--end', `${seq}:${'0'.repeat(64)}`);
    expect(other).toMatchObject({ code: 1, out: expect.stringContaining('it was written anew') });
    expect((await slipway('audit', 'verify', '--end', 'x')).err).toContain('not the end of an audit log');

    await database.pool.query('alter table slipway.events disable trigger all');
    await database.pool.query(
      `update slipway.events set entry = replace(entry::text, 'U1', 'U2')::json where seq = 2`,
    );
    expect(await slipway('audit', 'verify')).toMatchObject({
      code: 1,
      out: expect.stringMatching(
        /entry 2 is not what was written. It says now: .* U2 button.b done. The 1 before/,
      ),
    });
    const { out } = await slipway('audit', 'verify', '--json');
    expect(JSON.parse(out)).toMatchObject({ rows: 1, brokenAt: 2, why: 'changed', found: { actor: 'U2' } });
  });
});
