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
