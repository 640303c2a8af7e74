/**
 * A commit message by the rules of Conventional Commits 1.0.0, with what people write besides. Read line by line, in
 * time linear in its length: messages come from outside.
 *
 * @see https://www.conventionalcommits.org/en/v1.0.0/
 */
export interface ConventionalMessage {
  /** Lower case: `feat`, `fix`, …; null for a message that is not a conventional commit. */
  readonly type: string | null;
  /** `cart`, `parser(v2)`; of several scopes `cart, api`; null without one. */
  readonly scope: string | null;
  /** What the header says behind its type, else the whole header. */
  readonly subject: string;
  /** By `!` in the header or a `BREAKING CHANGE` footer. */
  readonly breaking: boolean;
}

/** Nobody writes more than that, in characters: what comes after it is not read. */
const MOST_MESSAGE = 1_000_000;
const MOST_HEADER = 10_000;

/** At the start of a line, also indented or as an item of a list, as squashed commits have it. */
const BREAKING_FOOTER = /^[ \t]*(?:[-*+][ \t]+)?BREAKING[ -]CHANGE(?::|[ \t]#)/;

export function readConventional(message: string): ConventionalMessage {
  const header = headerOf(message);
  const said = readHeader(header);
  const breaking = said?.breaking === true || hasBreakingFooter(message);
  if (said === null) return { type: null, scope: null, subject: header.trim(), breaking };
  return { ...said, breaking };
}

/** The first line, at most 10,000 characters of it. */
export function headerOf(message: string): string {
  const end = message.indexOf('\n');
  const line = message.slice(0, Math.min(end < 0 ? message.length : end, MOST_HEADER));
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** `type(scope)!: subject`; null when the line is none. */
function readHeader(line: string): ConventionalMessage | null {
  const [type = ''] = /^\w+/.exec(line) ?? [];
  if (type === '') return null;
  const scopes: string[] = [];
  let at = type.length;
  while (line[at] === '(') {
    const end = closing(line, at);
    if (end < 0) return null;
    scopes.push(line.slice(at + 1, end));
    at = end + 1;
  }
  const breaking = line[at] === '!';
  if (breaking) at += 1;
  if (line[at] !== ':' || !/\s/.test(line[at + 1] ?? '')) return null;
  const scope = scopes.filter((one) => one !== '').join(', ');
  return {
    type: type.toLowerCase(),
    scope: scope || null,
    subject: line.slice(at + 1).trimStart(),
    breaking,
  };
}

/** Where the bracket that opens at this place closes; -1 when it does not. */
function closing(line: string, open: number): number {
  let depth = 0;
  for (let at = open; at < line.length; at++) {
    if (line[at] === '(') depth += 1;
    else if (line[at] === ')' && --depth === 0) return at;
  }
  return -1;
}

function hasBreakingFooter(message: string): boolean {
  for (const line of linesAfterHeader(message)) if (BREAKING_FOOTER.test(line)) return true;
  return false;
}

function* linesAfterHeader(message: string): Generator<string> {
  const text = message.slice(0, MOST_MESSAGE);
  for (let start = text.indexOf('\n') + 1; start > 0; ) {
    const end = text.indexOf('\n', start);
    yield text.slice(start, end < 0 ? text.length : end);
    start = end + 1;
  }
}

/** A commit that undoes others, or undoes that (`Reapply`). */
export interface Revert {
  /** `back`: what was reverted comes back. */
  readonly kind: 'revert' | 'back';
  /** The commits that it undoes, at least their first 7 digits; empty when it does not name them. */
  readonly shas: readonly string[];
  /** Header of the commit that is undone, or comes back, without the number of its pull request. */
  readonly subject: string;
}

/** Reads git's `Revert "…"` and `Reapply "…"`, GitHub's form of them, and `revert: …`; null for anything else. */
export function readRevert(message: string): Revert | null {
  const header = withoutNumber(headerOf(message).trim());
  const quoted = /^(Revert|Reapply) "(.*)"$/s.exec(header);
  if (quoted) {
    const [, word, inner = ''] = quoted;
    const twice = /^Revert "(.*)"$/s.exec(withoutNumber(inner));
    const isBack = word === 'Reapply' || twice !== null;
    return {
      kind: isBack ? 'back' : 'revert',
      shas: shasIn(message),
      subject: withoutNumber(twice?.[1] ?? inner),
    };
  }
  const said = readHeader(header);
  if (said?.type !== 'revert') return null;
  return { kind: 'revert', shas: shasIn(message), subject: withoutNumber(said.subject) };
}

/** Without the ` (#12)` that a host puts behind. */
export function withoutNumber(header: string): string {
  const end = header.trimEnd();
  if (!end.endsWith(')')) return end;
  const start = end.lastIndexOf(' (#');
  return start > 0 && /^\d+$/.test(end.slice(start + 3, -1)) ? end.slice(0, start).trimEnd() : end;
}

/** Named by `Refs:` or by git's own sentence. */
function shasIn(message: string): readonly string[] {
  const shas: string[] = [];
  for (const line of linesAfterHeader(message)) {
    if (!/^\s*(?:Refs:|This reverts commit\b)/i.test(line)) continue;
    for (const [sha] of line.slice(0, MOST_HEADER).matchAll(/\b[0-9a-f]{7,64}\b/g)) shas.push(sha);
  }
  return shas;
}
