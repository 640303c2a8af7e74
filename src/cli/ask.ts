import { createInterface } from 'node:readline/promises';

/** Whoever was asked broke it off, by Ctrl-C or the end of the input. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Asks the person at the terminal; the question stands on stderr, so that a result may go elsewhere. */
export async function askTerminal(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const stop = new AbortController();
  const over = () => stop.abort();
  lines.once('SIGINT', over);
  lines.once('close', over);
  try {
    return await lines.question(question, { signal: stop.signal });
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    process.stderr.write('\n');
    throw new Interrupted();
  } finally {
    lines.off('close', over);
    lines.close();
  }
}
