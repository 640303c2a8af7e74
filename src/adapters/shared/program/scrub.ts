import { StringDecoder } from 'node:string_decoder';
import { spellingsOf, withoutSpellings } from '../../../domain/text/redaction.ts';

/** Longer lines are cut into pieces. */
const MOST_LINE_CHARS = 16_384;
/** Shorter values are too common to be replaced: every `1` would vanish. */
const LEAST_SECRET_CHARS = 4;

// Colours, cursor movements, window titles and links, as terminals understand them.
const ESCAPES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
  /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[PX^_][^\u001b]*\u001b\\|\u001b[@-_]/g;

/** Takes terminal escapes and control characters out of a line. */
export function plainText(line: string): string {
  return line.replace(ESCAPES, '').replace(/[^\P{Cc}\t]/gu, '');
}

export interface Scrubber {
  /** The text with every secret replaced by stars, however it is written. */
  clean(text: string): string;
  /** Characters of the longest form of a secret. */
  readonly longest: number;
}

export function scrubber(secrets: readonly string[]): Scrubber {
  const spellings = spellingsOf(secrets, LEAST_SECRET_CHARS);
  return { clean: (text) => withoutSpellings(text, spellings), longest: spellings[0]?.length ?? 0 };
}

/**
 * Cuts a stream of bytes into plain lines without secrets. A carriage return ends a line too, as progress bars
 * use it; a line that does not end is given out in pieces, none of which holds a part of a secret.
 */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  readonly #scrubber: Scrubber;
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(scrubber: Scrubber, onLine: (line: string) => void) {
    this.#scrubber = scrubber;
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    this.#rest += this.#decoder.write(chunk);
    const lines = this.#rest.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#give(line);
    if (this.#rest.length > MOST_LINE_CHARS + this.#scrubber.longest) {
      const clean = this.#scrubber.clean(this.#rest);
      const cut = Math.max(0, clean.length - this.#scrubber.longest);
      this.#give(clean.slice(0, cut));
      this.#rest = clean.slice(cut);
    }
  }

  end(): void {
    const rest = this.#rest + this.#decoder.end();
    this.#rest = '';
    if (rest !== '') this.#give(rest.replace(/\r$/, ''));
  }

  #give(line: string): void {
    this.#onLine(this.#scrubber.clean(plainText(line)));
  }
}
