import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { heads } from '../../src/adapters/heads/index.ts';
import { defineKind, tableOf } from '../../src/adapters/shared/kinds.ts';
import { ADAPTERS } from '../support/all-adapters.ts';

const SECRET = { Authorization: { env: 'SHOP_TOKEN', prefix: 'Bearer ' } };
const CLEAR = 'http://shop.example/x';
const SAFE = 'https://shop.example/x';

/** Everything of the config that is asked with headers, with the address at the place that the test fills. */
const ASKED: Readonly<Record<string, readonly [table: z.ZodType, settings: (url: string) => object]>> = {
  'check http': [ADAPTERS.checks.settings, (url) => ({ use: 'http', url, headers: SECRET })],
  'check jobs-http': [
    ADAPTERS.checks.settings,
    (url) => ({ use: 'jobs-http', url, paths: { waiting: 'a' }, 'max-waiting': 1, headers: SECRET }),
  ],
  'check version': [ADAPTERS.checks.settings, (url) => ({ use: 'version', url, json: 'a', headers: SECRET })],
  'gate http': [ADAPTERS.gates.settings, (url) => ({ use: 'http', name: 'a', url, headers: SECRET })],
  'metrics http-json': [
    ADAPTERS.metrics.settings,
    (url) => ({ use: 'http-json', url, total: 'a', headers: SECRET }),
  ],
  'checks cdn': [
    ADAPTERS.checks.settings,
    (url) => ({ use: 'cdn', url, header: 'x-version', headers: SECRET }),
  ],
  'metrics probe': [ADAPTERS.metrics.settings, (url) => ({ use: 'probe', url, headers: SECRET })],
  'metrics prometheus': [ADAPTERS.metrics.settings, (url) => ({ use: 'prometheus', url, headers: SECRET })],
  'alerts alertmanager': [
    ADAPTERS.alerts.settings,
    (url) => ({ use: 'alertmanager', url, labels: { service: 'shop' }, headers: SECRET }),
  ],
  'alerts alertmanager, with a token': [
    ADAPTERS.alerts.settings,
    (url) => ({ use: 'alertmanager', url, labels: { service: 'shop' }, bearer: { env: 'A' } }),
  ],
  'logs loki': [ADAPTERS.logs.settings, (url) => ({ use: 'loki', url, query: '{a="b"}', headers: SECRET })],
  'logs elasticsearch': [
    ADAPTERS.logs.settings,
    (url) => ({ use: 'elasticsearch', url, index: 'a', query: 'b', headers: SECRET }),
  ],
  'logs elasticsearch, with a key': [
    ADAPTERS.logs.settings,
    (url) => ({ use: 'elasticsearch', url, index: 'a', query: 'b', 'api-key': { env: 'A' } }),
  ],
  'logs loki, with a password': [
    ADAPTERS.logs.settings,
    (url) => ({ use: 'loki', url, query: '{a="b"}', basic: { user: 'a', password: { env: 'A' } } }),
  ],
  'target webhook, its url': [
    ADAPTERS.targets.settings,
    (url) => ({ use: 'webhook', url, live: SAFE, secret: { env: 'A' }, headers: SECRET }),
  ],
  'target webhook, what is live': [
    ADAPTERS.targets.settings,
    (live) => ({ use: 'webhook', url: SAFE, live, secret: { env: 'A' }, headers: SECRET }),
  ],
  'target github-actions, what is live': [
    ADAPTERS.targets.settings,
    (url) => ({ use: 'github-actions', workflow: 'deploy.yml', live: { url, headers: SECRET } }),
  ],
  'target waves, what it asks of one of them': [
    ADAPTERS.targets.settings,
    (url) => inWaves({}, [{ use: 'http', url, headers: SECRET }]),
  ],
  'target waves, one of them': [
    ADAPTERS.targets.settings,
    (url) => inWaves({ use: 'github-actions', workflow: 'a.yml', live: { url, headers: SECRET } }, []),
  ],
  'head of the audit to a webhook': [
    heads.settings,
    (url) => ({ use: 'webhook', url, secret: { env: 'A' }, headers: SECRET }),
  ],
};

function inWaves(target: object, checks: readonly object[]): object {
  const branch = { use: 'git-branch', branch: 'production' };
  const waves = [
    { name: 'eu', target: 'use' in target ? target : branch, checks },
    { name: 'us', target: branch },
  ];
  return { use: 'waves', waves };
}

const complaints = (table: z.ZodType, settings: object): readonly string[] =>
  table.safeParse(settings).error?.issues.map(({ message }) => message) ?? [];
/** What is said twice about one place, people read once. */
const clear = (lines: readonly string[]) => [
  ...new Set(lines.filter((line) => line.includes('because a secret is sent there'))),
];

describe.each(Object.entries(ASKED))('%s with a secret among its headers', (_, [table, settings]) => {
  test('is https, or http to this machine', () => {
    expect(clear(complaints(table, settings(CLEAR)))).toHaveLength(1);
    expect(clear(complaints(table, settings('HTTP://127.0.0.1.evil.example/x')))).toHaveLength(1);
    expect(complaints(table, settings(SAFE))).toEqual([]);
    expect(complaints(table, settings('http://127.0.0.1:8080/x'))).toEqual([]);
    expect(complaints(table, settings('http://localhost/x'))).toEqual([]);
  });
});

test('every kind that takes headers is tried', () => {
  const named = Object.entries({ ...ADAPTERS, heads }).flatMap(([port, { settings }]) =>
    takingHeaders(z.toJSONSchema(settings, { io: 'input', unrepresentable: 'any' })).map(
      (use) => `${port} ${use}`,
    ),
  );
  expect(named.sort()).toEqual([
    'alerts alertmanager',
    'checks cdn',
    'checks http',
    'checks jobs-http',
    'checks version',
    'gates http',
    'heads webhook',
    'logs elasticsearch',
    'logs loki',
    'metrics http-json',
    'metrics probe',
    'metrics prometheus',
    'targets github-actions',
    'targets waves',
    'targets webhook',
  ]);
});

/** Names of the kinds of a union that have `headers` somewhere. */
function takingHeaders(schema: object): string[] {
  const kinds =
    (schema as { oneOf?: object[]; anyOf?: object[] }).oneOf ?? (schema as { anyOf?: object[] }).anyOf ?? [];
  return kinds.flatMap((kind) => {
    const { properties } = kind as { properties: { use: { const: string } } };
    return JSON.stringify(kind).includes('"headers"') ? [properties.use.const] : [];
  });
}

test('a kind that is added is held to it by its table', () => {
  const settings = z.strictObject({
    use: z.literal('fax'),
    deep: z.array(z.object({ to: z.string(), headers: z.record(z.string(), z.unknown()) })),
  });
  const table = tableOf([defineKind({ settings, open: () => null })]);
  const wrong = table.settings.safeParse({ use: 'fax', deep: [{ to: CLEAR, headers: SECRET }] });
  expect(wrong.error?.issues[0]?.path).toEqual(['deep', 0, 'to']);
  expect(complaints(table.settings, { use: 'fax', deep: [{ to: CLEAR, headers: { accept: 'x' } }] })).toEqual(
    [],
  );
});
