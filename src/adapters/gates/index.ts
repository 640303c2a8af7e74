import { durationInWords } from '../../domain/text/duration.ts';
import { type Chosen, catalogueOf, type Table } from '../shared/kinds.ts';
import type { ConfiguredGate, GateReply } from './port.ts';

/** Kinds of a service's `gates`. */
export const gates = catalogueOf({
  http: async () => (await import('./http.ts')).httpGate,
  command: async () => (await import('./command.ts')).commandGate,
});

/** How much longer than its own timeout, in ms, a gate may take to give up. */
const GRACE_MS = 1_000;

/** The same table, whose gates all end in time. */
export function withTimeouts<S extends Chosen & { readonly timeout: number }, Context>(
  table: Table<S, Context, ConfiguredGate>,
): Table<S, Context, ConfiguredGate> {
  return {
    ...table,
    open: (settings, context) => inTime(table.open(settings, context), settings.timeout),
  };
}

/** Every kind keeps its own timeout; whatever fails to, a command that left something running say, ends here. */
export function inTime(gate: ConfiguredGate, timeoutMs: number): ConfiguredGate {
  return {
    ...gate,
    check: async (question, signal) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<GateReply>((resolve) => {
        const answer: GateReply = {
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
