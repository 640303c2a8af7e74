import { describe, expect, it } from 'vitest';
import { configRefusals } from '../../src/domain/refusals/config.ts';
import { Refusal } from '../../src/domain/refusals/refusal.ts';
import { parseConfig } from '../support/all-adapters.ts';

const SMALLEST = `slack: { channel: "#ship" }
services:
  shop:
    repository: { use: git, url: "https://git.example/shop.git" }
    target: { use: command, deploy: [./deploy.sh] }
`;

function problems(text: string): readonly string[] {
  try {
    parseConfig(text, 'slipway.yaml');
  } catch (error) {
    if (error instanceof Refusal && error.code === 'config-invalid')
      return error.facts['problems'] as string[];
    throw error;
  }
  return [];
}

/** The smallest config with more lines below the service. */
function withLines(...lines: string[]): string {
  return SMALLEST + lines.map((line) => `    ${line}\n`).join('');
}

describe('a good config', () => {
  it('has the defaults that the documentation names', () => {
    const { services, data } = parseConfig(SMALLEST, 'slipway.yaml');
    expect(data).toBe('.slipway');
    expect(services.get('shop')?.service).toMatchInlineSnapshot(`
      {
        "branch": "main",
        "changelog": "CHANGELOG.md",
        "channel": "#ship",
        "checkTiming": {
          "inARow": 3,
          "intervalMs": 2000,
          "settleMs": 5000,
          "timeoutMs": 120000,
        },
        "featureDirs": [
          "specs",
          "epics",
        ],
        "links": {},
        "monitoring": {
          "baselineMs": 3600000,
          "call": {
            "groups": [],
            "users": [],
          },
          "checkpointMs": 300000,
          "errorRateRise": 0.01,
          "latencyRise": 0.1,
          "settleMs": 180000,
          "tickMs": 30000,
          "windowMs": 1200000,
        },
        "name": "shop",
        "otherTags": "refuse",
        "policy": {
          "accept": {
            "everyone": "channel",
            "groups": [],
            "users": [],
          },
          "acknowledgeWithinMs": 86400000,
          "approvals": 1,
          "approvalsExpireMs": 14400000,
          "approve": {
            "everyone": "channel",
            "groups": [],
            "users": [],
          },
          "automaticRollback": "never",
          "blindMonitor": "refuse",
          "breakingBelowOne": "minor",
          "excludeAuthors": false,
          "freeze": [],
          "lock": {
            "everyone": "channel",
            "groups": [],
            "users": [],
          },
          "override": {
            "groups": [],
            "users": [],
          },
          "requirements": [],
          "rollback": {
            "everyone": "channel",
            "groups": [],
            "users": [],
          },
          "rollbackTag": "keep",
          "selfApproval": false,
          "start": {
            "everyone": "channel",
            "groups": [],
            "users": [],
          },
        },
        "sharedStateFiles": [
          ".spec-flow/memory/state.yaml",
        ],
        "stopWithinMs": 10000,
        "tagPrefix": "v",
        "versionFiles": [],
        "visibility": "channel",
      }
    `);
  });

  it('takes what a service says over the defaults, map by map', () => {
    const text = `slack: { channel: "#ship" }
defaults:
  channel: "#all"
  monitor: { window: 15m, tick: 10s }
  target: { use: command, deploy: [./a], timeout: 1m }
  checks: [{ use: http, url: "https://a.example/" }]
services:
  one:
    repository: { use: git, url: a }
    monitor: { tick: 20s, error-rate-rise: 0.5pp, latency-rise: 25% }
  two:
    channel: C024BE91L
    repository: { use: git, url: b }
    target: { use: command, deploy: [./b] }
    checks: []
`;
    const { services } = parseConfig(text, 'slipway.yaml');
    const one = services.get('one');
    expect(one?.service.channel).toBe('#all');
    expect(one?.service.monitoring).toMatchObject({
      windowMs: 900_000,
      tickMs: 20_000,
      errorRateRise: 0.005,
      latencyRise: 0.25,
    });
    expect(one?.checks).toHaveLength(1);
    const two = services.get('two');
    expect(two?.service.channel).toBe('C024BE91L');
    expect(two?.target).toMatchObject({ deploy: ['./b'], timeout: 60_000 });
    expect(two?.checks).toEqual([]);
  });

  it('takes an anchor as often as there are services, and says what is wrong where it stands', () => {
    const shops = Array.from(
      { length: 300 },
      (_, nr) => `  shop-${nr}: { <<: *all, version: { tag-prefix: s${nr}-v } }`,
    );
    const text = (window: string) => `slack: { channel: "#ship" }
x-all: &all
  repository: { use: git, url: "https://git.example.com/shop.git" }
  target: { use: git-branch, branch: production }
  monitor:
    window: ${window}
services:
${shops.join('\n')}`;
    expect(parseConfig(text('20m'), 'slipway.yaml').services.size).toBe(300);
    expect(problems(text('soon'))[0]).toContain('slipway.yaml:6:13 services.shop-0.monitor.window: ');
  });

  it('knows anchors, merge keys and free x- keys', () => {
    const text = `x-check: &check { use: http, url: "https://a.example/" }
${withLines('checks:', '  - <<: *check', '    name: front')}`;
    expect(parseConfig(text, 'slipway.yaml').services.get('shop')?.checks).toMatchObject([{ name: 'front' }]);
  });
});

describe('a bad config', () => {
  it('says everything at once, in the order of the file', () => {
    const text = `slak: {}
services:
  Shop: {}
  shop:
    repository: { use: gitt, url: a }
    target:
      use: command
      deploi: [./deploy.sh]
    monitor:
      window: 20 minutes
      error-rate-rise: 0.01
    approvals:
      required: two
      user: [U123]
    rollback: { automatic: always }
    links: { dashboard: dash.example }
    checks:
      - url: https://a.example
`;
    expect(problems(text).join('\n')).toMatchInlineSnapshot(`
      "slipway.yaml:1:1 slak: unknown key "slak"
        did you mean: slack
        expected: one of include, slack, data, keep, audit, operations, webhooks, freeze, defaults, services
      slipway.yaml:3:3 services.Shop: "Shop" cannot be a name here
        expected: a name of lower-case letters, digits and dashes, such as shop-api
      slipway.yaml:3:3 services.Shop.repository: "repository" is missing
        expected: a map of keys and values: The git repository and the branch that releases are cut on
      slipway.yaml:3:3 services.Shop.target: "target" is missing
        expected: a map of keys and values: Where and how production is deployed
      slipway.yaml:5:24 services.shop.repository.use: there is no "gitt" to use here
        did you mean: git
        expected: one of git, github, gitlab
        example: use: git
      slipway.yaml:6:5 services.shop.target.deploy: "deploy" is missing
        expected: a list: Program and arguments; no shell. {version}, {tag}, {commit}, {service} and {percent} are filled in, also in the environment as SLIPWAY_VERSION and so on. Lines id=…, url=… and log_url=… in the file SLIPWAY_OUTPUT say what it made
        example: 
          deploy:
            - ./deploy.sh
            - "{tag}"
      slipway.yaml:8:7 services.shop.target.deploi: unknown key "deploi"
        did you mean: deploy
        expected: one of use, deploy, rollback, live, check, cwd, env, secrets, timeout, url, not-undone
      slipway.yaml:10:15 services.shop.monitor.window: "20 minutes" does not fit
        expected: a duration such as 500ms, 30s, 15m, 2h or 1d
        example: window: 15m
      slipway.yaml:11:24 services.shop.monitor.error-rate-rise: 0.01 does not fit
        expected: a text: Allowed rise of the error rate over the baseline
        example: error-rate-rise: 1pp
      slipway.yaml:13:17 services.shop.approvals.required: "two" does not fit
        expected: a number: How many different people must approve
        example: required: 1
      slipway.yaml:14:7 services.shop.approvals.user: unknown key "user"
        did you mean: users
        expected: one of required, users, groups, who, from, authors, people, self, expire
      slipway.yaml:15:28 services.shop.rollback.automatic: "always" does not fit
        expected: one of never, critical
        example: automatic: never
      slipway.yaml:16:25 services.shop.links.dashboard: "dash.example" does not fit
        expected: an address such as https://shop.example/health
      slipway.yaml:18:9 services.shop.checks.0.use: "use" is missing
        expected: one of http, version, postgres, mysql, redis, tcp, tls, dns, cdn, jobs, jobs-http
        example: use: http"
    `);
  });

  it.each([
    ['an unknown key', withLines('chanel: "#x"'), '6:5', 'did you mean: channel'],
    ['an empty service', 'services:\n  shop:\n', '2:8', 'a map of keys and values'],
    ['no services', 'slack: {}\n', '1:1', 'at least one service'],
    ['no service', 'services: {}\n', '1:11', 'at least one service'],
    ['a list', '- a\n', '1:1', 'a map of keys and values'],
    ['nothing', '', '1:1', 'a map of keys and values'],
    ['a tab', 'services:\n\tshop: {}\n', '2:1', 'not valid YAML'],
    ['a key twice', 'slack: {}\nslack: {}\n', '2:1', 'given before'],
    [
      'a hash without quotes',
      SMALLEST.replace('{ channel: "#ship" }', '\n  channel: #ship'),
      '2:12',
      'in quotes when it begins with #',
    ],
    ['a reserved name', SMALLEST.replace('shop:', 'rollback:'), '3:3', 'not a word of /ship-prod'],
    ['no channel at all', SMALLEST.replace(/slack.*\n/, ''), '2:3', 'channel: "#ship"'],
    ['an absolute path', withLines('version: { changelog: /etc/passwd }'), '6:27', 'inside the repository'],
    ['a path that climbs', withLines('state: { folders: [a/../../b] }'), '6:24', 'inside the repository'],
    [
      'a pattern without a group',
      withLines('version: { files: [{ path: a, pattern: "x" }] }'),
      '6:44',
      'one capture group',
    ],
    [
      'an empty list of members',
      withLines('permissions: { start: { users: [] } }'),
      '6:36',
      'write `anyone`',
    ],
    [
      'an empty list of groups',
      withLines('permissions: { rollback: { groups: [] } }'),
      '6:40',
      'write `anyone`',
    ],
    [
      'a user group by its handle',
      withLines('approvals: { groups: [release-managers] }'),
      '6:27',
      '`slipway doctor` says the id of a handle',
    ],
    [
      'a handle with its sign',
      withLines('monitor: { call: { groups: ["@on-call"] } }'),
      '6:33',
      'not its handle',
    ],
    ['a right that names nobody', withLines('permissions: { override: {} }'), '6:30', 'at least one of them'],
    ['an empty list of approvers', withLines('approvals: { users: [] }'), '6:25', 'write `anyone`'],
    ['no approvals at all', withLines('approvals: { required: 0 }'), '6:28', 'at least 1'],
    [
      'a word that nobody knows',
      withLines('permissions: { lock: everybody }'),
      '6:26',
      'channel, anyone, or',
    ],
    [
      'more approvals than different people',
      withLines('approvals: { required: 2, users: [U1, U1] }'),
      '6:28',
      'only 1',
    ],
    ['too many approvals', withLines('approvals: { required: 2, users: [U1] }'), '6:28', 'only 1 people'],
    [
      'a tick longer than the window',
      withLines('monitor: { window: 10s, tick: 30s }'),
      '6:35',
      'longer than the window',
    ],
    [
      'stages that do not end with all requests',
      withLines('stages: [5%, 25%]'),
      '6:13',
      'the last one has to be 100%',
    ],
    [
      'stages that do not rise',
      withLines('stages: [25%, 5%, 100%]'),
      '6:13',
      'each share has to be larger than the one before',
    ],
    ['a stage of nothing', withLines('stages: [0%, 100%]'), '6:13', 'larger than the one before'],
    ['a share without a unit', withLines('stages: [5, 100%]'), '6:14', 'expected: a text'],
    [
      'a stage that is shorter than a tick',
      withLines('monitor: { stage: 10s, tick: 30s, window: 5m }', 'stages: [5%, 100%]'),
      '6:23',
      'longer than a stage',
    ],
    [
      'a watched check that takes longer than a tick',
      withLines('monitor: { tick: 15s }', 'checks: [{ use: tcp, host: db, port: 5432, timeout: 30s }]'),
      '7:57',
      'longer than one tick (15 s)',
    ],
    ['a timeout that cannot be met', withLines('health: { timeout: 3s }'), '6:24', 'at least 4 s'],
    [
      'an alias bomb',
      `x-0: &a0 [1,1,1,1,1,1,1,1,1,1]\n${[1, 2, 3, 4, 5, 6].map((nr) => `x-${nr}: &a${nr} [${`*a${nr - 1},`.repeat(10)}]\n`).join('')}${SMALLEST}`,
      '6:23',
      'has more than 500000 values',
    ],
    ['an alias inside of its own anchor', `x-a: &a { b: *a }\n${SMALLEST}`, '1:14', '*a stands inside of'],
    [
      'a misspelt alias',
      `x-check: &check {}\n${withLines('checks: [*chekc]')}`,
      '7:14',
      'nothing above has the anchor &chekc; did you mean *check?',
    ],
    ['a merge key with a text', `x-a: { <<: b }\n${SMALLEST}`, '1:8', 'this needs a map, or a list of maps'],
    [
      'a prototype',
      withLines('__proto__: { approvals: { required: 3 } }'),
      '6:5',
      'no key may have this name',
    ],
    ['great depth', `x-a: ${'['.repeat(5_000)}${']'.repeat(5_000)}\n${SMALLEST}`, '1:', 'nested too deeply'],
  ])('%s', (_name, text, place, words) => {
    const found = problems(text).join('\n\n');
    expect(found).toContain(`slipway.yaml:${place}`);
    expect(found).toContain(words);
  });

  it('leaves a check its own time where that fits into a tick, or where it is not watched', () => {
    for (const check of ['timeout: 30s', 'timeout: 3m, watch: false']) {
      expect(problems(withLines(`checks: [{ use: tcp, host: db, port: 5432, ${check} }]`))).toEqual([]);
    }
    const short = withLines('monitor: { tick: 1s }', 'checks: [{ use: tcp, host: db, port: 5432 }]');
    expect(problems(short)).toEqual([]);
  });

  it('points into the defaults when the mistake is there, once for all services', () => {
    const text = `defaults:
  channel: "#ship"
  monitor: { window: soon }
services:
  a: { repository: { use: git, url: a }, target: { use: command, deploy: [x] } }
  b: { repository: { use: git, url: b }, target: { use: command, deploy: [x] } }
`;
    expect(problems(text)).toEqual([
      expect.stringMatching(/^slipway\.yaml:3:22 defaults\.monitor\.window: "soon"/),
    ]);
  });

  it('refuses two services that would cut the same tags', () => {
    const text = `${SMALLEST}  shop-two:\n    repository: { use: git, url: "https://git.example/shop.git" }\n    target: { use: command, deploy: [x] }\n`;
    expect(problems(text)).toEqual([expect.stringContaining('tag-prefix: shop-two-v')]);
  });

  describe('targets that would take the deployments of each other for their own', () => {
    const service = (name: string, target: string, own = `github, repository: acme/shop`) => `  ${name}:
    version: { tag: "${name}-{version}", changelog: ${name}.md }
    repository: { use: ${own}, token: { env: TOKEN } }
    target: ${target}
`;
    const config = (...services: string[]) => `slack: { channel: "#ship" }\nservices:\n${services.join('')}`;
    const workflow = (more = '') => `{ use: github-actions, workflow: deploy.yml${more} }`;
    const elsewhere = ', repository: { repository: Acme/Shop, token: { env: TOKEN } }';
    const waves = (eu: string, us: string) =>
      `{ use: waves, waves: [{ name: eu, target: ${eu} }, { name: us, target: ${us} }] }`;
    const live = ', live: { url: "https://shop.example/version" }';
    const ignored = ', by-hand: ignored';
    const pipeline = (environment: string) => `{ use: gitlab-pipeline, environment: ${environment} }`;
    const gitlab = 'gitlab, project: acme/shop';

    it.each([
      ['runs by hand', config(service('shop', workflow(ignored)), service('cart', workflow()))],
      [
        'one of another repository',
        config(service('shop', workflow()), service('cart', workflow(elsewhere), 'git, url: a')),
      ],
      ['one that asks production', config(service('shop', workflow(live)), service('cart', workflow()))],
      ['waves', config(service('shop', waves(workflow(ignored), workflow(ignored))))],
    ])('are refused where they have a workflow in common: %s', (_name, text) => {
      expect(problems(text)).toEqual([
        expect.stringContaining('are deployed by the same workflow (deploy.yml)'),
      ]);
    });

    it.each([
      [
        'an environment',
        config(service('shop', pipeline('prod'), gitlab), service('cart', pipeline('prod'), gitlab)),
      ],
      ['one for waves', config(service('shop', waves(pipeline('prod'), pipeline('prod')), gitlab))],
    ])('are refused where they have %s of GitLab in common', (_name, text) => {
      expect(problems(text)).toEqual([expect.stringContaining('deploy to the same environment (prod)')]);
    });

    it.each([
      [
        'another workflow',
        config(service('shop', workflow()), service('cart', workflow().replace('deploy', 'cart'))),
      ],
      ['ours alone count', config(service('shop', workflow(ignored)), service('cart', workflow(ignored)))],
      ['production says it', config(service('shop', waves(workflow(live), workflow(live))))],
      ['environments', config(service('shop', waves(pipeline('eu'), pipeline('us')), gitlab))],
    ])('are told apart: %s', (_name, text) => expect(problems(text)).toEqual([]));
  });

  describe('tags and versions', () => {
    const formOf = (version: string) => {
      const { services } = parseConfig(withLines(`version: ${version}`), 'slipway.yaml');
      const { tagPrefix, tagSuffix, scheme } = services.get('shop')?.service ?? {};
      return [tagPrefix, tagSuffix, scheme];
    };

    it.each([
      ['{}', ['v', undefined, undefined]],
      ['{ tag: "{version}" }', ['', undefined, undefined]],
      ['{ tag: "{service}/v{version}" }', ['shop/v', undefined, undefined]],
      ['{ tag: "{service}@{version}" }', ['shop@', undefined, undefined]],
      ['{ tag: "release-{version}-prod", scheme: YYYY.MM.MICRO }', ['release-', '-prod', 'YYYY.MM.MICRO']],
      ['{ tag-prefix: shop-v, scheme: major.minor }', ['shop-v', undefined, 'major.minor']],
    ])('%s', (version, form) => {
      expect(formOf(version)).toEqual(form);
    });

    it.each([
      ['{ tag: v }', '{version} in it once'],
      ['{ tag: "{version}{version}" }', '{version} in it once'],
      ['{ tag: "/v{version}" }', '{version} in it once'],
      ['{ tag: "v {version}" }', '{version} in it once'],
      ['{ tag: "{name}-{version}" }', '{version} in it once'],
      ['{ tag: "v{version}", tag-prefix: v }', 'only one of them'],
      ['{ scheme: calver }', 'a calendar such as YYYY.MM.MICRO'],
      ['{ scheme: YYYY-MM-DD }', 'with dots between'],
    ])('%s is refused with a sentence', (version, sentence) => {
      expect(problems(withLines(`version: ${version}`))).toEqual([expect.stringContaining(sentence)]);
    });
  });

  describe('paths', () => {
    const two = (api: string, web: string) =>
      `slack: { channel: "#ship" }
defaults:
  repository: { use: git, url: "https://git.example/shop.git" }
  target: { use: command, deploy: [./deploy.sh] }
services:
  api: { version: { tag-prefix: api-v }, ${api} }
  web: { version: { tag-prefix: web-v }, ${web} }
`;

    it('give each service a changelog and state folders of its own', () => {
      const text = two('paths: [apps/api, packages/shared]', 'paths: [apps/web/, packages/shared]');
      const { services } = parseConfig(text, 'slipway.yaml');
      expect(services.get('api')?.service).toMatchObject({
        paths: ['apps/api', 'packages/shared'],
        changelog: 'apps/api/CHANGELOG.md',
        featureDirs: ['apps/api/specs', 'apps/api/epics', 'specs', 'epics'],
      });
      expect(services.get('web')?.service.changelog).toBe('apps/web/CHANGELOG.md');
    });

    it('leave what is said elsewhere as it is', () => {
      const lines = ['paths: [apps/api]', 'version: { changelog: API.md }', 'state: { folders: [plans] }'];
      const { services } = parseConfig(withLines(...lines), 'slipway.yaml');
      expect(services.get('shop')?.service).toMatchObject({ changelog: 'API.md', featureDirs: ['plans'] });
    });

    it.each([
      ['paths: []', 'services.shop.paths'],
      ['paths: apps/api', 'expected: a list'],
      ['paths: [/apps/api]', 'begins below the root'],
      ['paths: [apps/api, ../web]', 'services.shop.paths.1'],
      ['paths: ["apps/{a,b"]', 'a glob whose brackets are closed'],
      ['paths: ["!apps/web"]', 'first what belongs to the service'],
      ["paths: ['apps\\api']", 'forward slashes'],
    ])('%s is refused with a sentence', (line, sentence) => {
      const [problem = '', ...others] = problems(withLines(line));
      expect(problem).toContain(sentence);
      expect(others).toEqual([]);
    });

    it('two services of one repository do not write one changelog', () => {
      expect(problems(two('paths: [apps]', 'paths: [apps, packages]'))).toEqual([
        expect.stringContaining(
          'api and web would write the same changelog (apps/CHANGELOG.md)'.replace(
            'api and web',
            'web and api',
          ),
        ),
      ]);
      expect(problems(two('paths: [apps/api]', 'paths: [apps/web]'))).toEqual([]);
      expect(problems(two('channel: "#a"', 'channel: "#b"'))).toEqual([]);
    });
  });

  it('reads well', () => {
    const sentence = configRefusals['config-invalid']({
      file: 'slipway.yaml',
      count: 1,
      problems: problems(withLines('chanel: 1')),
    });
    expect(sentence.text).toMatchInlineSnapshot(`
      "One thing is wrong in slipway.yaml:

      slipway.yaml:6:5 services.shop.chanel: unknown key "chanel"
        did you mean: channel
        expected: one of from, channel, visibility, repository, paths, target, checks, gates, metrics, alerts, logs, on-call, version, state, approvals, permissions, freeze, break-glass, health, monitor, stages, reports, rollback, links"
    `);
  });
});

describe('a secret in the config', () => {
  const TOKEN = ['xoxb', '1234567890', 'abcdefghijkl'].join('-');

  it.each([
    ['a token as a value', withLines(`links: { dashboard: "https://a.example/?t=${TOKEN}" }`), TOKEN],
    ['a token in a comment', `# old: ${TOKEN}\n${SMALLEST}`, TOKEN],
    ['a token beside broken YAML', `a: [ ${TOKEN}\n`, TOKEN],
    [
      'a GitHub token in the remote',
      SMALLEST.replace('https://', `https://x:${`ghp_${'a1B2'.repeat(9)}`}@`),
      'a1B2',
    ],
    ['a password in the remote', SMALLEST.replace('https://', 'https://bob:hunter2secret@'), 'hunter2secret'],
    ['a password by its key', withLines('links: { password: "kT9#mQ2!vX" }'), 'kT9#mQ2!vX'],
    [
      'a token as the name of a variable',
      withLines(
        `checks: [{ use: http, url: "https://a.example", headers: { Authorization: { env: "${TOKEN}" } } }]`,
      ),
      TOKEN,
    ],
    [
      'a high-entropy api key',
      withLines(
        'metrics: { use: probe, url: "https://a.example", headers: { X-Api-Key: 8f3kd02mfl29dk20fj } }',
      ),
      '8f3kd02mfl29dk20fj',
    ],
    ...(
      [
        ['a key of Azure Functions', 'headers: { x-functions-key: 8f3kd02mfl29dk20fj }'],
        ['a header that tells who asks', 'headers: { X-Auth: "Bearer 8f3kd02mfl29dk20fj" }'],
        ['a key in a query', 'headers: { Referer: "https://b.example/?a=b&x-api-key=8f3kd02mfl29dk20fj" }'],
        ['a token in a query', 'headers: { Referer: "https://b.example/?a=b&token=8f3kd02mfl29dk20fj" }'],
      ] as const
    ).map(([name, more]) => [
      name,
      withLines(`checks: [{ use: http, url: "https://a.example", ${more} }]`),
      '8f3kd02mfl29dk20fj',
    ]),
    ...['"--token", 8f3kd02mfl29dk20fj', '"--api-key=8f3kd02mfl29dk20fj"'].map((args) => [
      `an argument: ${args.slice(0, 9)}`,
      withLines(`gates: [{ use: command, name: x, run: [./gate.sh, ${args}] }]`),
      '8f3kd02mfl29dk20fj',
    ]),
  ])('%s', (_name, text, secret) => {
    const found = problems(text).join('\n');
    expect(found).toContain('secret');
    expect(found).not.toContain(secret);
  });

  it.each([
    'checks: [{ use: http, url: "https://a.example", headers: { X-Routing-Key: payments-production-eu1 } }]',
    'links: { dashboard: "https://a.example/?code=overview&key=shop-production" }',
    'links: { dashboard: "https://a.example/?var-key=shopproduction2026" }',
    ...[
      'url: "https://a.example/?projectKey=acme_shop_AYd8SwHq3f1gZ2k4"',
      'url: "https://a.example/?resourcekey=0-AYd8SwHq3f1gZ2k4"',
      'url: "https://a.example/?code={env:SHOPDEPLOYCODE2X}"',
      ...[
        'cache-key: shopproduction2026',
        'X-Public-Key: MCowBQYDK2VwAyEA7f',
        'x-partition-key: euwest1production',
      ].map((header) => `url: "https://a.example", headers: { ${header} }`),
    ].map((more) => `checks: [{ use: http, ${more} }]`),
    'gates: [{ use: command, name: x, run: [a, --token, "${SHOPDEPLOYTOKEN2X}", --secret, shopproduction2026, --password=$SHOPDEPLOY2TOKEN] }]',
    'gates: [{ use: command, name: x, run: [./gate.sh, --token, $GATE_TOKEN, --secret, shop-production-tls] }]',
  ])('leaves names alone: %s', (line) => {
    expect(problems(withLines(line))).toEqual([]);
  });

  it('leaves references and plain words alone', () => {
    const text = withLines(
      'metrics:',
      '  use: prometheus',
      '  url: https://prometheus.example',
      '  headers:',
      '    Authorization: { env: SHOP_METRICS_TOKEN, prefix: "Bearer " }',
    );
    expect(problems(text)).toEqual([]);
  });
});
