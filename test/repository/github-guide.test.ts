import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MOST_CALLS } from '../../bench/github-calls/report.ts';
import { readWorkflow } from '../../demo/github/actions/workflow.ts';
import * as needs from '../../src/adapters/repositories/github/api/needs.ts';
import {
  readWorkflowFile,
  showsInput,
  startsByItself,
} from '../../src/adapters/repositories/github/workflow-file.ts';
import { parseConfig } from '../support/all-adapters.ts';

const page = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const GUIDE = page('github.md');

/** Fenced blocks whose info string begins like this. */
function blocks(info: string): readonly string[] {
  const fence = new RegExp(`^\`\`\`yaml ${info.replaceAll('.', '\\.')}.*\\n([\\s\\S]*?)^\`\`\``, 'gm');
  return [...GUIDE.matchAll(fence)].map(([, text = '']) => text);
}

function shopOf(yaml: string) {
  const shop = parseConfig(yaml, 'slipway.yaml').services.get('shop');
  if (!shop) throw new Error('there is no shop');
  return shop;
}

test('every slipway.yaml of the guide is understood, and is on GitHub', () => {
  const shops = blocks('slipway.yaml').map(shopOf);
  expect(shops.map(({ repository }) => repository.use)).toEqual(['github', 'github', 'github', 'github']);
  const [app, token, guarded, server] = shops;
  expect(app?.repository).toMatchObject({ app: { id: 123456, installation: 51234567 }, ci: 'all' });
  expect(token?.repository).toMatchObject({ token: { env: 'GITHUB_TOKEN' }, ci: ['build', 'test'] });
  expect(guarded?.repository).toMatchObject({ protected: 'pull-request', merge: 'squash' });
  expect(server?.repository).toMatchObject({ api: 'https://ghe.example.com/api/v3' });
});

test('its workflow can be started as its slipway.yaml says, and starts at nothing else', () => {
  const [text = ''] = blocks('.github/workflows/deploy.yml');
  const file = readWorkflowFile(text);
  if (!file?.inputs) throw new Error('it cannot be dispatched');
  const [app] = blocks('slipway.yaml').map(shopOf);
  if (app?.target.use !== 'github-actions') throw new Error('no workflow is started');
  const { inputs, correlation, workflow } = app.target;
  expect(workflow).toBe('deploy.yml');
  for (const name of [...Object.keys(inputs), correlation]) expect(Object.keys(file.inputs)).toContain(name);
  expect(file.inputs['environment']?.options).toContain(inputs['environment']);
  expect(showsInput(file, correlation)).toBe(true);
  expect(startsByItself(file, { branch: 'main', tags: ['v1.2.3'] })).toBeNull();
  expect(readWorkflow(text)?.jobs.flatMap(({ steps }) => steps.map(({ name }) => name))).toContain('Build');
});

test('its table has every permission that is asked for, and no other', () => {
  const [, table = ''] = GUIDE.split('## Permissions');
  const named = [...(table.split('\n## ')[0] ?? '').matchAll(/^\| `(\w+: \w+)` \|/gm)].map(
    ([, name]) => name,
  );
  const asked = Object.values(needs).map((one) =>
    typeof one === 'object' ? one.permission : one('x').permission,
  );
  expect(asked.length).toBeGreaterThan(6);
  expect(new Set(named)).toEqual(new Set([...asked, 'metadata: read', 'workflows: write']));
});

test('the figures of the benchmarks are below the bound that the stories hold', () => {
  const [, count = ''] =
    /^\| \*\*a promotion\*\* \| \d+ \| \d+ \| (\d+) \|/m.exec(page('benchmarks.md')) ?? [];
  expect(Number(count)).toBeGreaterThan(20);
  expect(Number(count)).toBeLessThanOrEqual(MOST_CALLS);
  expect(page('benchmarks.md')).toContain(`at most ${MOST_CALLS}`);
});
