// The bot itself, as `slipway start` runs it; the environment comes as its orders.
import { runCli } from '../../../src/cli/run.ts';

const env = JSON.parse(process.argv[2] ?? '{}') as NodeJS.ProcessEnv;
process.exitCode = await runCli(['start'], env, {
  result: (text) => void process.stdout.write(text),
  message: (text) => void process.stdout.write(`${text}\n`),
});
process.stdout.write('ended\n');
