import type { LogRange, LogSource } from '../../src/adapters/logs/port.ts';
import type { LogLine, LogRead } from '../../src/domain/logs/known.ts';
import type { LogRules } from '../../src/domain/logs/log-watch.ts';
import { Unavailable } from '../../src/domain/refusals/refusal.ts';

/** A log that holds the lines it is given; while it is down it does not answer. */
export class MemoryLogs implements LogSource {
  readonly kind = 'memory';
  readonly name = 'Logbook';
  readonly delayMs = 0;
  readonly rules: LogRules;
  readonly asked: LogRange[] = [];
  down = false;
  readonly #lines: (range: LogRange) => readonly LogLine[];

  constructor(lines: (range: LogRange) => readonly LogLine[], rules: Partial<LogRules> = {}) {
    this.#lines = lines;
    this.rules = { atLeast: 5, critical: [], ignore: [], ...rules };
  }

  async preflight(): Promise<string> {
    return 'Logbook answers.';
  }

  async read(range: LogRange): Promise<LogRead> {
    if (this.down) throw new Unavailable(this.name, 'connection refused');
    this.asked.push(range);
    const lines = this.#lines(range).filter(({ atMs }) => atMs >= range.fromMs && atMs < range.toMs);
    return { lines: lines.slice(-range.most), cut: lines.length > range.most };
  }

  link({ fromMs, toMs }: Pick<LogRange, 'fromMs' | 'toMs'>): string {
    return `https://logs.example/?from=${fromMs}&to=${toMs}`;
  }
}
