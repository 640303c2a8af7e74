import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readWorkflowFile } from '../../src/adapters/repositories/github/workflow-file.ts';
import { stagingValidationGate } from '../../src/domain/gates/staging-validation.ts';
import { readStateFiles } from '../../src/domain/state-file/read.ts';
import { render, resourcesIn } from '../deploy/helm/chart.ts';
import { type Block, blocksOf } from '../docs/cookbook/blocks.ts';
import { configJsonSchema, parseConfig } from '../support/all-adapters.ts';

const ROOT = join(import.meta.dirname, '../..');
type Map = Readonly<Record<string, unknown>>;

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.startsWith('site'))
    .map((name) => join('docs', name)),
];
const blocks = pages.flatMap((page) =>
  blocksOf(readFileSync(join(ROOT, page), 'utf8'))
    .filter(({ language }) => /^ya?ml$/.test(language))
    .map((block, index) => ({ ...block, page, title: `${page} ${index + 1} ${block.name}` })),
);

/** What a part of a configuration is put into. */
const SERVICE = {
  repository: { use: 'git', url: 'https://git.example.com/acme/shop.git', token: { env: 'GIT_TOKEN' } },
  target: { use: 'git-branch', branch: 'production' },
  checks: [{ use: 'http', url: 'https://shop.example.com/health' }],
  metrics: { use: 'probe', url: 'https://shop.example.com' },
};
const { properties: top = {} } = configJsonSchema();
const service = top['services']?.additionalProperties;
const ofService = Object.keys((typeof service === 'object' ? service.properties : undefined) ?? {});

/** Reads a configuration from some of its settings; throws what is wrong with them. */
function readConfig(settings: Map): void {
  const { services = { shop: SERVICE }, ...rest } = settings;
  const whole = Object.entries(services as Readonly<Record<string, Map>>).map(([name, given]) => [
    name,
    'defaults' in settings ? given : { ...SERVICE, ...given },
  ]);
  parseConfig(
    JSON.stringify({ slack: { channel: '#ship' }, ...rest, services: Object.fromEntries(whole) }),
    'slipway.yaml',
  );
}

const isOf = (value: unknown, keys: readonly string[]): value is Map =>
  typeof value === 'object' && value !== null && Object.keys(value).every((key) => keys.includes(key));

/** What a block is, and that it is a good one; throws when it is nothing that is known. */
function read({ name, text }: Pick<Block, 'name' | 'text'>): string {
  if (name.startsWith('slipway.yaml')) {
    parseConfig(text, 'slipway.yaml');
    return 'configuration';
  }
  if (name.startsWith('.github/workflows/')) {
    if (!readWorkflowFile(text)?.inputs) throw new Error('it cannot be started');
    return 'workflow';
  }
  if (name === '.gitlab-ci.yml') {
    for (const job of Object.values(parse(text) as Readonly<Record<string, Map>>))
      if (!Array.isArray(job['script'])) throw new Error('a job has no script');
    return 'pipeline';
  }
  if (name === 'values.yaml') {
    const values = parse(text) as Map;
    render(values);
    readConfig(values['config'] as Map);
    return 'values of the chart';
  }
  // Several ways to write one line of a gate.
  const lines = text.trim().split('\n');
  if (lines.length > 1 && lines.every((line) => line.startsWith('run: '))) {
    for (const line of lines)
      readConfig({ services: { shop: { gates: [{ use: 'command', name: 'own', ...parse(line) }] } } });
    return 'lines of a gate';
  }
  if (/^apiVersion:/m.test(text)) {
    resourcesIn(text);
    return 'resources of Kubernetes';
  }
  const value: unknown = parse(text);
  if (value === null) return 'comment';
  if (isOf(value, Object.keys(top))) readConfig(value);
  else if (isOf(value, ofService)) readConfig({ services: { shop: value } });
  else if (isOf(value, ['flux'])) {
    const gitops = {
      use: 'gitops',
      repository: SERVICE.repository,
      file: 'a.yaml',
      value: 'tag',
      write: '{tag}',
    };
    readConfig({ services: { shop: { target: { ...gitops, ...value } } } });
  } else if (isOf(value, ['current_phase', 'manual_gates', 'quality_gates', 'deployment'])) {
    const bytes = new TextEncoder().encode(text);
    const reading = readStateFiles([{ path: 'specs/1-a/state.yaml', bytes }], {
      slug: '1-a',
      dir: 'specs/1-a',
    });
    const { verdict } = stagingValidationGate(reading);
    if (verdict !== 'passed') throw new Error(`its validation is ${verdict}`);
  } else throw new Error(`nothing that is known: ${Object.keys(value as Map).join(', ')}`);
  return 'part';
}

test.each(blocks.map((block) => [block.title, block] as const))('%s is understood', (_title, block) => {
  expect(() => read(block)).not.toThrow();
});

test('what is wrong in a block is found', () => {
  expect(blocks.length).toBeGreaterThan(40);
  for (const text of ['target: { use: nothing }', 'services: { shop: { tarjet: 1 } }', 'metricz: 1'])
    expect(() => read({ name: '', text })).toThrow();
  expect(() => read({ name: 'slipway.yaml', text: 'services: {}' })).toThrow();
});
