// Promotions whose bot is killed, stopped and frozen at random: `npm run chaos -- --seed 7 --count 20`. The same seed
// draws the same faults.
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { seed: { type: 'string' }, count: { type: 'string', default: '3' } },
});
const seed = values.seed ?? String(randomInt(2 ** 31));
const run = (...args) =>
  spawnSync(process.execPath, args, {
    stdio: 'inherit',
    env: { ...process.env, CHAOS_SEED: seed, CHAOS_COUNT: values.count },
  }).status ?? 1;

process.stdout.write(`${values.count} promotions, seed ${seed}.\n`);
process.exitCode =
  run('scripts/ensure.mjs', '--build') ||
  run('node_modules/vitest/vitest.mjs', 'run', '--config', 'test/chaos/vitest.config.ts');
