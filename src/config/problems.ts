import { stringify } from 'yaml';
import type { z } from 'zod';
import { Refusal } from '../domain/refusals/refusal.ts';
import { nearest } from '../domain/text/nearest.ts';
import { type Path, type Place, valueAt } from './document.ts';
import { type JsonSchema, schemasAt } from './json-schema.ts';

/** What is wrong, in words. */
interface Words {
  readonly message: string;
  readonly expected?: string;
  /** A line or more of YAML. */
  readonly example?: string;
  readonly suggestion?: string;
}

/** One thing that is wrong with the config. */
export interface Problem extends Place, Words {
  readonly file: string;
  /** `services.shop.target.branch`; empty for the file as a whole. */
  readonly path: string;
}

/** What is wrong at a path of the data, without a place in the file yet. */
export interface Fault extends Words {
  readonly at: Path;
  /** True when the problem is the key itself, not its value. */
  readonly key: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys and values',
  record: 'a map of keys and values',
};

/** Zod's issues as faults in a person's words. */
export function faultsOf(
  issues: readonly z.core.$ZodIssue[],
  data: unknown,
  schema: JsonSchema,
): readonly Fault[] {
  return issues.flatMap((issue) => faultOf(issue, data, schema));
}

function faultOf(issue: z.core.$ZodIssue, data: unknown, schema: JsonSchema): readonly Fault[] {
  const at = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  const given = valueAt(data, at);
  const name = String(at.at(-1) ?? '');
  const exampleOf = (path: Path): { example?: string } => withExample(schemasAt(schema, path, data), path);

  if (issue.code === 'unrecognized_keys') {
    const known = [
      ...new Set(schemasAt(schema, at, data).flatMap((one) => Object.keys(one.properties ?? {}))),
    ];
    return issue.keys.map((key) => {
      const close = nearest(key, known);
      return {
        at: [...at, key],
        key: true,
        message: `unknown key ${JSON.stringify(key)}`,
        ...(known.length > 0 ? { expected: `one of ${known.join(', ')}` } : {}),
        ...(close ? { suggestion: close } : {}),
      };
    });
  }
  if (issue.code === 'invalid_key') {
    const expected = issue.issues[0]?.message ?? 'another name';
    return [{ at, key: true, message: `${JSON.stringify(name)} cannot be a name here`, expected }];
  }
  if (issue.code === 'invalid_union' && 'discriminator' in issue && issue.discriminator !== undefined) {
    const options = ('options' in issue ? (issue.options as unknown[]) : []).map(String);
    const close = typeof given === 'string' ? nearest(given, options) : null;
    const message =
      given === undefined ? `${JSON.stringify(name)} is missing` : `there is no ${quoted(given)} to use here`;
    return [
      {
        at,
        key: false,
        message,
        expected: options.length === 1 ? String(options[0]) : `one of ${options.join(', ')}`,
        example: `${name}: ${close ?? options[0] ?? ''}`,
        ...(close ? { suggestion: close } : {}),
      },
    ];
  }
  const branch = issue.code === 'invalid_union' ? branchOf(issue.errors, given) : null;
  if (branch !== null) {
    return branch.flatMap((inner) => faultOf({ ...inner, path: [...at, ...inner.path] }, data, schema));
  }
  if (given === undefined && at.length > 0) {
    const expected = expectedOf(issue, schemasAt(schema, at, data));
    return [{ at, key: false, message: `${JSON.stringify(name)} is missing`, ...expected, ...exampleOf(at) }];
  }
  const options = issue.code === 'invalid_value' ? issue.values.map(String) : [];
  const close = typeof given === 'string' ? nearest(given, options) : null;
  return [
    {
      at,
      key: false,
      message: `${quoted(given, at)} does not fit`,
      ...expectedOf(issue, schemasAt(schema, at, data), given === null),
      ...exampleOf(at),
      ...(close ? { suggestion: close } : {}),
    },
  ];
}

function expectedOf(
  issue: z.core.$ZodIssue,
  schemas: readonly JsonSchema[],
  empty = false,
): { expected?: string } {
  const described = schemas.find((schema) => schema.description)?.description;
  switch (issue.code) {
    case 'invalid_type': {
      const type = TYPES[issue.expected] ?? issue.expected;
      const expected = described ? `${type}: ${described.replace(/\.$/, '')}` : type;
      return {
        expected:
          empty && issue.expected === 'string' ? `${expected}, in quotes when it begins with #` : expected,
      };
    }
    case 'invalid_value':
      return {
        expected: issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.join(', ')}`,
      };
    case 'too_small':
      return { expected: sizeOf(issue.origin, 'at least', Number(issue.minimum), issue.inclusive ?? true) };
    case 'too_big':
      return { expected: sizeOf(issue.origin, 'at most', Number(issue.maximum), issue.inclusive ?? true) };
    default:
      if (!/^Invalid /.test(issue.message)) return { expected: issue.message };
      return described ? { expected: described } : {};
  }
}

/** What is wrong by the alternative that was meant: a list is meant as a list. Null where that is not plain. */
function branchOf(
  branches: readonly (readonly z.core.$ZodIssue[])[],
  given: unknown,
): readonly z.core.$ZodIssue[] | null {
  if (typeof given !== 'object' || given === null) return null;
  const isOfList = ({ code, path }: z.core.$ZodIssue) =>
    typeof path[0] === 'number' || (path.length === 0 && /^too_(?:small|big)$/.test(code));
  const meant = branches.filter((issues) =>
    Array.isArray(given)
      ? issues.every(isOfList)
      : issues.every(({ code, path }) => path.length > 0 || code !== 'invalid_type'),
  );
  return meant.length === 1 ? (meant[0] ?? null) : null;
}

function sizeOf(origin: string, how: 'at least' | 'at most', limit: number, inclusive: boolean): string {
  const unit = origin === 'string' ? ' characters' : origin === 'array' || origin === 'set' ? ' entries' : '';
  if (!inclusive) return `${how === 'at least' ? 'more than' : 'less than'} ${limit}${unit}`;
  return `${how} ${limit}${limit === 1 ? unit.replace(/s$/, '').replace('entrie', 'entry') : unit}`;
}

function withExample(schemas: readonly JsonSchema[], path: Path): { example?: string } {
  const name = path.findLast((part) => typeof part === 'string');
  const inList = typeof path.at(-1) === 'number';
  for (const schema of schemas) {
    const sample = schema.examples?.[0] ?? schema.const ?? schema.enum?.[0] ?? schema.default;
    if (sample === undefined || (typeof sample === 'object' && Object.keys(sample ?? {}).length === 0))
      continue;
    const text = stringify(inList ? [sample] : name === undefined ? sample : { [name]: sample }, {
      lineWidth: 0,
    });
    return { example: text.trimEnd() };
  }
  return {};
}

/** Keys below which a person may have put a secret by mistake. */
const NEVER_QUOTED = ['env', 'headers', 'secrets'];
const LONGEST_QUOTE = 24;

/** What was given, short; maps and lists by their kind only. What might be a secret is not repeated. */
function quoted(value: unknown, at: Path = []): string {
  if (Array.isArray(value)) return 'a list';
  if (value === null) return 'an empty value';
  if (typeof value === 'object') return 'a map';
  const text = JSON.stringify(value) ?? String(value);
  const quotable = text.length <= LONGEST_QUOTE && !at.some((part) => NEVER_QUOTED.includes(String(part)));
  return quotable ? text : 'this value';
}

/** `slipway.yaml:12:5 services.shop.target.brnch: unknown key "brnch"` and what helps, indented below. */
function problemText(problem: Problem): string {
  const { file, line, column, path, message, expected, example, suggestion } = problem;
  return [
    `${file}:${line}:${column} ${path === '' ? '' : `${path}: `}${message}`,
    ...(suggestion ? [`  did you mean: ${suggestion}`] : []),
    ...(expected ? [`  expected: ${expected}`] : []),
    ...(example
      ? [`  example: ${example.includes('\n') ? `\n${example.replaceAll(/^/gm, '    ')}` : example}`]
      : []),
  ].join('\n');
}

/** All that is wrong, in the order of the files. Refusal `config-invalid`. */
export function invalid(file: string, problems: readonly Problem[]): Refusal {
  const texts = problems
    .toSorted((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column)
    .map(problemText);
  const distinct = [...new Set(texts)];
  const files = new Set(problems.map((problem) => problem.file));
  const [only = file] = files;
  return new Refusal('config-invalid', {
    file: files.size === 1 ? only : `${file} and what it includes`,
    count: distinct.length,
    problems: distinct,
  });
}
