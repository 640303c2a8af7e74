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
  /** By `!` in the header or in that of a squashed commit, or by a `BREAKING CHANGE` footer. */
  readonly breaking: boolean;
}

/** Nobody writes more than that, in characters: what comes after it is not read. */
const MOST_MESSAGE = 1_000_000;
const MOST_HEADER = 10_000;

/** At the start of a line, also indented. */
const BREAKING_FOOTER = /^[ \t]*BREAKING[ -]CHANGE(?::|[ \t]#)/;

/** As an item of the list that a squash makes of its commits: `* feat!: no more v1`, or its footer. */
const BREAKING_ITEM =
  /^[ \t]*[-*+][ \t]+(?:BREAKING[ -]CHANGE(?::|[ \t]#)|(?:feat|feature|fix|perf|refactor|chore|build|ci|deps|docs|style|test|revert|security)(?:\([^()]{0,200}\))?!:\s)/;

/** As hosts and tools list changes in release notes; people do not write commits like that. */
const QUOTED_ITEM =
  / by @\S+ in https:\/\/\S+\s*$|\]\(https?:\/\/[^\s()]{1,300}\/(?:pull|issues|commit|compare|merge_requests)\//;

export function readConventional(message: string): ConventionalMessage {
  const header = headerOf(message);
  const said = readHeader(header);
  const breaking = said?.breaking === true || isBreakingBelow(message, said);
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

/** What an update of dependencies lists below are the changes of others. */
function isBreakingBelow(message: string, said: ConventionalMessage | null): boolean {
  const isUpdate = said?.type === 'deps' || /^deps(?:-dev)?$/i.test(said?.scope ?? '');
  for (const line of linesAfterHeader(message)) {
    if (BREAKING_FOOTER.test(line)) return true;
    if (!isUpdate && BREAKING_ITEM.test(line) && !QUOTED_ITEM.test(line)) return true;
  }
  return false;
}

export function* linesAfterHeader(message: string): Generator<string> {
  const text = message.slice(0, MOST_MESSAGE);
  for (let start = text.indexOf('\n') + 1; start > 0; ) {
    const end = text.indexOf('\n', start);
    yield text.slice(start, end < 0 ? text.length : end);
    start = end + 1;
  }
}
