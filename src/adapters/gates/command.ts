import { resolve } from 'node:path';
import { z } from 'zod';
import { durationInWords } from '../../domain/text/duration.ts';
import { type AdapterContext, Duration } from '../shared/context.ts';
import { defineKind } from '../shared/kinds.ts';
import { environmentOf } from '../shared/program/environment.ts';
import { type Ended, runOnce } from '../shared/program/run-once.ts';
import { Argv, programShape } from '../shared/program/settings.ts';
import type { ConfiguredGate, GateAnswer } from './port.ts';
import { factVariables, fillIn, gateSettings, identityOf } from './question.ts';

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
      const argv: string[] = [];
      for (const argument of settings.run) {
        const filled = fillIn(argument, question, (fact) => fact);
        if (filled.kind === 'unknown')
          return unknown(`The command needs the ${filled.fact}, which is not decided yet.`);
        argv.push(filled.text);
      }
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

function judge(ended: Ended, program: string, timeoutMs: number): GateAnswer {
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

function unknown(reason: string): GateAnswer {
  return { verdict: 'unknown', reason, remedy: 'See why it gives no answer, then re-check.' };
}
