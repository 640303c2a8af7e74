import { explain } from '../domain/refusals/explain.ts';
import { Refusal, Unavailable } from '../domain/refusals/refusal.ts';
import { redacted } from '../domain/text/redaction.ts';
import { visible } from '../domain/text/visible.ts';

/** Where a command writes: its result to stdout, messages to stderr. */
export interface Output {
  /** Resolves when there is room for more, for commands that write much. */
  result(text: string): void | Promise<void>;
  /** False once nobody reads the result any more: commands that write much stop. */
  isRead?(): boolean;
  message(text: string): void;
  /** Asks whoever sits at the terminal, where somebody does. Rejects with `Interrupted` when they break it off. */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
}

/** Outside text on one line, with what nobody sees written out. */
export function onOneLine(text: string): string {
  return visible(text.replaceAll(/[\n\r\t]+/g, ' '));
}

/** Exit codes. */
export const EXIT = {
  done: 0,
  /** Refused, or something must be fixed, or a gate does not pass. */
  refused: 1,
  /** The command line was not understood. */
  usage: 2,
  /** A fault of Slipway. */
  fault: 3,
} as const;

/** Writes the error in words for people and answers with the exit code. */
export function report(error: unknown, output: Output): number {
  if (error instanceof Refusal) {
    const { text, hint } = explain(error);
    output.message(hint === undefined ? text : `${text}\n\n${hint}`);
    return EXIT.refused;
  }
  if (error instanceof Unavailable) {
    output.message(`${error.message}. Try again when it answers.`);
    return EXIT.refused;
  }
  output.message(
    redacted(`Slipway failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
  );
  return EXIT.fault;
}
