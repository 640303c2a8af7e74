import { resolve } from 'node:path';
import { z } from 'zod';
import { durationInWords } from '../../domain/text/duration.ts';
import { type AdapterContext, Duration } from '../shared/context.ts';
import { defineKind } from '../shared/kinds.ts';
import { fillInArguments, UnsafeArgument } from '../shared/program/arguments.ts';
import { environmentOf } from '../shared/program/environment.ts';
import { type Ended, runOnce } from '../shared/program/run-once.ts';
import { Argv, programShape } from '../shared/program/settings.ts';
import type { ConfiguredGate, GateQuestion, GateReply } from './port.ts';
import { factsOf, factVariables, gateSettings, identityOf, missingIn } from './question.ts';

const LONGEST_REASON = 500;
/** "Temporary failure" of sysexits.h: not yet, ask again. */
const EXIT_PENDING = 75;

const CommandGateSettings = z
  .strictObject({
    use: z.literal('command'),
    ...gateSettings,
    run: Argv.meta({
      description:
        'Program and arguments; no shell. {service}, {commit}, {validated}, {branch}, {feature}, {version} and {by} are filled in, also in the environment as SLIPWAY_COMMIT and so on. Exit code 0 passes, 75 is pending, any other fails; the last line of the output is the reason.',
      examples: [['./gates/schema.sh', '{commit}']],
    }),
    ...programShape,
    timeout: Duration.prefault('30s').meta({ description: 'After this it is ended and the gate unknown.' }),
  })
  .meta({ description: 'Runs a command on the machine of the bot.' });
type CommandGateSettings = z.infer<typeof CommandGateSettings>;

export const commandGate = defineKind({ settings: CommandGateSettings, open: openCommandGate });

function openCommandGate(settings: CommandGateSettings, context: AdapterContext): ConfiguredGate {
  return {
    kind: 'command',
    ...identityOf(settings),
    check: async (question, signal) => {
      const argv = argumentsOf(settings.run, question);
      if ('verdict' in argv) return argv;
      const { variables, secretNames } = environmentOf(settings, context);
      const ended = await runOnce({
        argv,
        cwd: resolve(context.configDir, settings.cwd),
        env: { ...variables, ...factVariables(question) },
        secretNames,
        timeoutMs: settings.timeout,
        signal,
      });
      return judge(ended, argv[0] ?? '', settings.timeout);
    },
  };
}

/** The command with the facts filled in, or why it cannot be asked. */
function argumentsOf(run: readonly string[], question: GateQuestion): string[] | GateReply {
  const missing = missingIn(run.join(' '), question);
  if (missing !== null) return unknown(`The command needs the ${missing}, which is not decided yet.`);
  try {
    return fillInArguments(run, factsOf(question));
  } catch (error) {
    if (!(error instanceof UnsafeArgument)) throw error;
    return {
      verdict: 'unknown',
      reason: `The command was not run: ${error.message}.`,
      remedy: `Give the ${error.fact === 'feature' ? 'folder of the feature' : error.fact} another name, then re-check.`,
    };
  }
}

function judge(ended: Ended, program: string, timeoutMs: number): GateReply {
  if (ended.kind === 'not-started') return unknown(`${ended.reason}.`);
  if (ended.kind === 'timeout')
    return unknown(`${program} did not answer within ${durationInWords(timeoutMs)} and was ended.`);
  const said = ended.said.slice(0, LONGEST_REASON);
  const or = (words: string): string => (said === '' ? words : said);
  switch (ended.code) {
    case 0:
      return { verdict: 'passed', reason: or(`${program} says yes.`) };
    case EXIT_PENDING:
      return { verdict: 'pending', reason: or(`${program} is not done yet.`) };
    case null:
      return unknown(`${program} was ended by a signal.`);
    default:
      return {
        verdict: 'failed',
        reason: or(`${program} says no (exit code ${ended.code}).`),
        remedy: 'Mend what it names, then re-check.',
      };
  }
}

function unknown(reason: string): GateReply {
  return { verdict: 'unknown', reason, remedy: 'See why it gives no answer, then re-check.' };
}
