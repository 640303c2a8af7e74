import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buffer, text } from 'node:stream/consumers';
import type { ChartData } from '../../domain/judge/chart.ts';
import type { WeeksChart } from '../../domain/statistics/weeks-chart.ts';
import { ownProgram } from '../shared/program/own-files.ts';

/** What can be drawn. */
export type Drawing = ChartData | WeeksChart;

/** It takes half a second; a machine may be busy. */
const TIMEOUT_MS = 20_000;

/**
 * Draws charts as PNG, see `renderChart` and `renderWeeks`: in a process of its own, one at a time. The libraries keep 100 MB and more
 * once they have been used, and what is native in them must not take the bot along when it fails.
 */
export function chartDrawer(): (data: Drawing) => Promise<Uint8Array> {
  let last: Promise<unknown> = Promise.resolve();
  return (data) => {
    const picture = last.then(() => drawApart(data));
    last = picture.catch(() => undefined);
    return picture;
  };
}

async function drawApart(data: Drawing): Promise<Uint8Array> {
  const program = ownProgram('adapters/charts/draw-process');
  const child = spawn(process.execPath, ['--optimize-for-size', '--max-semi-space-size=1', program], {
    // No secrets of the bot; and only the font of the package, so that a chart is the same on every machine.
    env: { DISABLE_SYSTEM_FONTS_LOAD: '1' },
    // Ctrl+C in a terminal is for the bot, which finishes what it is sending.
    detached: true,
    windowsHide: true,
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  child.stdin.on('error', () => undefined).end(JSON.stringify(data));
  const [png, said, [code, signal]] = await Promise.all([
    buffer(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  if (code === 0 && png.length > 0) return png;
  throw new Error(`the process that draws ended with ${signal ?? code}: ${said.trim().slice(-1_000)}`);
}
