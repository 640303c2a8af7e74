import { defineConfig } from 'vitest/config';
import { NothingSkipped } from '../support/nothing-skipped.ts';

/** Promotions that are disturbed at random; `npm run chaos`. */
export default defineConfig({
  test: {
    globalSetup: ['test/global-setup.ts'],
    include: ['test/chaos/**/*.test.ts'],
    // They take a quarter of an hour and half an hour.
    exclude: process.env['CHAOS_WHOLE'] === '1' ? [] : ['test/chaos/soak.test.ts', 'test/chaos/day.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 60_000,
    pool: 'forks',
    reporters: ['default', new NothingSkipped()],
    fileParallelism: false,
  },
});
