import { withoutReferences } from '../text/references.ts';
import { visible } from '../text/visible.ts';

/** Text from outside as one line of Markdown that shows exactly these characters: no markup, links or HTML. */
export function plain(text: string): string {
  return oneLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_[\]|~]/g, '\\$&')
    .replaceAll('://', ':&#47;&#47;')
    .replaceAll(/\bwww\./gi, (www) => `${www.slice(0, 3)}&#46;`)
    .replaceAll('@', '&#64;')
    .replace(/^(#|[-+](?=\s)|\d+(?=[.)]\s))/, '\\$1');
}

/** The same where a host acts on references: what would close an issue or call a person is set as code. */
export function note(text: string): string {
  return withoutReferences(plain(text).replaceAll('&#64;', '@'));
}

/** Text from outside as a code span. */
export function code(text: string): string {
  const line = oneLine(text).replaceAll('|', '¦');
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest > 0 ? `${fence} ${line} ${fence}` : `${fence}${line || ' '}${fence}`;
}

/** A link with text from outside; only http and https addresses become one. */
export function link(text: string, url: string | undefined): string {
  const address = url === undefined ? null : webAddress(url);
  return address === null ? plain(text) : `[${plain(text)}](<${address}>)`;
}

/** A web address that links to itself; anything else as plain text. */
export function address(url: string): string {
  const isPlain = webAddress(url) !== null && !/[\s<>]/.test(url);
  return isPlain ? `<${visible(url)}>` : plain(url);
}

/** Lines as a fenced block that its content cannot end. */
export function fenced(lines: readonly string[], language = ''): string {
  const longest = Math.max(2, ...lines.flatMap((line) => (line.match(/`+/g) ?? []).map((run) => run.length)));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}${language}`, ...lines.map(visible), fence].join('\n');
}

/** A table; cells are finished Markdown of one line. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function webAddress(url: string): string | null {
  try {
    const parsed = new URL(url);
    return parsed.protocol === 'https:' || parsed.protocol === 'http:'
      ? parsed.href.replaceAll('<', '%3C').replaceAll('>', '%3E')
      : null;
  } catch {
    return null;
  }
}

function oneLine(text: string): string {
  return visible(text.replaceAll(/[^\S\ufeff]+/g, ' ').trim());
}
