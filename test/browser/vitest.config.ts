import { defineConfig } from 'vitest/config';
import { NothingSkipped } from '../support/nothing-skipped.ts';

export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    reporters: ['default', new NothingSkipped()],
    fileParallelism: false,
  },
});
