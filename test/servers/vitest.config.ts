import { defineConfig } from 'vitest/config';
import { NothingSkipped } from '../support/nothing-skipped.ts';

/** Tests against real servers that come as programs of the system; `npm run test:servers`. */
export default defineConfig({
  test: {
    globalSetup: ['test/global-setup.ts'],
    include: ['test/servers/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    reporters: ['default', new NothingSkipped()],
    // They mostly wait for their servers.
    maxWorkers: 2,
  },
});
