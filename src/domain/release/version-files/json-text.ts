import { jsonIn } from '../../text/json.ts';
/** Position of a string's content in a JSON text, between its quotes. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds the string at a path of object keys without parsing into values, so that it can be replaced in place.
 * Null when the path does not lead to a string. Of duplicate keys the last one counts, as in JSON.parse.
 * The text must be valid JSON (check with JSON.parse first).
 */
export function findJsonString(text: string, path: readonly string[]): TextRange | null {
  return new Scanner(text).string(path);
}

/** Whether a text, a byte order mark aside, is JSON. */
export function isJson(text: string): boolean {
  return jsonIn(text.replace(/^\uFEFF/, '')) !== undefined;
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  string(path: readonly string[]): TextRange | null {
    this.#blank();
    const next = this.#text[this.#at];
    if (path.length === 0 && next === '"') {
      const start = this.#at + 1;
      this.#skipString();
      return { start, end: this.#at - 1 };
    }
    if (path.length === 0 || next !== '{') {
      this.#skip();
      return null;
    }
    const [key = '', ...rest] = path;
    let found: TextRange | null = null;
    for (const name of this.#members()) {
      if (name === key) found = this.string(rest);
      else this.#skip();
    }
    return found;
  }

  /** Walks the members of the object; the caller consumes each value. */
  *#members(): Generator<string> {
    this.#at++;
    this.#blank();
    while (this.#at < this.#text.length && this.#text[this.#at] !== '}') {
      const start = this.#at;
      this.#skipString();
      const name = JSON.parse(this.#text.slice(start, this.#at)) as string;
      this.#blank();
      this.#at++;
      yield name;
      this.#blank();
      if (this.#text[this.#at] === ',') this.#at++;
      this.#blank();
    }
    this.#at++;
  }

  #blank(): void {
    while (/[\s\uFEFF]/.test(this.#text[this.#at] ?? 'x')) this.#at++;
  }

  #skipString(): void {
    this.#at++;
    while (this.#at < this.#text.length && this.#text[this.#at] !== '"') {
      this.#at += this.#text[this.#at] === '\\' ? 2 : 1;
    }
    this.#at++;
  }

  /** Skips one value of any kind, without recursion. */
  #skip(): void {
    let depth = 0;
    do {
      this.#blank();
      const next = this.#text[this.#at];
      if (next === '"') this.#skipString();
      else if (next === '{' || next === '[') {
        depth++;
        this.#at++;
      } else if (next === '}' || next === ']') {
        depth--;
        this.#at++;
      } else if (next === ',' || next === ':') this.#at++;
      else
        while (this.#at < this.#text.length && !/[\s,:[\]{}"]/.test(this.#text[this.#at] ?? '')) this.#at++;
    } while (depth > 0 && this.#at < this.#text.length);
  }
}
