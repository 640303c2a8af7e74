import { COMPLETIONS } from '../completion.ts';
import type { Invocation } from '../invocation.ts';
import { EXIT } from '../output.ts';

/** Prints the script that completes the command line in a shell. */
export async function completion({ words: [shell = ''], output }: Invocation): Promise<number | null> {
  const script = Object.hasOwn(COMPLETIONS, shell) ? COMPLETIONS[shell] : undefined;
  if (script === undefined) return null;
  await output.result(script());
  return EXIT.done;
}
