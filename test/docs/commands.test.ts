import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { GateQuestion } from '../../src/adapters/gates/port.ts';
import { factsOf, factVariables } from '../../src/adapters/gates/question.ts';
import { fillInArguments } from '../../src/adapters/shared/program/arguments.ts';
import { fillIn } from '../../src/adapters/targets/command/order.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const page = read('docs/commands.md');

const GATE: GateQuestion = {
  service: 'shop',
  commit: 'a'.repeat(40),
  validated: 'b'.repeat(40),
  branch: 'main',
  feature: '014-checkout',
  version: '1.3.0',
  by: 'U_ADA',
};
const ORDER = {
  service: 'shop',
  release: { version: '1.3.0', tag: 'v1.3.0', commit: 'a'.repeat(40) },
  from: null,
  percent: 5,
};
const TARGET = 'src/adapters/targets/command/';
const SOURCES: Readonly<Record<string, string>> = {
  gates: read('src/adapters/gates/question.ts'),
  targets: readdirSync(new URL(`../../${TARGET}`, import.meta.url))
    .map((file) => read(`${TARGET}${file}`))
    .join('\n'),
  logs: read('src/adapters/logs/command.ts'),
};
const [, logFacts = ''] = /const facts = \{([\s\S]*?)\n {4}\};/.exec(SOURCES['logs'] ?? '') ?? [];
const LOGS = Object.fromEntries([...logFacts.matchAll(/^ {6}(\w+):/gm)].map(([, name = '']) => [name, 'x']));
const FILLS: Readonly<Record<string, (argv: readonly string[]) => readonly string[]>> = {
  gates: (argv) => fillInArguments(argv, factsOf(GATE)),
  targets: (argv) => fillIn(argv, ORDER),
  logs: (argv) => fillInArguments(argv, LOGS),
};

const sorted = (names: Iterable<string>) => [...new Set(names)].sort();

describe.each(['gates', 'targets', 'logs'])('the page about commands names for %s', (where) => {
  const source = SOURCES[where] ?? '';

  test('every placeholder, and no other', () => {
    const said = [...page.matchAll(/^\| (`\{.*) \| ([a-z, ]+) \| .* \|$/gm)]
      .filter(([, , places = '']) => places.split(', ').includes(where))
      .flatMap(([, names = '']) => [...names.matchAll(/\{([a-z]+)\}/g)].map(([, name = '']) => name));
    const candidates = sorted([...source.matchAll(/\b[a-z]+\b/g)].map(([word]) => word));
    const filled = FILLS[where]?.(['run', ...candidates.map((name) => `{${name}}`)]) ?? [];
    expect(sorted(said)).toEqual(candidates.filter((name, index) => filled[index + 1] !== `{${name}}`));
    expect(said).toContain('service');
  });

  test('every variable, and no other', () => {
    const [, said = ''] = new RegExp(`^- ${where}: ([\\s\\S]*?)(?=\\n(?:- |\\n))`, 'm').exec(page) ?? [];
    const names = (text: string) => sorted([...text.matchAll(/SLIPWAY_[A-Z_]*[A-Z]/g)].map(([name]) => name));
    expect(names(said)).toEqual(where === 'gates' ? sorted(Object.keys(factVariables(GATE))) : names(source));
  });
});
