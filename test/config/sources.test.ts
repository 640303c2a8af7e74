import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { metrics as kindsOfMetrics } from '../../src/adapters/metrics/index.ts';
import { Refusal } from '../../src/domain/refusals/refusal.ts';
import { parseConfig } from '../support/all-adapters.ts';

const PROMETHEUS = 'use: prometheus, url: "http://prometheus:9090"';

function problemsOf(metrics: string): string {
  const text = `slack: { channel: "#ship" }
services:
  shop:
    repository: { use: git, url: "https://git.example/shop.git" }
    target: { use: command, deploy: [./deploy.sh] }
    metrics: ${metrics}
`;
  try {
    const { services } = parseConfig(text, 'slipway.yaml');
    return `fine: ${services
      .get('shop')
      ?.metrics.map(({ use, name }) => `${use} ${name ?? ''}`.trim())
      .join(', ')}`;
  } catch (error) {
    if (error instanceof Refusal) return (error.facts['problems'] as string[]).join('\n');
    throw error;
  }
}

describe('metrics of a service', () => {
  test.each([
    [`{ ${PROMETHEUS} }`, 'fine: prometheus'],
    [`[{ ${PROMETHEUS} }, { ${PROMETHEUS}, name: payments }]`, 'fine: prometheus, prometheus payments'],
    [`[{ ${PROMETHEUS} }, { use: probe, url: "https://a.example" }]`, 'shop.metrics.1: { use'],
    [
      `[{ ${PROMETHEUS} }, { use: probe, url: "https://a.example" }]`,
      'a name: another source gives the error rate already',
    ],
    [`{ ${PROMETHEUS}, name: payments }`, 'one source without a name'],
    [
      `[{ ${PROMETHEUS} }, { ${PROMETHEUS}, name: a1 }, { ${PROMETHEUS}, name: a1 }]`,
      'one metric of the name a1, not two',
    ],
    [`{ ${PROMETHEUS}, counts: { jobs: { total: a, bad: b } } }`, 'fine: prometheus'],
    [`{ ${PROMETHEUS}, counts: { jobs: { total: a } } }`, 'either total and bad, or value with one limit'],
    [`{ ${PROMETHEUS}, counts: { jobs: { value: a, above: 1, below: 0 } } }`, 'either total and bad'],
    [`{ ${PROMETHEUS}, counts: { error rate: { value: a, above: 1 } } }`, 'a name of its own'],
    [`{ ${PROMETHEUS}, tennant: a }`, 'did you mean: tenant'],
    [`[{ ${PROMETHEUS} }, { use: prometheus, name: b2 }]`, 'services.shop.metrics.1.url: "url" is missing'],
    [`[{ ${PROMETHEUS}, scrape: often }]`, 'slipway.yaml:6:'],
    ['[]', 'at least 1 entry'],
    ['{ use: promethues }', 'did you mean: prometheus'],
    ['prometheus', 'metrics: '],
    [`{ ${PROMETHEUS}, bearer: { env: TOKEN } }`, 'an https address, because a secret is sent there'],
    [
      `{ use: prometheus, url: "http://127.0.0.1:9090", basic: { user: a, password: { env: TOKEN } } }`,
      'fine: prometheus',
    ],
  ])('%s', (metrics, expected) => {
    const problems = problemsOf(metrics);
    if (expected.startsWith('shop.metrics.1')) expect(problems).toContain('services.shop.metrics.1:');
    else expect(problems).toContain(expected);
  });
});

const PAGE = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
const EXAMPLES = [...PAGE.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);

test.each(EXAMPLES)('what docs/metrics.md tells people to write is understood: %s', (example) => {
  const { metrics } = parse(example) as { metrics: unknown };
  expect(problemsOf(stringify(metrics, { collectionStyle: 'flow', lineWidth: 0 }).trim())).toMatch(/^fine: /);
});

test('docs/metrics.md shows every kind', async () => {
  const kinds = new Set(
    EXAMPLES.flatMap((example) => [...example.matchAll(/use: ([\w-]+)/g)].map(([, use]) => use)),
  );
  const all = await kindsOfMetrics(() => true);
  expect([...kinds].sort()).toEqual(all.map(({ settings }) => settings.shape.use.value).sort());
});
