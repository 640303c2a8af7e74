import { defineConfig } from 'vitest/config';

/** Tests against real servers that come as programs of the system; `npm run test:servers`. */
export default defineConfig({
  test: {
    include: ['test/servers/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    fileParallelism: false,
  },
});
