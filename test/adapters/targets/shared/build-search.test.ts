import { describe, expect, test } from 'vitest';
import {
  findBuild,
  mustBeBuilt,
  type PlatformBuild,
} from '../../../../src/adapters/targets/shared/build-search.ts';

const [BUILT, RELEASED] = ['b'.repeat(40), 'c'.repeat(40)];

function build(id: string, more: Partial<PlatformBuild> = {}): PlatformBuild {
  return { id, state: 'ready', isReady: true, environment: 'production', ...more };
}

/** What the platform has of each commit, newest first. */
function search(
  builds: Readonly<Record<string, readonly PlatformBuild[]>>,
  preferred?: string,
  better?: string,
) {
  const listOf = async (commit: string) => builds[commit] ?? [];
  return findBuild([BUILT, RELEASED], preferred, listOf, ({ id }) => id === better);
}

describe('the build of a release', () => {
  test('is the one that was validated, else a better one, else the newest', async () => {
    const builds = { [BUILT]: [build('new'), build('mid'), build('old')] };
    expect(await search(builds, 'old', 'mid')).toMatchObject({ build: { id: 'old' } });
    expect(await search(builds, 'gone', 'mid')).toMatchObject({ build: { id: 'mid' } });
    expect(await search(builds)).toMatchObject({ build: { id: 'new' } });
  });

  test('is ready and made for production, even if another was validated', async () => {
    const builds = {
      [BUILT]: [
        build('broken', { isReady: false, state: 'error' }),
        build('preview', { environment: 'preview' }),
      ],
      [RELEASED]: [build('good')],
    };
    expect(await search(builds, 'preview')).toMatchObject({ build: { id: 'good' } });
  });

  test('where there is none, says what there is instead', async () => {
    const nothing = await search({});
    expect(nothing).toEqual({
      kind: 'none',
      otherEnvironment: null,
      instead: 'nothing that was built from bbbbbbbb or cccccccc',
    });
    expect(() => mustBeBuilt('Netlify', [BUILT], nothing)).toThrow(/build-missing.*there is nothing that/);

    const unfinished = await search({
      [RELEASED]: [build('x1', { isReady: false, state: 'building', environment: null })],
    });
    expect(() => mustBeBuilt('Netlify', [BUILT], unfinished)).toThrow(
      /build-missing.*only x1, which is building for an unknown context/,
    );

    const preview = await search({ [BUILT]: [build('x2', { environment: 'preview' })] });
    expect(() => mustBeBuilt('Vercel', [BUILT], preview)).toThrow(
      /build-not-for-production.*"found":"preview"/,
    );
  });
});
