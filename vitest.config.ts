import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import LongestFirst, { filesOf } from './test/sequencer.ts';
import { NothingSkipped } from './test/support/nothing-skipped.ts';

const { only, without } = filesOf(
  process.env,
  process.argv.slice(2).filter((one) => !one.startsWith('-')),
);

const isStory = (path: string) => path.startsWith('test/stories/');

/** Files share their processes, and so whatever was loaded and compiled: nothing may be left behind in it. */
const shared = { isolate: false, pool: 'forks', hookTimeout: 60_000 } as const;

export default defineConfig({
  test: {
    // Much of what a test does is done by other processes, or is waiting: two files more than there are cores.
    maxWorkers: availableParallelism() + 2,
    globalSetup: ['test/global-setup.ts'],
    sequence: { sequencer: LongestFirst },
    reporters: ['default', new NothingSkipped()],
    projects: [
      {
        test: {
          ...shared,
          name: 'stories',
          include: only?.filter(isStory) ?? ['test/stories/**/*.test.ts'],
          exclude: [...without],
          // How long a person waits for one step (PATIENCE_MS) is what notices a fault.
          testTimeout: 300_000,
        },
      },
      {
        test: {
          ...shared,
          name: 'parts',
          include: [...(only ?? ['test/**/*.test.ts'])],
          exclude: ['test/stories/**', 'test/browser/**', 'test/chaos/**', 'test/servers/**', ...without],
          // What is slow is noticed by processor time; this one ends what hangs.
          testTimeout: 60_000,
        },
      },
    ],
  },
});
