import { askTerminal } from './cli/ask.ts';
import { runCli } from './cli/run.ts';

// A reader may stop early: `slipway audit export | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});
// A terminal that was closed must not keep the program from ending in order.
process.stderr.on('error', () => undefined);

process.exitCode = await runCli(process.argv.slice(2), process.env, {
  result: (text) => new Promise((resolve) => process.stdout.write(text, () => resolve())),
  message: (text) => process.stderr.write(`${text}\n`),
  ask: process.stdin.isTTY && process.stderr.isTTY ? askTerminal : undefined,
});
