import {
  ENTRIES,
  type Fixture,
  git,
  LAST_TAG,
  NEXT_TAG,
  NEXT_VERSION,
  OLD_SECTION,
  type RemoteState,
} from './fixture.ts';

/** What is missing of the whole job, looking at the remote alone; empty: all was done. */
export function verify({ remote }: Fixture, before: RemoteState): readonly string[] {
  const ask = (...args: readonly string[]) => {
    try {
      return git(remote, ...args);
    } catch {
      return '';
    }
  };
  const faults: string[] = [];
  const expect = (isRight: boolean, fault: string) => {
    if (!isRight) faults.push(fault);
  };
  const main = ask('rev-parse', 'main');
  if (main === before.main) return ['nothing pushed'];
  expect(ask('rev-list', '--count', `${before.main}..main`) === '1', 'not one commit');
  const tags = ask('tag', '--list').split('\n');
  expect(
    tags.length === before.tags + 1 && tags.includes(LAST_TAG) && tags.includes(NEXT_TAG),
    `no tag ${NEXT_TAG}`,
  );
  expect(ask('rev-parse', `${NEXT_TAG}^{commit}`) === main, 'tag elsewhere');
  expect(ask('cat-file', '-t', NEXT_TAG) === 'tag', 'tag not annotated');
  expect(/coupons/i.test(ask('tag', '--list', '--format=%(contents:body)', NEXT_TAG)), 'no notes in the tag');

  for (const path of ['package.json', 'package-lock.json']) {
    const was = ask('show', `${before.main}:${path}`);
    expect(ask('show', `main:${path}`) === was.replaceAll('"1.0.0"', `"${NEXT_VERSION}"`), `${path} wrong`);
  }
  const changed = ask('diff', '--name-only', before.main, 'main').split('\n').sort().join(' ');
  expect(changed === 'CHANGELOG.md package-lock.json package.json', 'wrong files');
  faults.push(...changelogFaults(ask('show', 'main:CHANGELOG.md')));
  return faults;
}

function changelogFaults(text: string): readonly string[] {
  const unreleased = text.indexOf('## [Unreleased]\n');
  const released = text.search(/^## \[1\.1\.0\] - \d{4}-\d\d-\d\d$/m);
  const old = text.indexOf(OLD_SECTION);
  const section = text.slice(released, old);
  const isKept =
    text.startsWith('# Changelog\n\nAll notable changes to this project.\n\n## [Unreleased]\n') && old > 0;
  const isMoved =
    unreleased >= 0 && unreleased < released && ENTRIES.every((entry) => section.includes(`\n${entry}\n`));
  const isOnce = ENTRIES.every((entry) => text.split(entry).length === 2);
  const hasLinks =
    text.includes('/compare/v1.1.0...HEAD') && /^\[1\.1\.0\]: .*v1\.0\.0\.\.\.v1\.1\.0$/m.test(text);
  return isKept && isMoved && isOnce ? (hasLinks ? [] : ['changelog links']) : ['changelog damaged'];
}
