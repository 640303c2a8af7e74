/** A changelog by its blocks. Line numbers count from 0; `end` is exclusive. */
export interface ChangelogDocument {
  readonly markup: 'markdown' | 'rest';
  /** With their line ends; joined they are the file. */
  readonly lines: readonly string[];
  /** The line end that most lines have. */
  readonly newline: '\n' | '\r\n' | '\r';
  /** In the order of the file; what stands in lists and quotes is no heading. */
  readonly headings: readonly Heading[];
  readonly definitions: readonly Definition[];
  /** What each line belongs to, where Markdown or reStructuredText are not read in it or where it says nothing. */
  readonly kinds: readonly LineKind[];
}

export type LineKind = 'text' | 'code' | 'comment' | 'definition' | 'rule';

/** How a heading is written: `## a`, underlined, between two lines, or as a line of its own that is no heading. */
type HeadingForm = 'atx' | 'underlined' | 'boxed' | 'line';

export interface Heading {
  readonly at: number;
  readonly end: number;
  readonly level: number;
  /** As it is written, without marks. */
  readonly text: string;
  readonly form: HeadingForm;
}

/** Where a link leads: `[1.2.0]: https://…`; `from` and `to` are where the address stands in its line. */
export interface Definition {
  readonly at: number;
  readonly end: number;
  /** As it is written. */
  readonly label: string;
  readonly url: string;
  readonly urlLine: number;
  readonly from: number;
  readonly to: number;
}

/** Lines with their line ends; joined they are the text. */
export function linesOf(text: string): string[] {
  if (text.includes('\r')) return text.match(/[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$/g) ?? [];
  const lines: string[] = [];
  let start = 0;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
    lines.push(text.slice(start, end + 1));
    start = end + 1;
  }
  if (start < text.length) lines.push(text.slice(start));
  return lines;
}

/** A line without its line end. */
export function bare(line: string): string {
  if (line.endsWith('\n')) return line.slice(0, line.endsWith('\r\n') ? -2 : -1);
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** A line without its line end and without a byte order mark. */
export function bareText(line: string): string {
  return bare(line.startsWith('\uFEFF') ? line.slice(1) : line);
}

/** The line end that most lines have. */
export function newlineOf(lines: readonly string[]): '\n' | '\r\n' | '\r' {
  const count = { '\n': 0, '\r\n': 0, '\r': 0 };
  for (const line of lines) {
    if (line.endsWith('\r\n')) count['\r\n']++;
    else if (line.endsWith('\n')) count['\n']++;
    else if (line.endsWith('\r')) count['\r']++;
  }
  if (count['\r\n'] > count['\n']) return '\r\n';
  return count['\r'] > count['\n'] ? '\r' : '\n';
}
