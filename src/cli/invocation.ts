import { type Logger, pino } from 'pino';
import { LOG_HOOKS } from '../app/environment.ts';
import { logLevel } from '../config/log-level.ts';
import type { Output } from './output.ts';

export const OPTIONS = {
  json: { type: 'boolean' },
  csv: { type: 'boolean' },
  diff: { type: 'boolean' },
  markdown: { type: 'boolean' },
  feature: { type: 'string' },
  bump: { type: 'string' },
  by: { type: 'string' },
  format: { type: 'string' },
  service: { type: 'string' },
  note: { type: 'string' },
  url: { type: 'string' },
  wait: { type: 'boolean' },
  until: { type: 'string' },
  since: { type: 'string' },
  head: { type: 'string' },
  end: { type: 'string' },
  key: { type: 'string' },
  lost: { type: 'boolean' },
  tick: { type: 'string' },
  limit: { type: 'string' },
  latency: { type: 'string' },
  settle: { type: 'string' },
  yes: { type: 'boolean', short: 'y' },
  force: { type: 'boolean' },
  repository: { type: 'string' },
  channel: { type: 'string' },
  deploy: { type: 'string' },
  health: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Options = {
  readonly [K in keyof typeof OPTIONS]?:
    | ((typeof OPTIONS)[K]['type'] extends 'boolean' ? boolean : string)
    | undefined;
};

/** One command as it was typed, and what it works with. */
export interface Invocation {
  /** The words behind the name of the command. */
  readonly words: readonly string[];
  readonly options: Options;
  readonly env: NodeJS.ProcessEnv;
  readonly output: Output;
}

/** Answers with the exit code; null: the words behind the command were not understood. */
export type RunCommand = (invocation: Invocation) => Promise<number | null>;

/** Commands print their result and no log; `LOG_LEVEL` turns the log on, on stderr. */
export function quietLog(env: NodeJS.ProcessEnv): Logger {
  return pino({ level: logLevel(env, 'silent'), hooks: LOG_HOOKS }, pino.destination(2));
}
