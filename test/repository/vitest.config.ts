import { defineConfig } from 'vitest/config';

/** What Biome cannot see, for `npm run lint`: circles between sibling folders, long files, crowded folders. */
export default defineConfig({
  test: { include: ['test/repository/structure.test.ts'], reporters: ['dot'] },
});
