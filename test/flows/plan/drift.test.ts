import { describe, expect, test } from 'vitest';
import type { Service } from '../../../src/domain/policy/service.ts';
import { promote } from '../../../src/flows/promote.ts';
import { inspect } from '../../../src/flows/steps/inspect.ts';
import { drive, MemoryRun } from '../../fakes/memory-run.ts';
import { House, stateFile } from '../house.ts';

const candidate = async (house: House, feature?: string) =>
  (
    await inspect(house.ports, {
      service: 'shop',
      bump: 'auto',
      by: 'U_ADA',
      ...(feature ? { feature } : {}),
    })
  ).gates.find(({ id }) => id === 'candidate-validated');
const houseWith = (more: Partial<Service>) => new House({}, undefined, more);

async function ship(house: House): Promise<void> {
  const id = await house.open();
  const script = async () => ((await house.approveOnce(id)) ? ({ kind: 'vote' } as const) : null);
  await drive(new MemoryRun({ id, clock: house.clock, script }), (r) => promote(r, house.ports, id));
  expect(await house.state(id)).toBe('shipped');
}

/** Another feature that was validated before the last release. */
function validatedBefore(house: House, validated = house.validated): void {
  house.repository.push('main', 'docs: state', { 'specs/015-cards/state.yaml': stateFile(validated) });
}

/** What the gate says of such a feature once what is on main now was shipped. */
async function afterReleaseOf(house: House) {
  const validated = house.repository.branches.get('main') ?? '';
  house.repository.push('main', 'docs: state', { 'specs/014-coupons/state.yaml': stateFile(validated) });
  await ship(house);
  validatedBefore(house, validated);
  return candidate(house, '015-cards');
}

describe('what a release has written is no drift', () => {
  test.each([
    [
      'the calendar, which package.json has without its zeros',
      { scheme: 'YYYY.0M.MICRO', otherTags: 'ignore' },
    ],
    [
      'major.minor, which package.json has with a third number',
      { scheme: 'major.minor', otherTags: 'ignore' },
    ],
  ] as const)('by %s', async (_name, more) => {
    const house = houseWith(more);
    await ship(house);
    validatedBefore(house);
    expect(await candidate(house, '015-cards')).toMatchObject({ verdict: 'passed' });
  });

  test('where a file holds only the beginning of the version', async () => {
    const house = new House();
    const crate =
      '[package]\nname = "tool"\nversion = "0.1.0"\n\n[dependencies]\nshop = { path = "..", version = "1.2" }\n';
    house.repository.push('main', 'build: crates', {
      'Cargo.toml': '[workspace]\nmembers = ["tool"]\n\n[package]\nname = "shop"\nversion = "1.2.0"\n',
      'tool/Cargo.toml': crate,
    });
    expect(await afterReleaseOf(house)).toMatchObject({ verdict: 'passed' });
  });

  test('where a lock has the hash of a file that was raised', async () => {
    const house = new House();
    house.repository.push('main', 'build: composer', {
      'composer.json': '{"name": "shop/shop", "type": "project", "version": "1.2.0"}',
      'composer.lock': '{"content-hash": "3d8effe00f5b430902446d9c55c0def1"}\n',
    });
    expect(await afterReleaseOf(house)).toMatchObject({ verdict: 'passed' });
  });

  test("nor are fragments that it took out of towncrier's own folder", async () => {
    const house = new House();
    house.repository.push('main', 'build: towncrier', {
      'pyproject.toml': '[tool.towncrier]\ndirectory = "docs/news"\n',
      'docs/news/12.feature.md': 'Coupons at the till.\n',
    });
    expect(await afterReleaseOf(house)).toMatchObject({ verdict: 'passed' });
  });
});

test.each([
  ['newsfragments/12.feature.md', 'passed'],
  ['newsfragments/validate_files.py', 'failed'],
])('%s, changed after it was validated: %s', async (path, verdict) => {
  const house = new House();
  house.repository.push('main', 'docs: more', { [path]: 'x = 1' });
  expect(await candidate(house)).toMatchObject({ verdict });
});

describe('the file of the repository', () => {
  test.each([
    [
      'a folder of code',
      { featureDirs: ['specs', 'src'], namedByRepository: ['src'] },
      'src/server.js',
      'failed',
    ],
    [
      'text in a folder',
      { featureDirs: ['specs', 'notes'], namedByRepository: ['notes'] },
      'notes/015/spec.md',
      'passed',
    ],
    [
      'a state file',
      { featureDirs: ['specs', 'notes'], namedByRepository: ['notes'] },
      'notes/015/state.yaml',
      'passed',
    ],
    [
      'code as changelog',
      { changelog: 'src/server.js', namedByRepository: ['src/server.js'] },
      'src/server.js',
      'failed',
    ],
    ['a changelog', { changelog: 'NEWS', namedByRepository: ['NEWS'] }, 'NEWS', 'passed'],
    [
      'code as shared state',
      { sharedStateFiles: ['src/server.js'], namedByRepository: ['src/server.js'] },
      'src/server.js',
      'failed',
    ],
    [
      'a file of state by another name',
      { sharedStateFiles: ['ops/status.yaml'], namedByRepository: ['ops/status.yaml'] },
      'ops/status.yaml',
      'passed',
    ],
    [
      'an image in a folder',
      { featureDirs: ['specs', 'notes'], namedByRepository: ['notes'] },
      'notes/015/design.png',
      'passed',
    ],
    ['a folder that the central files name', { featureDirs: ['specs', 'src'] }, 'src/server.js', 'passed'],
  ])(
    'what only the file of the repository calls spec, state or changelog, when it is %s',
    async (_name, more, path, verdict) => {
      const house = houseWith(more);
      house.repository.push('main', 'chore: change', { [path]: 'phase: plan\n' });
      expect(await candidate(house)).toMatchObject({ verdict });
    },
  );

  test.each([
    ['package.json', '{ "name": "shop", "phase": "plan" }'],
    ['buildspec.yml', 'version: 0.2\nphase: plan\n'],
  ])('is not believed of %s, and the refusal says so', async (path, text) => {
    const house = houseWith({ sharedStateFiles: [path], namedByRepository: [path] });
    house.repository.push('main', 'chore: change', { [path]: text });
    expect(await candidate(house)).toMatchObject({
      verdict: 'failed',
      reason: expect.stringContaining(
        `Only the repository’s own file calls ${path} spec, state or changelog`,
      ),
    });
  });
});
