import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { fitsFilter } from '../../src/adapters/repositories/github/filter-pattern.ts';
import { readWorkflowFile } from '../../src/adapters/repositories/github/workflow-file.ts';
import { difference } from '../../src/adapters/shared/expectation.ts';
import { spotInYaml } from '../../src/adapters/targets/gitops/yaml-value.ts';
import { readLive } from '../../src/adapters/targets/webhook/protocol.ts';
import { readFragments } from '../../src/domain/changelog/fragments/fragments.ts';
import { explain } from '../../src/domain/refusals/explain.ts';
import { Refusal } from '../../src/domain/refusals/refusal.ts';
import { tomlEntries } from '../../src/domain/release/version-files/toml.ts';
import { findVersions } from '../../src/domain/release/version-files/version-files.ts';
import { parseState } from '../../src/domain/state-file/document.ts';
import { groupCount, searchBounded } from '../../src/domain/text/bounded-pattern.ts';
import { aliasesIn } from '../../src/domain/text/yaml-aliases.ts';
import { smallYaml, yamlDocument } from '../../src/domain/text/yaml-limits.ts';
import { parseMention } from '../../src/handlers/parse/mention.ts';
import { parseThreadReply } from '../../src/handlers/parse/thread-reply.ts';
import { processorMs } from '../support/processor-time.ts';

const UNLUCKY = '(a+)+$';
const LONG = `${'a'.repeat(60)}!`;

describe('a configured pattern that goes over a text again and again', () => {
  test('is given up', () => {
    expect(searchBounded(UNLUCKY, '', LONG)).toBe('slow');
    expect(searchBounded('b(a+)', '', 'xbaa')).toEqual({ group: [2, 4] });
    expect(searchBounded('c', '', 'xbaa')).toBeNull();
    expect(() => searchBounded('(', '', '')).toThrow(SyntaxError);
  });

  test('is a sentence for a check', () => {
    expect(difference('the body', LONG, { matches: UNLUCKY })).toBe(
      'the body is too much for the pattern "(a+)+$"',
    );
  });

  test('is a refusal for a version file', () => {
    const find = () => findVersions([{ path: 'a.txt', text: LONG }], [{ path: 'a.txt', pattern: UNLUCKY }]);
    expect(find).toThrow(Refusal);
    const said = explain(new Refusal('version-pattern-slow', { path: 'a.txt', pattern: UNLUCKY }));
    expect(said.text).toContain('takes too long for a.txt');
    expect(said.hint).toContain('version.files');
  });
});

describe('a state file with too much in it', () => {
  test('says so, and what to do', () => {
    const text = 'key: 1\n'.repeat(4_000);
    expect(parseState('specs/a/state.yaml', new TextEncoder().encode(text))).toEqual({
      kind: 'unreadable',
      reason:
        'specs/a/state.yaml has too much in it: a state file may have about 3000 lines; keep what is older elsewhere',
    });
  });
});

describe('YAML with many levels', () => {
  const nested = (levels: number) => `a: ${'['.repeat(levels - 1)}1${']'.repeat(levels - 1)}\n`;

  test('is refused with its line, and what to do', () => {
    const read = (text: string) => parseState('specs/a/state.yaml', new TextEncoder().encode(text));
    expect(read(nested(100)).kind).toBe('document');
    expect(read(`b: 1\n${nested(102)}`)).toEqual({
      kind: 'unreadable',
      reason: 'specs/a/state.yaml:2 is nested too deeply: a state file may have about 100 levels',
    });
    expect(spotInYaml(`b: 1\n${nested(102)}`, { kind: 'value', path: ['b'] })).toBe(
      'its line 2 is nested too deeply to be read',
    );
  });

  test.each(['[', '{a: ', '- ', '? ', '[{', '{? '])('is none for a reader: %s', (open) => {
    expect(smallYaml(open.repeat(1_000), 10_000)).toBeUndefined();
    expect(yamlDocument(open.repeat(1_000), 10_000)).toMatchObject({ tooMuch: 'levels' });
  });

  test('is refused behind aliases too', () => {
    const chain = Array.from({ length: 101 }, (_, nr) => `  - &b${nr + 1} [*b${nr}]\n`).join('');
    const said = (text: string) => aliasesIn(parseDocument(text)).problem?.message ?? null;
    expect(said(`x:\n  - &b0 1\n${chain}`)).toBe('this is nested too deeply');
    expect(said(`x:\n  - &b0 1\n${chain.slice(0, 1_000)}`.replace(/\n[^\n]*$/, '\n'))).toBeNull();
  });
});

describe('TOML with many levels', () => {
  test('is refused, whatever brackets stand in its strings and comments', () => {
    const many = '['.repeat(200);
    expect(() => tomlEntries('a.toml', `a = ${many}${']'.repeat(200)}`)).toThrow(Refusal);
    const text = `a = '${many}' # ${many}\nb = "\\"${many}"\nc = """\n\\"""${many}""""\nd = '''${many}'''`;
    expect(tomlEntries('a.toml', text)).toHaveLength(4);
    const closed = ']'.repeat(200);
    for (const head of [`# \u2028${closed}`, `# \u2029${closed}`, closed]) {
      expect(() => tomlEntries('a.toml', `${head}\na = ${many}${closed}`)).toThrow('nested too deeply');
    }
  });
});

test('a pattern with thousands of groups is none', () => {
  const pattern = `${'(?:a|'.repeat(20_000)}${')'.repeat(20_000)}`;
  expect(groupCount(pattern)).toBeNull();
  expect(() => searchBounded(pattern, '', 'a')).toThrow(SyntaxError);
  expect(groupCount('VERSION = "(.+)"')).toBe(1);
});

test('a pattern may have 2,000 characters, and ends with no backslash', () => {
  const pattern = `(${'a'.repeat(1_998)})`;
  expect(groupCount(pattern)).toBe(1);
  expect(searchBounded(pattern, '', 'b')).toBeNull();
  expect(groupCount(`${pattern}a`)).toBeNull();
  expect(groupCount('(a)\\', 'u')).toBeNull();
  expect(groupCount('(a)\\')).toBeNull();
  expect(groupCount('a)|(b')).toBeNull();
  expect(groupCount('a|(b)|(c)')).toBe(2);
});

test('an answer with more levels than JSON is written with is not what is expected', () => {
  const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
  expect(difference('a.b', deep, { equals: 'ok' })).toBe('a.b is […], expected "ok"');
  expect(difference('a.b', { deep }, { matches: 'ok' })).toBe('a.b is {…}, expected a match of "ok"');
  expect(difference('a.b', { deep }, { matches: '.' })).toBe('a.b is {…}, expected a match of "."');
  expect(difference('a.b', deep, { contains: '[' })).toBe('a.b does not contain "["');
  expect(difference('a.b', deep, {})).toBeNull();
});

test('nor is it what is live, or more than nothing', () => {
  const deep: unknown = JSON.parse(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
  expect(() => readLive('receiver', deep)).toThrow(Refusal);
  expect(readLive('receiver', {})).toBeNull();
});

describe('a workflow with an alias inside of its own anchor', () => {
  test('is none, as it would be walked through for ever', () => {
    const twice = Array.from({ length: 30 }, (_, nr) => `      - &b${nr + 1} [*b${nr}, *b${nr}]\n`).join('');
    const text = `on:\n  push:\n    branches: &a\n      - &b0 [*a, *a]\n${twice}`;
    expect(readWorkflowFile(text)).toBeNull();
    expect(readWorkflowFile('on:\n  push: &x { branches: [main] }\n  create: *x')?.events['create']).toEqual({
      branches: ['main'],
    });
  });
});

describe('the filters of a workflow', () => {
  test.each([
    ['v*', 'v1.2.3', true],
    ['v*', 'v1/2', false],
    ['**', 'a/b/c', true],
    ['releases/**', 'releases/1/2', true],
    ['**/v1', 'v1', true],
    ['v[12].[0-9]+.[0-9]+', 'v1.10.3', true],
    ['v[12].[0-9]+.[0-9]+', 'v3.10.3', false],
    ['v[12].[0-9]+.[0-9]+', 'v1..3', false],
    ['mains?', 'main', true],
    ['main', 'maint', false],
    ['(a)', '(a)', true],
    ['v1.2', 'v1x2', false],
    ['[9-0]', 'x', true],
    ['+', 'x', true],
    ['a'.repeat(1_001), 'x', true],
  ])('%s and %s', (pattern, name, fits) => {
    expect(fitsFilter(pattern, name)).toBe(fits);
  });

  test('of a hundred stars are answered at once', () => {
    const work = () => expect(fitsFilter(`${'**a'.repeat(100)}!`, 'a'.repeat(200))).toBe(false);
    expect(processorMs(work, { enough: 200 })).toBeLessThan(200);
  });
});

test('what is longer than any request is none', () => {
  const quoted = '> a line of a log\n'.repeat(40);
  expect(parseThreadReply(`${quoted}rollback`)).toEqual({ kind: 'rollback' });
  expect(parseThreadReply(`${quoted.repeat(10)}rollback`)).toBeNull();
  expect(parseMention('<@U1> ship it', [])).toMatchObject({ kind: 'ship' });
  expect(parseMention(`<@U1> ship it ${'because '.repeat(300)}`, [])).toEqual({ kind: 'help' });
});

describe('text that a committer pushes is read in linear time', () => {
  const MOST_CPU_MS = 100;
  const LENGTH = 95_000;
  const filled = (unit: string, length = LENGTH) => unit.repeat(length / unit.length);
  const cargo = (unit: string, end: string) => {
    const line = (_: unknown, index: number) =>
      `shop${index} = { path = "../a", package = "shop", version = "${filled(unit, LENGTH / 10)}${end}" }`;
    const head = '[package]\nname = "shop"\nversion = "1.2.3"\n[dependencies]\n';
    return head + Array.from({ length: 10 }, line).join('\n');
  };
  const fragment = (text: string) => () => readFragments([{ path: 'changelog.d/a.md', text }]);

  test.each<[string, () => unknown]>([
    ['a heading with a gap', fragment(`# a${filled(' ')}x`)],
    ['a heading that may end anywhere', fragment(`# a${filled(' #')}x`)],
    ['a heading of tabs', fragment(`# a${filled('\t')}x`)],
    ['a heading of nothing', fragment(`# ${filled(' ')}`)],
    ['long requirements of digits', () => findVersions([{ path: 'Cargo.toml', text: cargo('1', ' ') }], [])],
    ['long requirements of parts', () => findVersions([{ path: 'Cargo.toml', text: cargo('1.', ' ') }], [])],
    ['long requirements of blanks', () => findVersions([{ path: 'Cargo.toml', text: cargo(' ', 'x') }], [])],
    ['long lines of TOML', () => tomlEntries('a.toml', `${`a = "${filled('a', 9_500)}"\n`.repeat(10)}a = "`)],
  ])('%s', (_what, read) => {
    const work = () => {
      try {
        read();
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
      }
    };
    expect(processorMs(work, { enough: MOST_CPU_MS })).toBeLessThan(MOST_CPU_MS);
  });
});
