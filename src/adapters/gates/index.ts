import { z } from 'zod';
import { durationInWords } from '../../domain/text/duration.ts';
import type { AdapterContext } from '../shared/context.ts';
import { CommandGateSettings, openCommandGate } from './command.ts';
import { HttpGateSettings, openHttpGate } from './http.ts';
import type { ConfiguredGate, GateAnswer } from './port.ts';

/** One entry of a service's `gates`. */
export const GateSettings = z.discriminatedUnion('use', [HttpGateSettings, CommandGateSettings]);
export type GateSettings = z.infer<typeof GateSettings>;

/** How much longer than its own timeout, in ms, a gate may take to give up. */
const GRACE_MS = 1_000;

export function openGate(settings: GateSettings, context: AdapterContext): ConfiguredGate {
  return inTime(opened(settings, context), settings.timeout);
}

function opened(settings: GateSettings, context: AdapterContext): ConfiguredGate {
  switch (settings.use) {
    case 'http':
      return openHttpGate(settings, context);
    case 'command':
      return openCommandGate(settings, context);
  }
}

/** Every kind keeps its own timeout; whatever fails to, a command that left something running say, ends here. */
export function inTime(gate: ConfiguredGate, timeoutMs: number): ConfiguredGate {
  return {
    ...gate,
    check: async (question, signal) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<GateAnswer>((resolve) => {
        const answer: GateAnswer = {
          verdict: 'unknown',
          reason: `It did not answer within ${durationInWords(timeoutMs)}.`,
          remedy: 'See why it gives no answer, then re-check.',
        };
        timer = setTimeout(resolve, timeoutMs + GRACE_MS, answer);
      });
      try {
        return await Promise.race([gate.check(question, signal), late]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
