import { describe, expect, test } from 'vitest';
import { fillInArguments, mustBePlain } from '../../../../src/adapters/shared/program/arguments.ts';

const facts = { feature: '014-checkout', branch: 'feat/x', version: undefined };

describe('filling in arguments', () => {
  test('fills in what it knows and leaves other braces', () => {
    expect(
      fillInArguments(['./{feature}.sh', '--of={branch}', '{other}', '[{version}]', '-'], facts),
    ).toEqual(['./014-checkout.sh', '--of=feat/x', '{other}', '[]', '-']);
  });

  test.each([
    ['an option', ['run', '{feature}'], '--output=x'],
    ['an option with more behind it', ['run', '{feature}.sql'], '-o'],
    ['the end of the options', ['run', '{feature}'], '--'],
  ])('never makes %s of a fact', (_what, argv, feature) => {
    const said = `the feature “${feature}” begins with a dash, so that run would take it for an option`;
    expect(() => fillInArguments(argv, { feature })).toThrow(said);
    expect(fillInArguments(['run', '--feature={feature}'], { feature })).toEqual([
      'run',
      `--feature=${feature}`,
    ]);
  });

  const SCRIPTS = [
    ['sh', '-c', 'check {feature}'],
    ['sh', '-c', '{feature}'],
    ['bash', '-ec', '{feature}'],
    ['bash', '-lc', 'check --of={feature} && echo yes'],
    ['ssh', 'host', 'check {feature}'],
    ['sudo', '/usr/bin/ssh', 'host', 'check', '{feature}'],
    ['node', '-e', '{feature}'],
    ['python3', '-c', "print('{feature}')"],
    ['cmd', '/c', '{feature}'],
    ['perl', '-E', '{feature}'],
    ['docker', 'exec', 'shop', 'sh', '-c', 'check {feature}'],
  ];
  test.each([
    'x; touch evil',
    'x&&evil',
    '$(evil)',
    '`evil`',
    '$HOME',
    'a b',
    "a'b",
    'a"b',
    'a|b',
    'a>b',
    '*',
    '~',
    '#',
    'a\\b',
    '%PATH%',
    '!1',
    '{a,b}',
    '--output=x',
  ])('in a script the fact %j would be more than a word, and is refused', (feature) => {
    for (const argv of SCRIPTS) {
      expect(() => fillInArguments(argv, { feature }), argv.join(' ')).toThrow(
        /\$SLIPWAY_FEATURE there, in quotes|begins with a dash/,
      );
    }
    // As an argument of its own no shell reads it.
    if (feature.startsWith('-')) return;
    expect(fillInArguments(['sh', '-c', 'check "$1"', 'sh', '{feature}'], { feature }).at(-1)).toBe(feature);
    expect(fillInArguments(['check', '--of={feature}'], { feature })).toEqual(['check', `--of=${feature}`]);
  });

  test('in a script a plain word is filled in', () => {
    for (const feature of ['014-checkout', 'größe_2', 'a/b.c@1', 'v1.2.0+build,x=y']) {
      expect(fillInArguments(['sh', '-c', 'check {feature} "$X" {other}'], { feature })).toEqual([
        'sh',
        '-c',
        `check ${feature} "$X" {other}`,
      ]);
    }
  });

  test('no fact leads to another program', () => {
    expect(() => fillInArguments(['./gates/{branch}.sh'], { branch: 'x/../../evil' })).toThrow(
      'the branch “x/../../evil” would lead to another program',
    );
  });

  test.each(['a\nb', 'a\rb', 'a\0b', '\u001b[2J', 'a\u0085b'])(
    'control characters are not given: %j',
    (feature) => {
      expect(() => fillInArguments(['run', 'nothing'], { feature })).toThrow(
        'has a line end or another control character',
      );
      expect(() => mustBePlain({ feature })).toThrow();
    },
  );
});
