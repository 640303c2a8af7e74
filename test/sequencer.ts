import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest, longest first; then whatever else tells a story; then the rest. */
const LONGEST = [
  'adapters/repositories/github/faults.test.ts',
  'flows/steps/never-unapproved.test.ts',
  'stories/hosts/targets.test.ts',
  'stories/hosts/github.test.ts',
  'stories/shipping/freeze.test.ts',
  'stories/faults/replicas.test.ts',
  'engine/durability.test.ts',
];

/** Long files begin first, so that no worker is left alone with one of them at the end. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => rankOf(a.moduleId) - rankOf(b.moduleId));
  }
}

function rankOf(path: string): number {
  const known = LONGEST.findIndex((end) => path.endsWith(`/test/${end}`));
  if (known >= 0) return known;
  return path.includes('/test/stories/') ? LONGEST.length : LONGEST.length + 1;
}
