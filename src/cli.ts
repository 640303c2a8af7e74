import { askTerminal } from './cli/ask.ts';
import { runCli } from './cli/run.ts';

// A reader may stop early: `slipway audit export | head`. What a command finds out is in its exit code all the same.
let isRead = true;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  isRead = false;
});
// A terminal that was closed must not keep the program from ending in order.
process.stderr.on('error', () => undefined);

process.exitCode = await runCli(process.argv.slice(2), process.env, {
  result: async (text) => {
    if (isRead) await new Promise<void>((resolve) => process.stdout.write(text, () => resolve()));
  },
  isRead: () => isRead,
  message: (text) => process.stderr.write(`${text}\n`),
  ask: process.stdin.isTTY && process.stderr.isTTY ? askTerminal : undefined,
});
