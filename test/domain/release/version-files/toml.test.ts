import { describe, expect, test } from 'vitest';
import { Refusal } from '../../../../src/domain/refusals/refusal.ts';
import { findVersions, setVersion } from '../../../../src/domain/release/version-files/version-files.ts';
import { processorMs } from '../../../support/processor-time.ts';

function released(path: string, text: string): string {
  return setVersion(findVersions([{ path, text }], []), '2.0.0')[0]?.text ?? text;
}

/** `1.2.3!` is the version of the file and follows; every other 1.2.3 stays. */
function check(path: string, text: string): void {
  expect(released(path, text.replaceAll('1.2.3!', '1.2.3'))).toBe(text.replaceAll('1.2.3!', '2.0.0'));
}

describe('TOML', () => {
  test('three quotes in a comment or in a string hide nothing', () => {
    check('pyproject.toml', "# it's '''here'''' and \"\"\"\n[project]\nname = \"a\"\nversion = \"1.2.3!\"\n");
    check('pyproject.toml', '[project]\ndescription = "says \'\'\' and more"\nversion = "1.2.3!"\n');
    check('Cargo.toml', '[package]\nkeywords = ["\'\'\'"] # """\nversion = "1.2.3!"\n');
  });

  test('whatever the writing of the key', () => {
    check('pyproject.toml', 'project.version = "1.2.3!"\nversion = "1.2.3"\n');
    check('pyproject.toml', 'project = { name = "a", version = "1.2.3!" }\n');
    check('pyproject.toml', '["project"]\n"version" = \'1.2.3!\'\n');
    check('pyproject.toml', '[ tool . poetry ]\nversion="""1.2.3!""" # here\n');
    check('Cargo.toml', '\uFEFF[package]\r\nversion = "1.2.3!"\r\n[[bin]]\r\nversion = "1.2.3"\r\n');
    check('Cargo.toml', '[package.metadata]\nversion = "1.2.3"\n[workspace]\npackage.version = "1.2.3!"\n');
  });

  test.each([
    ['the same key twice', '[project]\nversion = "1.2.3"\nversion = "1.2.3"\n'],
    ['a broken line', '[project]\nversion = 1.2.3\n'],
    ['deep nesting', `a = ${'['.repeat(30_000)}`],
    ['a megabyte', `a = '${'x'.repeat(1024 * 1024)}'`],
    ['a string without an end', '[project]\nversion = """1.2.3\n'],
  ])('%s is refused by name', (_what, text) => {
    const work = () => released('pyproject.toml', text);
    expect(work).toThrow(Refusal);
    expect(work).toThrow(expect.objectContaining({ code: 'version-file-broken' }));
  });

  test('a lock of 5,000 packages does not hold up the bot', () => {
    const entry = (name: string, rest: string) =>
      `[[package]]\nname = "${name}"\nversion = "1.2.3"\n${rest}\n`;
    const source = 'source = "registry+https://example.test"\ndependencies = [\n "a",\n]\n';
    const others = Array.from({ length: 5_000 }, (_none, index) => entry(`p${index}`, source)).join('');
    const text = `version = 4\n\n${others}${entry('shop', '')}`;
    const files = [
      { path: 'Cargo.toml', text: '[package]\nname = "shop"\nversion = "1.2.3"\n' },
      { path: 'Cargo.lock', text },
    ];
    const work = () => {
      const [, lock] = setVersion(findVersions(files, []), '2.0.0');
      expect(lock?.text).toBe(text.replace(/(name = "shop"\nversion = )"1.2.3"/, '$1"2.0.0"'));
    };
    expect(processorMs(work, { enough: 1_000 })).toBeLessThan(1_000);
  });

  test('a lock with strings over several lines is read whole', () => {
    const lock =
      'note = \'\'\'\n[[package]]\nname = "shop"\nversion = "1.2.3"\n\'\'\'\n[[package]]\nname = "shop"\nversion = "1.2.3!"\n';
    const files = [
      { path: 'Cargo.toml', text: '[package]\nname = "shop"\nversion = "1.2.3"\n' },
      { path: 'Cargo.lock', text: lock.replaceAll('!', '') },
    ];
    expect(setVersion(findVersions(files, []), '2.0.0')[1]?.text).toBe(lock.replace('1.2.3!', '2.0.0'));
  });
});
