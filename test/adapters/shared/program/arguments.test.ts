import { describe, expect, test } from 'vitest';
import { fillInArguments, mustBeWords } from '../../../../src/adapters/shared/program/arguments.ts';

const facts = { feature: '014-checkout', branch: 'feat/x', version: undefined };

describe('filling in arguments', () => {
  test('fills in what it knows and leaves other braces', () => {
    expect(
      fillInArguments(['./{feature}.sh', '--of={branch}', '{other}', '[{version}]', '-'], facts),
    ).toEqual(['./014-checkout.sh', '--of=feat/x', '{other}', '[]', '-']);
  });

  const SCRIPTS = [
    ['check', '{feature}'],
    ['check', '--of={feature}'],
    ['check', 'nothing of it, but in its environment'],
    ['make', 'FEATURE={feature}'],
    ['sh', '-c', 'check "$1"', 'sh', '{feature}'],
    ['sh', '-c', '--', '{feature}'],
    ['bash', '-c', '-x', '{feature}'],
    ['bash', '-cl', '{feature}'],
    ['su', 'deploy', '--command={feature}'],
    ['node', '-p', '{feature}'],
    ['perl', '-e{feature}'],
    ['env', '-S', '{feature}'],
    ['autossh', 'host', '{feature}'],
    ['watch', '{feature}'],
  ];
  test.each([
    'x; touch evil',
    'x&&evil',
    '015-$(shell touch evil)',
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
    'SHELL=evil',
    '@secrets',
    '..',
    '--output=x',
    '--',
    '-',
    'a\nb',
    'a\rb',
    'a\0b',
    '\u001b[2J',
    'a\u0085b',
    'a\u200bb',
  ])('%j is more than a word, and no command is given it', (feature) => {
    for (const argv of SCRIPTS)
      expect(() => fillInArguments(argv, { feature }), argv.join(' ')).toThrow('is more than a plain word');
    expect(() => mustBeWords({ feature })).toThrow('is more than a plain word');
  });

  test('a plain word is filled in, also in a script', () => {
    for (const feature of [
      '014-checkout',
      'größe_2',
      'a/b.c@1',
      'v1.2.0+build',
      '2026-11-27T08:00:00.000Z',
      '_x',
      '',
    ]) {
      expect(fillInArguments(['sh', '-c', 'check {feature} "$X" {other}'], { feature })).toEqual([
        'sh',
        '-c',
        `check ${feature} "$X" {other}`,
      ]);
    }
  });

  test('who asked may be a pipeline, as the config calls it', () => {
    expect(fillInArguments(['check', '{by}'], { by: "pipeline Anna's nightly" }).at(-1)).toBe(
      "pipeline Anna's nightly",
    );
    for (const by of ['-x', 'pipeline a\nb'])
      expect(() => fillInArguments(['check'], { by })).toThrow('more than a plain word');
  });

  test('no fact leads to another program', () => {
    expect(() => fillInArguments(['./gates/{branch}.sh'], { branch: 'x/../../evil' })).toThrow(
      'the branch “x/../../evil” would lead to another program',
    );
  });
});
