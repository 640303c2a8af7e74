import { jsonIn } from '../../text/json.ts';

/** Position of a string's content in a JSON text, between its quotes. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** A string, a mark of JSON, or any other value. One that does not end is a string up to the end of the text. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"?|[{}[\],:]|[^\s\uFEFF{}[\],:"]+/gs;

/**
 * Finds the string at a path of object keys without parsing into values, so that it can be replaced in place.
 * Null when the path does not lead to a string. Of duplicate keys the last one counts, as in JSON.parse.
 * The text must be valid JSON (check with JSON.parse first).
 */
export function findJsonString(text: string, path: readonly string[]): TextRange | null {
  const open: string[] = [];
  /** Of what is open from the outside on, that many stand at the next key of the path. */
  let matched = 0;
  let isKey = false;
  let found: TextRange | null = null;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const depth = open.length;
    if (token === ',') isKey = open.at(-1) === '{';
    else if (token === '}' || token === ']') {
      open.pop();
      matched = Math.min(matched, open.length);
      isKey = false;
    } else if (isKey) {
      const isNext = matched >= depth - 1 && JSON.parse(token) === path[depth - 1];
      matched = isNext ? depth : Math.min(matched, depth - 1);
      isKey = false;
    } else if (token !== ':') {
      const isString = token.startsWith('"') && depth === path.length;
      if (matched === depth) found = isString ? { start: index + 1, end: index + token.length - 1 } : null;
      if (token === '{' || token === '[') open.push(token);
      isKey = token === '{';
    }
  }
  return found;
}

/** Whether a text, a byte order mark aside, is JSON. */
export function isJson(text: string): boolean {
  return jsonIn(text.replace(/^\uFEFF/, '')) !== undefined;
}
