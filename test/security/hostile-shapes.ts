/** Characters of each hostile text. */
export const MOST_CHARS = 100_000;

/** Characters and pieces of syntax that a reader may go over again and again when they are repeated. */
const UNITS: Readonly<Record<string, readonly string[]>> = {
  characters: [...'a1 \t\n\r\\#`*_~.,-/:@<>!?=([{"\'|&%+$;'],
  'odd characters': [
    '\u0000',
    '\u001b',
    '\u200b',
    '\u2028',
    'é',
    '😀',
    '\ud800',
    '\u202e',
    '\ufeff',
    '\u00a0',
  ],
  terminal: ['\u001b[', '\u001b[0', '\u001b]', '\u001b]0;', '\u001bP'],
  brackets: ['[]', '{}', '()', '[[', '((', '""', '\\"', '<>', '"a"', '“a'],
  words: [
    'a,',
    'a.',
    'a-',
    'a ',
    ' a',
    'a/',
    'a=',
    'a:',
    'a\n',
    '-a',
    'aA0',
    'a b c ',
    ' \n',
    '\r\n',
    '\n\n',
    '\t\n',
  ],
  versions: [
    '1.',
    '1.1.',
    '1.2.3',
    '1.2.3 ',
    '1.2.3-',
    '1.2.3-a.',
    '1-',
    '-0',
    '+a',
    'v1.0.0\n',
    '00',
    '1.1.1.1-a+',
  ],
  slack: ['<@U', '<@U1|', '<@U1> ', '<!', '<#C1|', '<https://a|', '&gt;', '&gt; a\n', '> a\n'],
  markdown: [
    '## ',
    '## [',
    '\n## ',
    '\n## [1.0.0]\n',
    '\n## Unreleased\n',
    '\n### Added\n- a',
    '- ',
    '* ',
    '\n* ',
    '\n- a',
    '[a](',
    '](',
    '[a]: ',
    '[a]: b\n',
    '[1.0.0]: a/compare/1..2\n',
    '<!--',
    '-->',
    '<!-- a -->\n',
    '```',
    '```\n',
    '~~~\n',
    '---\n',
    '| a ',
    '/compare/',
    '..',
    '...',
    '%0D',
  ],
  yaml: [
    'a: ',
    'a:\n ',
    '- - ',
    '- ',
    '? ',
    '&a ',
    '*a ',
    '!!a ',
    '%a\n',
    '---\n',
    '{a: ',
    '[a, ',
    '{"a":',
    '[{"a":',
    'a: &a\n',
    '"\\u',
    ': |\n',
    '#a\n',
    '<<: *a\n',
    '<<<<<<<',
    '"": ',
  ],
  toml: [
    'version = "',
    '\nversion',
    '[package]\n',
    '[project]\n',
    '[[package]]\n',
    '"""',
    "'''",
    '[ ',
    'name = "a"\n',
  ],
  messages: [
    'fix!: ',
    'a(b)',
    'a!',
    '(#1) ',
    ' (#',
    'Refs: ',
    '\nRefs: a',
    '\nBREAKING CHANGE: ',
    'Revert "',
    'Slipway-Promotion: a\n',
    '\n\nSlipway-Promotion: a',
    'Co-authored-by: a <a@a>\n',
    'x-slipway-version ',
  ],
  requests: [
    'please ',
    'now ',
    'and ',
    'to ',
    'rollback ',
    'roll ',
    'ship ',
    'to ship ',
    "don't ",
    'min ',
    ' it',
    '1h ',
    '1 ',
    '--note ',
    '--a=',
    'release prod ',
  ],
  addresses: [
    'https://',
    '://',
    'a@',
    '@a',
    '?a=',
    '%2',
    'a.a.',
    'www.',
    'HTTP/1.1 302\n',
    'Location: a\n',
    '../',
  ],
  git: [
    'refs/',
    'heads/a\n',
    '^{}\n',
    'remote: ',
    'fatal: ',
    'repository ',
    'not found',
    'pack ',
    '${{',
    'inputs.',
  ],
};

/** What the repeated part is put between. */
const FRAMES: readonly (readonly [string, string])[] = [
  ['', 'x'],
  ['x', '!'],
  ['fix!: x\n\n', '!'],
  ['## [Unreleased]\n', '\n## [1.0.0]'],
  ['## [Unreleased]\n```\n', '\n```\n## [1.0.0] - 2030-01-01\n\n[1.0.0]: https://a/compare/'],
  ['# Changelog\n\n[Unreleased]: ', '\n'],
  ['{"version":"', '"}'],
  ['{"a":{"version":', '}}'],
  ['a: "', '"'],
  ['a:\n  - ', '\nb: 1'],
  ['[package]\nversion = "', '"'],
  ['[[', ']\t['],
  ['1.0.0-', '!'],
  ['extend ', '.'],
  ['rollback', 'x'],
  ['<@U1> ', '?'],
  ['heads\trefs/', '^{}'],
  ['https://a/', '/b'],
];
const FRAMED = [
  'a',
  '1',
  ' ',
  '\t',
  '\n',
  '-',
  '.',
  '/',
  '(',
  '[',
  '"',
  '\\',
  '#',
  '`',
  ':',
  'a-',
  '1.',
  'a b ',
  '\n- a',
];

export interface HostileShape {
  /** What it is made of, as JSON. */
  readonly name: string;
  /** Units of one subject are of one kind. */
  readonly kind: string;
  /** The shape with about so many characters. */
  text(length: number): string;
}

const repeated = (part: string, length: number) =>
  part.repeat(Math.ceil(length / part.length)).slice(0, length);
const nested = (open: string, inner: string, close: string) => (length: number) => {
  const depth = Math.floor(length / (open.length + close.length));
  return `${open.repeat(depth)}${inner}${close.repeat(depth)}`;
};
const numbered = (line: (index: number) => string) => (length: number) => {
  const lines: string[] = [];
  for (let index = 0, size = 0; size < length; index++)
    size += lines[lines.push(line(index)) - 1]?.length ?? 0;
  return lines.join('').slice(0, length);
};

export const SHAPES: readonly HostileShape[] = [
  ...Object.entries(UNITS).flatMap(([kind, units]) =>
    units.map((unit) => ({
      name: JSON.stringify(unit),
      kind,
      text: (length: number) => repeated(unit, length),
    })),
  ),
  ...FRAMES.flatMap(([head, tail]) =>
    FRAMED.map((unit) => ({
      name: JSON.stringify([head, unit, tail]),
      kind: `between ${JSON.stringify([head, tail])}`,
      text: (length: number) => `${head}${repeated(unit, length)}${tail}`,
    })),
  ),
  { name: 'nested lists', kind: 'deep', text: nested('[', '1', ']') },
  { name: 'nested maps', kind: 'deep', text: nested('{"a":', '1', '}') },
  { name: 'nested brackets', kind: 'deep', text: nested('a(', 'b', ')') },
  {
    name: 'nested blocks',
    kind: 'deep',
    text: (length) =>
      Array.from(
        { length: Math.floor(Math.sqrt(length * 2)) },
        (_, depth) => `${' '.repeat(depth)}a:\n`,
      ).join(''),
  },
  {
    name: 'aliases',
    kind: 'many',
    text: numbered((index) => `a${index}: &a${index} [*a${index - 1}, *a${index - 1}]\n`),
  },
  { name: 'keys', kind: 'many', text: numbered((index) => `k${index}: ${index}\n`) },
  {
    name: 'keys of JSON',
    kind: 'many',
    text: (length) =>
      `{${Array.from({ length: Math.floor(length / 12) }, (_, index) => `"k${index}":1`).join(',')}}`,
  },
  { name: 'items', kind: 'many', text: numbered((index) => `- item ${index}\n`) },
  {
    name: 'sections',
    kind: 'many',
    text: numbered((index) => `## [1.0.${index}] - 2030-01-01\n\n- a ${index}\n\n`),
  },
  {
    name: 'headings',
    kind: 'many',
    text: numbered((index) => `${'#'.repeat(1 + (index % 6))} Unreleased ${index}\n`),
  },
  {
    name: 'references',
    kind: 'many',
    text: numbered((index) => `${'0'.repeat(40)}\trefs/tags/v1.0.${index}\n`),
  },
  { name: 'different words', kind: 'many', text: numbered((index) => `w${index} `) },
];
