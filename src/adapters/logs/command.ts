import { resolve } from 'node:path';
import { z } from 'zod';
import type { LogLine, LogRead } from '../../domain/logs/known.ts';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import { durationInWords } from '../../domain/text/duration.ts';
import type { AdapterContext } from '../shared/context.ts';
import { defineKind } from '../shared/kinds.ts';
import { fillInArguments } from '../shared/program/arguments.ts';
import { environmentOf } from '../shared/program/environment.ts';
import { runOnce } from '../shared/program/run-once.ts';
import { Argv, programShape } from '../shared/program/settings.ts';
import { countedLines, type LogRange, type LogSource, logSettings, rulesOf } from './port.ts';
import { printedLine } from './printed-line.ts';

/** The program runner keeps no more. */
const MOST_LINES = 1_000;

const CommandLogSettings = z
  .strictObject({
    use: z.literal('command'),
    ...logSettings,
    run: Argv.meta({
      description:
        'Program and arguments; no shell. It prints the error lines between {from} and {to} (ISO times) of {service}, also in the environment as SLIPWAY_FROM and so on: a line each, as text that begins with an ISO time or without one, or as JSON with `at` and `message`. At most 1,000 lines are read. Any exit code but 0 is no answer.',
      examples: [['./logs/errors.sh', '{from}', '{to}']],
    }),
    history: z.boolean().default(true).meta({
      description: 'Whether it can print lines of an hour ago; false: it is asked before the deploy.',
    }),
    ...programShape,
  })
  .meta({ description: 'Runs a command on the machine of the bot that prints error lines.' });
type CommandLogSettings = z.output<typeof CommandLogSettings>;

export const commandLogs = defineKind({ settings: CommandLogSettings, open: openCommandLogs });

function openCommandLogs(settings: CommandLogSettings, context: AdapterContext): LogSource {
  const name = settings.name ?? 'the log command';
  const { variables, secretNames } = environmentOf(settings, context);
  const read = async ({ fromMs, toMs, most }: LogRange, signal?: AbortSignal): Promise<LogRead> => {
    const facts = {
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      service: context.service,
    };
    const ended = await runOnce({
      argv: fillInArguments(settings.run, facts),
      cwd: resolve(context.configDir, settings.cwd),
      env: {
        ...variables,
        SLIPWAY_FROM: facts.from,
        SLIPWAY_TO: facts.to,
        SLIPWAY_SERVICE: facts.service,
      },
      secretNames,
      timeoutMs: settings.timeout,
      signal,
    });
    if (ended.kind === 'timeout') {
      throw new Unavailable(name, `no answer within ${durationInWords(settings.timeout)}, it was ended`);
    }
    if (ended.kind === 'not-started') {
      throw new Refusal('source-refused', { source: name, setting: 'logs', reason: ended.reason });
    }
    if (ended.code !== 0) {
      const how = ended.code === null ? 'it was ended by a signal' : `it ended with exit code ${ended.code}`;
      throw new Unavailable(name, ended.said === '' ? how : `${how}: ${ended.said.slice(0, 200)}`);
    }
    const lines = ended.lines
      .flatMap((line): LogLine[] => printedLine(line, fromMs) ?? [])
      .filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
    return { lines: lines.slice(-most), cut: ended.lines.length >= MOST_LINES || lines.length > most };
  };
  return {
    kind: 'command',
    name,
    rules: rulesOf(settings),
    delayMs: settings.delay,
    ...(settings.history ? {} : { forgets: true }),
    read,
    preflight: (signal) => countedLines(name, read, context.now(), signal),
  };
}
