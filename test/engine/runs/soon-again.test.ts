import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { retrySoon } from '../../../src/engine/runs/soon-again.ts';

test('this version of DBOS asks an absent database again within seconds', () => {
  expect(retrySoon()).toBe(true);
  const require = createRequire(import.meta.url);
  const utils = require(join(dirname(require.resolve('@dbos-inc/dbos-sdk')), 'utils.js'));
  expect(utils.dbRetryConfig.maxBackoffSec).toBeLessThanOrEqual(5);
  // It reads the setting at each wait, as this relies on.
  expect(utils.dbRetryConfig.initialBackoffSec).toBeLessThanOrEqual(1);
});
