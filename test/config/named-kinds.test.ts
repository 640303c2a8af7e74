import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { alerts } from '../../src/adapters/alerts/index.ts';
import { checks } from '../../src/adapters/checks/index.ts';
import { gates } from '../../src/adapters/gates/index.ts';
import { logs } from '../../src/adapters/logs/index.ts';
import { metrics } from '../../src/adapters/metrics/index.ts';
import { onCall } from '../../src/adapters/on-call/index.ts';
import { repositories } from '../../src/adapters/repositories/index.ts';
import { targets } from '../../src/adapters/targets/index.ts';
import { loadConfig } from '../../src/config/load.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'slipway-kinds-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function configWith(target: string, repository = '{ use: git, url: "https://git.example/shop.git" }') {
  const file = join(dir, 'slipway.yaml');
  const service = `shop:\n    repository: ${repository}\n    target: ${target}\n`;
  writeFileSync(file, `slack: { channel: "#ship" }\nservices:\n  ${service}`);
  return loadConfig(file);
}

test('only the kinds that a file names are loaded', async () => {
  const { adapters } = await configWith('{ use: git-branch, branch: production }');
  const takes = (settings: object) => adapters.targets.settings.safeParse(settings).success;
  expect(takes({ use: 'git-branch', branch: 'live' })).toBe(true);
  expect(takes({ use: 'command', deploy: ['./deploy.sh'] })).toBe(false);
  expect(adapters.alerts.settings.safeParse({ use: 'grafana', url: 'https://grafana.example' }).success).toBe(
    false,
  );
});

test.each([
  ['in another form of YAML', '{ "use" : "command", "deploy": [x] }'],
  ['escaped', '{ use: "\\x63ommand", deploy: [x] }'],
  ['on a line of its own', '\n      use:\n        command\n      deploy: [x]'],
  ['by a merge key', '{ <<: &some { use: !!str command }, deploy: [x] }'],
  [
    'inside of waves',
    '{ use: waves, waves: [{ name: a, target: { use: command, deploy: [x] } }, { name: b, target: { use: git-branch, branch: b } }] }',
  ],
])('a kind that is named %s is found', async (_how, target) => {
  const { services, adapters } = await configWith(target);
  expect(services.size).toBe(1);
  expect(adapters.targets.settings.safeParse({ use: 'command', deploy: ['x'] }).success).toBe(true);
});

test('where a file is wrong, everything that could stand there is told', async () => {
  const { facts } = await configWith('{ use: kubernets }').then(
    () => ({ facts: { problems: [] as string[] } }),
    (error: { facts: { problems: string[] } }) => error,
  );
  expect(facts.problems.join('\n')).toMatch(
    /did you mean: kubernetes\n.*one of git-branch, .*, command, waves/,
  );
});

test('every kind is called as its settings say', async () => {
  for (const kinds of [repositories, targets, checks, gates, metrics, alerts, logs, onCall]) {
    const all = await kinds(() => true);
    for (const { settings } of all) {
      const name: string = settings.shape.use.value;
      const found = await kinds((one) => one === name);
      expect(found.map((kind) => kind.settings.shape.use.value)).toEqual([name]);
    }
  }
});

/** What a module loads before it does anything: values, not types, and nothing that is imported while it runs. */
function loadedBy(file: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  for (const [, clause = '', to = ''] of text.matchAll(/^(?:import|export) ([^;]*?)from '(\.[^']*)';/gm)) {
    const isOfTypes = clause.startsWith('type ') || /^\{(?:\s*type [^,}]*,?)+\s*\}\s*$/.test(clause);
    if (!isOfTypes) loadedBy(join(dirname(file), to), seen);
  }
  return seen;
}

test('the bot itself loads no kind', () => {
  const app = fileURLToPath(new URL('../../src/app.ts', import.meta.url));
  const loaded = [...loadedBy(app)];
  expect(loaded.length).toBeGreaterThan(300);
  const kinds = loaded.filter(
    (file) =>
      /\/src\/adapters\/(?!heads\/)/.test(file) && readFileSync(file, 'utf8').includes('= defineKind('),
  );
  expect(kinds).toEqual([]);
});
