import { runCli } from './cli/run.ts';

process.exitCode = await runCli(process.argv.slice(2), process.env, {
  result: (text) => process.stdout.write(text),
  message: (text) => process.stderr.write(`${text}\n`),
});
