// Promotions whose bot is killed, stopped and frozen at random, killed at each thing that it does, and upgraded:
// `npm run chaos -- --seed 7 --count 20`. The same seed draws the same. `--whole` tries every point and every state,
// which takes an hour.
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    count: { type: 'string', default: '3' },
    whole: { type: 'boolean', default: false },
  },
});
const seed = values.seed ?? String(randomInt(2 ** 31));
const env = { CHAOS_SEED: seed, CHAOS_COUNT: values.count, CHAOS_WHOLE: values.whole ? '1' : '' };
const run = (...args) =>
  spawnSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...env } }).status ?? 1;

process.stdout.write(
  `Seed ${seed}: ${values.count} promotions at random${values.whole ? ', and everything else' : ''}.\n`,
);
process.exitCode =
  run('scripts/ensure.mjs', '--build') ||
  run('node_modules/vitest/vitest.mjs', 'run', '--config', 'test/chaos/vitest.config.ts');
