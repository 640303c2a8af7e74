import {
  bare,
  bareText,
  type ChangelogDocument,
  type Definition,
  type Heading,
  type LineKind,
  newlineOf,
} from './document.ts';

const UNDERLINE = /^([!-/:-@[-`{-~])\1{2,}\s*$/;
const TARGET = /^(\s*\.\. _)(`[^`]+`|(?:[^:\\]|\\.)+):\s+(\S+)\s*$/;
/** A target without an address: the name of what stands below it. */
const LABEL = /^\s*\.\. _(?:`[^`]+`|[^:]+):\s*$/;

/** Reads the titles, link targets and comments of reStructuredText: a title is underlined, its level is by the mark. */
export function restDocument(lines: readonly string[]): ChangelogDocument {
  const texts = lines.map((line, at) => (at === 0 ? bareText(line) : bare(line)));
  const kinds = kindsOf(texts);
  const headings: Heading[] = [];
  const definitions: Definition[] = [];
  const styles: string[] = [];
  for (let at = 0; at < texts.length; at++) {
    const definition = kinds[at] === 'definition' ? targetIn(texts, at) : null;
    if (definition) definitions.push(definition);
    const title = kinds[at] === 'text' ? titleAt(texts, at) : null;
    if (!title) continue;
    if (!styles.includes(title.style)) styles.push(title.style);
    const { end, text, form } = title;
    headings.push({ at, end, text, form, level: styles.indexOf(title.style) + 1 });
    at = end - 1;
  }
  return { markup: 'rest', lines, newline: newlineOf(lines), headings, definitions, kinds };
}

function titleAt(
  texts: readonly string[],
  at: number,
): { end: number; text: string; form: 'boxed' | 'underlined'; style: string } | null {
  const [line = '', next = '', third = ''] = [texts[at], texts[at + 1], texts[at + 2]];
  const over = UNDERLINE.exec(line)?.[1];
  if (over !== undefined) {
    const fits =
      next.trim() !== '' &&
      UNDERLINE.exec(third)?.[1] === over &&
      third.trimEnd().length >= next.trim().length;
    return fits ? { end: at + 3, text: next.trim(), form: 'boxed', style: over + over } : null;
  }
  const under = UNDERLINE.exec(next)?.[1];
  if (
    under === undefined ||
    !/^\S/.test(line) ||
    (at > 0 && (texts[at - 1] ?? '').trim() !== '' && !isTarget(texts[at - 1]))
  ) {
    return null;
  }
  // A line that is shorter than its title is a warning for docutils, and a title all the same.
  return next.trimEnd().length >= Math.min(line.trimEnd().length, 4)
    ? { end: at + 2, text: line.trimEnd(), form: 'underlined', style: under }
    : null;
}

function isTarget(text = ''): boolean {
  return /^\.\. _/.test(text);
}

/** Explicit markup with its indented body: targets, comments, and directives, of which code blocks are code. */
function kindsOf(texts: readonly string[]): LineKind[] {
  const kinds: LineKind[] = texts.map(() => 'text');
  let inside: { kind: LineKind; indent: number } | null = null;
  texts.forEach((text, at) => {
    const indent = text.search(/\S/);
    if (inside && (indent < 0 || indent > inside.indent)) {
      kinds[at] = inside.kind;
      return;
    }
    inside = null;
    if (indent < 0) return;
    if (TARGET.test(text)) kinds[at] = 'definition';
    else if (/^\s*\.\.(\s|$)/.test(text) && !LABEL.test(text)) {
      const directive = /^\s*\.\. ([\w-]+)::/.exec(text)?.[1];
      const kind =
        directive === undefined
          ? 'comment'
          : /code|literal|parsed|sourcecode/.test(directive)
            ? 'code'
            : 'text';
      kinds[at] = kind;
      inside = kind === 'text' ? null : { kind, indent };
    } else if (/::\s*$/.test(text)) inside = { kind: 'code', indent };
  });
  return kinds;
}

function targetIn(texts: readonly string[], at: number): Definition | null {
  const [, before = '', label = '', url = ''] = TARGET.exec(texts[at] ?? '') ?? [];
  if (before === '') return null;
  const from = (texts[at] ?? '').lastIndexOf(url);
  return {
    at,
    end: at + 1,
    label: label.replace(/^`|`$/g, ''),
    url,
    urlLine: at,
    from,
    to: from + url.length,
  };
}
