import { expect, test } from 'vitest';
import { findVersions, setVersion } from '../../../../src/domain/release/version-files/version-files.ts';
import { processorMs } from '../../../support/processor-time.ts';

function workspaceOf(count: number) {
  const names = Array.from({ length: count }, (_none, index) => `shop-crate-${index}`);
  const lock = names.map(
    (name, index) =>
      `[[package]]\nname = "${name}"\nversion = "1.2.3"\ndependencies = [\n "serde",\n "shop-crate-${(index + 1) % count} 1.2.3",\n]\n`,
  );
  return [
    {
      path: 'Cargo.toml',
      text: '[workspace]\nmembers = ["crates/*"]\n[workspace.package]\nversion = "1.2.3"\n',
    },
    ...names.map((name) => ({
      path: `crates/${name}/Cargo.toml`,
      text: `[package]\nname = "${name}"\nversion.workspace = true\n`,
    })),
    { path: 'Cargo.lock', text: `version = 4\n\n${lock.join('\n')}` },
  ];
}

test('a workspace of 2,000 crates and its lock take time by their length', { timeout: 60_000 }, () => {
  const files = workspaceOf(2_000);
  let changed: ReturnType<typeof setVersion> = [];
  const work = () => {
    changed = setVersion(findVersions(files, []), '1.3.0');
  };
  expect(processorMs(work, { enough: 700 })).toBeLessThan(700);
  const lock = files.at(-1)?.text ?? '';
  expect(changed.at(-1)?.text).toBe(lock.replaceAll('1.2.3', '1.3.0'));
});
