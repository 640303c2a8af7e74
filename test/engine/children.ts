import type { ChildProcess } from 'node:child_process';
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The programs of test/engine/child, compiled; real processes cannot run TypeScript on Node 20. */
export async function compileChildren(): Promise<{ readonly dir: string; remove(): void }> {
  const cache = join('node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const dir = mkdtempSync(join(cache, 'children-'));
  const tsc = join('node_modules', 'typescript', 'bin', 'tsc');
  // `npm run types` checks them.
  const project = ['-p', 'test/engine/child', '--outDir', dir, '--noCheck'];
  await promisify(execFile)(process.execPath, [tsc, ...project]);
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** A process that says lines. */
export class Child {
  readonly process: ChildProcess;
  readonly lines: string[] = [];
  readonly exited: Promise<string | number | null>;
  private errors = '';
  private wake: () => void = () => undefined;

  /** `within`: a program, with its arguments, that runs it. */
  constructor(dir: string, program: string, orders: unknown, within: readonly string[] = []) {
    const file = join(dir, 'test', 'engine', 'child', `${program}.js`);
    const [command, ...args] = [...within, process.execPath, file, JSON.stringify(orders)];
    this.process = spawn(command ?? '', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let rest = '';
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      this.lines.push(...lines);
      this.wake();
    });
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text;
    });
    this.exited = new Promise((resolve) => {
      this.process.once('close', (code, signal) => {
        resolve(signal ?? code);
        this.wake();
      });
    });
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  /** Resolves with the line; throws when the process ends or falls silent first. */
  async said(line: string, patienceMs = 20_000): Promise<void> {
    const deadline = Date.now() + patienceMs;
    while (!this.lines.includes(line)) {
      const over = this.process.exitCode !== null || this.process.signalCode !== null;
      if (over || Date.now() > deadline) {
        throw new Error(`"${line}" was not said. Said: ${this.lines.join(' | ')}\n${this.errors}`);
      }
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        setTimeout(resolve, 200);
      });
    }
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.process.kill(signal);
    await this.exited;
  }
}
