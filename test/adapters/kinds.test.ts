import { pino } from 'pino';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { alerts as alertsCatalogue } from '../../src/adapters/alerts/index.ts';
import { checks as checksCatalogue } from '../../src/adapters/checks/index.ts';
import { gates as gatesCatalogue, withTimeouts } from '../../src/adapters/gates/index.ts';
import { gateSettings, identityOf } from '../../src/adapters/gates/question.ts';
import { logs as logsCatalogue } from '../../src/adapters/logs/index.ts';
import { metrics as metricsCatalogue } from '../../src/adapters/metrics/index.ts';
import { repositories as repositoriesCatalogue } from '../../src/adapters/repositories/index.ts';
import { repositorySettings } from '../../src/adapters/repositories/settings.ts';
import { type AdapterContext, Duration, SecretRef } from '../../src/adapters/shared/context.ts';
import { defineKind, tableOf } from '../../src/adapters/shared/kinds.ts';
import type { AdapterTables } from '../../src/adapters/tables.ts';
import type { TargetContext } from '../../src/adapters/targets/context.ts';
import { targets as targetsCatalogue } from '../../src/adapters/targets/index.ts';
import { openService } from '../../src/app/services.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { explain } from '../../src/domain/refusals/explain.ts';
import { Refusal } from '../../src/domain/refusals/refusal.ts';
import { MemoryAlerts } from '../fakes/memory-alerts.ts';
import { MemoryCheck } from '../fakes/memory-check.ts';
import { MemoryLogs } from '../fakes/memory-logs.ts';
import { MemoryMetrics } from '../fakes/memory-metrics.ts';
import { MemoryRepository } from '../fakes/memory-repository.ts';
import { MemoryTarget } from '../fakes/memory-target.ts';
import { ADAPTERS, configJsonSchema, configurationMarkdown } from '../support/all-adapters.ts';

const all = () => true;
const ALERT_KINDS = await alertsCatalogue(all);
const CHECK_KINDS = await checksCatalogue(all);
const GATE_KINDS = await gatesCatalogue(all);
const LOG_KINDS = await logsCatalogue(all);
const METRICS_KINDS = await metricsCatalogue(all);
const REPOSITORY_KINDS = await repositoriesCatalogue(all);
const TARGET_KINDS = await targetsCatalogue(all);

const RELEASE = { version: '1.3.0', tag: 'v1.3.0', commit: '1'.repeat(40) };

/** Each is what a new file would hold; the only other line is the one that names it in the table. */
const drum = defineKind({
  settings: z.strictObject({
    use: z.literal('drum'),
    beats: z.int().min(1).meta({ description: 'How often it is beaten.' }),
  }),
  open: ({ beats }, { service }: AdapterContext) =>
    new MemoryCheck('drum', { always: { ok: true, detail: `${service} heard ${beats} beats` } }),
});

const flagpole = defineKind({
  settings: z.strictObject({ use: z.literal('flagpole'), key: SecretRef }),
  open: ({ key }, { secret, repository }: TargetContext) => {
    const target = new MemoryTarget();
    target.current = { commit: `${secret(key.env)} over ${repository.branch}` };
    return target;
  },
});

const rainGauge = defineKind({
  settings: z.strictObject({ use: z.literal('rain-gauge'), drops: z.int() }),
  open: ({ drops }) => new MemoryMetrics(() => ({ total: drops, errors: 0, latencyMs: 1 })),
});

const beacon = defineKind({
  settings: z.strictObject({ use: z.literal('beacon'), name: z.string().optional(), lit: z.boolean() }),
  open: ({ lit }, { service }: AdapterContext) =>
    new MemoryAlerts(() => (lit ? [{ id: '1', name: service, critical: true }] : [])),
});

const diary = defineKind({
  settings: z.strictObject({ use: z.literal('diary'), name: z.string().optional(), entry: z.string() }),
  open: ({ entry }) => new MemoryLogs(() => [{ atMs: 1, text: entry }]),
});

const oracle = defineKind({
  settings: z.strictObject({
    use: z.literal('oracle'),
    ...gateSettings,
    says: z.string(),
    timeout: Duration.prefault('1s'),
  }),
  open: (settings) => ({
    kind: 'oracle',
    ...identityOf(settings),
    check: async () => ({ verdict: 'passed' as const, reason: settings.says }),
  }),
});

const notebook = defineKind({
  settings: z.strictObject({ use: z.literal('notebook'), pages: z.int(), ...repositorySettings }),
  open: ({ pages, branch }) => {
    const repository = new MemoryRepository();
    repository.push(branch, `${pages} pages`);
    return repository;
  },
});

const SERVICE: Readonly<Record<string, string>> = {
  repository: '{ use: git, url: "https://git.example/shop.git" }',
  target: '{ use: command, deploy: [./deploy.sh] }',
};

/** A config with one service, the standard one but for what is given. */
function yaml(given: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ ...SERVICE, ...given }).map(([key, value]) => `    ${key}: ${value}\n`);
  return `slack: { channel: "#ship" }\nservices:\n  shop:\n${lines.join('')}`;
}

/** From the text of a config to open adapters, as the bot does it. */
function opened(given: Readonly<Record<string, string>>, tables: Partial<AdapterTables>) {
  const adapters = { ...ADAPTERS, ...tables };
  const settings = parseConfig(yaml(given), 'slipway.yaml', adapters).services.get('shop');
  if (!settings) throw new Error('no service');
  const place = { dir: '/nowhere', dataDir: '/nowhere/data', adapters };
  const env = { POLE_KEY: 'a flag, and a long one' };
  return openService(place, settings, env, pino({ level: 'silent' }));
}

function problemsOf(given: Readonly<Record<string, string>>, tables: Partial<AdapterTables>): string {
  try {
    parseConfig(yaml(given), 'slipway.yaml', { ...ADAPTERS, ...tables });
  } catch (error) {
    if (error instanceof Refusal) return (error.facts['problems'] as string[]).join('\n');
    throw error;
  }
  return '';
}

const ECS =
  'use: aws-ecs, region: eu-central-1, cluster: main, service: shop, containers: [web], image: "r/shop:{tag}"';
const CANARY =
  'canary: { service: shop-canary, rule: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener-rule/app/shop/5/f/9" }';

describe('stages', () => {
  const stages = '[5%, 100%]';
  const WEBHOOK =
    '{ use: webhook, url: "https://a.example", live: "https://a.example/live", secret: { env: POLE_KEY } }';

  test.each([
    ['a command that is told no percentage', '{ use: command, deploy: [./deploy.sh, "{tag}"] }'],
    ['a branch', '{ use: git-branch, branch: production }'],
    ['a webhook whose receiver is not said to split', WEBHOOK],
    ['ECS without a second service', `{ ${ECS} }`],
  ])('are refused for %s, with what to do', (_name, target) => {
    const open = () => opened({ target, stages }, {});
    expect(open).toThrow(Refusal);
    const { text, hint } = explain(catching(open));
    expect(text).toMatch(/^shop has stages, but its target \(.*\) cannot send only a part/);
    expect(hint).toContain('`aws-ecs` with `canary` (where ECS deploys, as CodeDeploy waits for nobody)');
  });

  test('on ECS take a second service, where ECS deploys', () => {
    expect(opened({ target: `{ ${ECS}, ${CANARY} }`, stages }, {}).service.stages?.shares).toEqual([5, 100]);
    const target = `{ ${ECS}, ${CANARY}, codedeploy: { application: shop, group: shop } }`;
    expect(problemsOf({ target, stages }, {})).toMatch(
      /target\.canary: a map does not fit\s+expected: nothing for CodeDeploy, which moves the requests at times of its own and waits for nobody: for stages let ECS deploy/,
    );
  });

  test.each([
    ['a command with {percent}', '{ use: command, deploy: [./deploy.sh, "--weight={percent}"] }'],
    ['a webhook', WEBHOOK.replace('{ use: webhook,', '{ use: webhook, percent: true,')],
  ])('are taken with %s', (_name, target) => {
    const { service } = opened({ target, stages, monitor: '{ stage: 7m }' }, {});
    expect(service.stages).toEqual({ shares: [5, 100], watchMs: 7 * 60_000 });
    expect(opened({ target }, {}).service.stages).toBeUndefined();
  });
});

describe('a share that is no whole percent', () => {
  const stages = '[2.5%, 100%]';

  test.each([
    [
      'Cloud Run',
      '{ use: cloud-run, project: acme-shop, region: europe-west1, service: shop, image: "r/shop:{tag}" }',
    ],
    [
      'Argo Rollouts',
      '{ use: argo-rollouts, namespace: shop, rollout: shop, containers: [web], image: "r/shop:{tag}" }',
    ],
    ['ECS', `{ ${ECS}, ${CANARY} }`],
  ])('is refused for %s', (_name, target) => {
    expect(explain(catching(() => opened({ target, stages }, {}))).text).toMatch(
      /^shop has a stage of 2\.5 %, and its target \(.*\) splits requests by whole percents only/,
    );
  });

  test('is taken where a command splits', () => {
    const target = '{ use: command, deploy: [./deploy.sh, "{percent}"] }';
    expect(opened({ target, stages }, {}).service.stages?.shares).toEqual([2.5, 100]);
  });
});

function catching(work: () => unknown): Refusal {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a kind that is added to the table of its port is used from a config', () => {
  test('a check', async () => {
    const checks = tableOf([...CHECK_KINDS, drum]);
    const service = opened(
      { checks: '[{ use: drum, beats: 3 }, { use: http, url: "https://a.example" }]' },
      { checks },
    );
    expect(service.checks.map(({ name }) => name)).toEqual(['drum', '/']);
    const attempt = await service.checks[0]?.attempt(RELEASE, AbortSignal.timeout(1_000));
    expect(attempt).toEqual({ ok: true, detail: 'shop heard 3 beats' });
  });

  test('a target, which is told where releases are cut', async () => {
    const targets = tableOf([...TARGET_KINDS, flagpole]);
    const service = opened({ target: '{ use: flagpole, key: { env: POLE_KEY } }' }, { targets });
    expect(await service.target.live()).toEqual({ commit: 'a flag, and a long one over main' });
  });

  test('a metrics source', async () => {
    const metrics = tableOf([...METRICS_KINDS, rainGauge]);
    const service = opened({ metrics: '{ use: rain-gauge, drops: 7 }' }, { metrics });
    const samples = await service.metrics?.read({ fromMs: 0, toMs: 1_000, stepMs: 1_000 }, 'baseline');
    expect(samples?.map(({ total }) => total)).toEqual([7]);
  });

  test('an alert source', async () => {
    const alerts = tableOf([...ALERT_KINDS, beacon]);
    const service = opened({ alerts: '[{ use: beacon, lit: true }]' }, { alerts });
    expect((await service.alerts[0]?.firing())?.map(({ name }) => name)).toEqual(['shop']);
    expect(
      problemsOf({ alerts: '[{ use: beacon, lit: true }, { use: beacon, lit: false }]' }, { alerts }),
    ).toContain('a name for each of two of a kind');
  });

  test('a log source', async () => {
    const logs = tableOf([...LOG_KINDS, diary]);
    const service = opened({ logs: '[{ use: diary, entry: rain }]' }, { logs });
    const read = await service.logs[0]?.read({ fromMs: 0, toMs: 2, most: 5 });
    expect(read).toEqual({ lines: [{ atMs: 1, text: 'rain' }], cut: false });
  });

  test('a gate', async () => {
    const gates = withTimeouts(tableOf([...GATE_KINDS, oracle]));
    const service = opened({ gates: '[{ use: oracle, name: delphi, says: Go. }]' }, { gates });
    const question = { service: 'shop', commit: RELEASE.commit, branch: 'main', by: 'U_ADA' };
    expect(service.gates.map(({ id }) => id)).toEqual(['gates/delphi']);
    expect(await service.gates[0]?.check(question)).toEqual({ verdict: 'passed', reason: 'Go.' });
  });

  test('a repository', async () => {
    const repositories = tableOf([...REPOSITORY_KINDS, notebook]);
    const service = opened({ repository: '{ use: notebook, pages: 12, branch: trunk }' }, { repositories });
    expect(service.service.branch).toBe('trunk');
    expect(Object.keys((await service.repository.refs()).branches)).toEqual(['trunk']);
  });
});

describe('what follows from a table', () => {
  const checks = tableOf([...CHECK_KINDS, drum]);
  const adapters = { ...ADAPTERS, checks };

  test('are the types: `use` tells the kinds apart', () => {
    expectTypeOf<z.infer<typeof checks.settings>['use']>().toEqualTypeOf<
      z.infer<(typeof CHECK_KINDS)[number]['settings']>['use'] | 'drum'
    >();
    const parsed = parseConfig(yaml({ checks: '[{ use: drum, beats: 3 }]' }), 'slipway.yaml', adapters);
    const [check] = parsed.services.get('shop')?.checks ?? [];
    if (check?.use !== 'drum') throw new Error('another kind');
    expectTypeOf(check.beats).toEqualTypeOf<number>();
    expect(check).toEqual({ use: 'drum', beats: 3 });
  });

  test('are the messages, with line and column', () => {
    expect(
      problemsOf({ checks: '[{ use: drum, beats: 0, melody: C }, { use: drumm }]' }, { checks }),
    ).toMatchInlineSnapshot(`
      "slipway.yaml:6:34 services.shop.checks.0.beats: 0 does not fit
        expected: at least 1
      slipway.yaml:6:37 services.shop.checks.0.melody: unknown key "melody"
        expected: one of use, beats
      slipway.yaml:6:57 services.shop.checks.1.use: there is no "drumm" to use here
        did you mean: drum
        expected: one of http, version, postgres, mysql, redis, tcp, tls, dns, cdn, jobs, jobs-http, drum
        example: use: drum"
    `);
    expect(problemsOf({ checks: '[{ use: drum, beats: 1 }]' }, {})).toContain(
      'there is no "drum" to use here',
    );
  });

  test('are the JSON Schema and the documentation', () => {
    expect(JSON.stringify(configJsonSchema(adapters))).toContain('How often it is beaten.');
    expect(configurationMarkdown(adapters)).toContain(
      '#### `- use: drum`\n\n| Setting | Value | Default | Meaning |\n| --- | --- | --- | --- |\n| `beats` | whole number | required | How often it is beaten. |',
    );
    expect(configurationMarkdown()).not.toContain('drum');
  });

  test('a target that needs a certain kind of repository says so', () => {
    const repositories = tableOf([...REPOSITORY_KINDS, notebook]);
    const repository = '{ use: notebook, pages: 1 }';
    const open = (target: string) => {
      try {
        opened({ repository, target }, { repositories });
      } catch (error) {
        if (error instanceof Refusal) return explain(error).text;
        throw error;
      }
      return 'opened';
    };
    expect(open('{ use: git-branch }')).toContain(
      'a repository of `use: git`, `use: github` or `use: gitlab`',
    );
    expect(open('{ use: github-actions, workflow: deploy.yml }')).toContain('is not on GitHub');
    expect(open(SERVICE['target'] ?? '')).toBe('opened');
  });

  test('settings of another table are a fault of ours', () => {
    const foreign = { use: 'trumpet' } as unknown as z.infer<typeof checks.settings>;
    expect(() => checks.open(foreign, {} as AdapterContext)).toThrow(
      'No kind of this table is called trumpet.',
    );
  });
});
