import { visible } from '../../../domain/text/visible.ts';
import { quoted } from '../../shared/expectation.ts';

/** A name as it is when it is harmless, else in quotes. */
export function named(name: string): string {
  return /^[\w.+@-]{1,64}$/.test(name) ? name : quoted(name);
}

const SHOWN = 160;

/** What a server said of itself: short, on one line, and with nothing hidden in it. */
export function inItsWords(message: string): string {
  const text = visible(message.slice(0, 2 * SHOWN))
    .replace(/\s+/g, ' ')
    .trim();
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`;
}
