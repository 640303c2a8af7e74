import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRefName } from '../../../../src/adapters/repositories/checked.ts';
import { parseLsRemote, toRefs } from '../../../../src/adapters/repositories/git/refs.ts';
import { runs } from '../../../support/whole.ts';

describe('isRefName', () => {
  const gitSays = (name: string): boolean => {
    try {
      execFileSync('git', ['check-ref-format', `refs/heads/${name}`], { stdio: 'ignore' });
      return !name.startsWith('-');
    } catch {
      return false;
    }
  };

  test('never takes what git would not take', () => {
    const piece = fc.constantFrom(
      'a',
      '-',
      '.',
      '/',
      '..',
      '.lock',
      '@',
      '@{',
      '~',
      ' ',
      '\\',
      'ü',
      '*',
      '^',
      ':',
      '?',
      '[',
      '\x7f',
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 5 }), (pieces) => {
        const name = pieces.join('');
        if (isRefName(name)) expect(gitSays(name), name).toBe(true);
      }),
      { numRuns: runs({ sample: 40, whole: 150 }) },
    );
  });

  test('takes what people use', () => {
    for (const name of ['main', 'release/1.x', 'feature/ünï-code', 'v1.2.3', 'shop@1.2.3', 'a.b']) {
      expect(isRefName(name), name).toBe(true);
    }
  });
});

test('reads what ls-remote says', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((letter) => letter.repeat(40));
  const output = `${a}\trefs/heads/main\n${a}\trefs/heads/x/y\n${b}\trefs/tags/v1\n${c}\trefs/tags/v1^{}\n${a}\trefs/tags/v2\n`;
  expect(toRefs(parseLsRemote(output))).toEqual({
    branches: { main: a, 'x/y': a },
    tags: [
      { name: 'v1', commit: c, annotated: true },
      { name: 'v2', commit: a, annotated: false },
    ],
  });
  expect(toRefs(parseLsRemote(''))).toEqual({ branches: {}, tags: [] });
});
