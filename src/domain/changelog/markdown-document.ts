import MarkdownIt, { type Token } from 'markdown-it';
import {
  bare,
  bareText,
  type ChangelogDocument,
  type Definition,
  type Heading,
  newlineOf,
} from './document.ts';

/** Blocks only: what stands within a line is not parsed. */
const markdown = new MarkdownIt('commonmark');

/** What is kept of what stands in lists and quotes: there nothing is a heading of the changelog. */
const KEPT_INSIDE = new Set(['html_block', 'fence', 'code_block', 'reference_definition']);

const StateOfLibrary = markdown.block.State;
const ignored = new StateOfLibrary('', markdown, {}, []).push('ignored', '', 0);

/**
 * Makes tokens of the top level only, and of what opens: a long list costs a fifth of the time that way. They are made
 * after one of the library's, as those are slow to make.
 */
markdown.block.State = class extends StateOfLibrary {
  override push(type: string, tag: string, nesting: -1 | 0 | 1): Token {
    const { level } = this;
    this.level += nesting;
    const isKept = level === 0 || KEPT_INSIDE.has(type) || (type === 'inline' && level === 1);
    if (nesting < 0 || !isKept) {
      ignored.map = null;
      return ignored;
    }
    const token = plainToken(type, tag, nesting, level);
    this.tokens.push(token);
    return token;
  }
};

function plainToken(type: string, tag: string, nesting: -1 | 0 | 1, level: number): Token {
  return {
    type,
    tag,
    attrs: null,
    map: null,
    nesting,
    level,
    children: null,
    content: '',
    markup: '',
    info: '',
    meta: null,
    block: true,
    hidden: false,
  } as unknown as Token;
}

/** Reads the blocks of Markdown (CommonMark). Front matter is not Markdown. */
export function markdownDocument(lines: readonly string[]): ChangelogDocument {
  const matter = frontMatterEnd(lines);
  const tokens: Token[] = [];
  markdown.block.parse(sourceOf(lines, matter), markdown, {}, tokens);

  const kinds: ChangelogDocument['kinds'][number][] = new Array(lines.length)
    .fill('text')
    .fill('comment', 0, matter);
  const headings: Heading[] = [];
  const definitions: Definition[] = [];
  tokens.forEach((token, index) => {
    const [at, end] = token.map ?? [0, 0];
    if (token.type === 'heading_open') headings.push(headingOf(token, tokens[index + 1]));
    else if (token.type === 'paragraph_open') {
      const line = lineHeading(token, tokens[index + 1]);
      if (line) headings.push(line);
    } else if (token.type === 'reference_definition') {
      kinds.fill('definition', at, end);
      const definition = definitionIn(lines, at, end);
      if (definition) definitions.push(definition);
    } else if (token.type === 'html_block') {
      if (
        bareText(lines[at] ?? '')
          .trimStart()
          .startsWith('<!--')
      )
        kinds.fill('comment', at, end);
    } else if (token.type === 'fence' || token.type === 'code_block') kinds.fill('code', at, end);
    else if (token.type === 'hr') kinds.fill('rule', at, end);
  });
  for (const definition of looseDefinitions(lines, kinds)) {
    definitions.push(definition);
    kinds.fill('definition', definition.at, definition.end);
  }
  definitions.sort((a, b) => a.at - b.at);
  return { markup: 'markdown', lines, newline: newlineOf(lines), headings, definitions, kinds };
}

/** What the parser gets: line ends are line feeds there. */
function sourceOf(lines: readonly string[], matter: number): string {
  const text = lines.join('');
  if (matter === 0 && !text.includes('\r') && !text.startsWith('\uFEFF')) return text;
  return lines.map((line, at) => (at < matter ? '' : bareText(line))).join('\n');
}

function headingOf(token: Token, inline: Token | undefined): Heading {
  const [at, end] = token.map ?? [0, 0];
  const form = token.markup.startsWith('#') ? 'atx' : 'underlined';
  return { at, end, level: Number(token.tag.slice(1)), text: inline?.content ?? '', form };
}

/** A paragraph of one short line: people write `**1.2.0** (2026-10-01)` for a heading. */
function lineHeading(token: Token, inline: Token | undefined): Heading | null {
  const [at, end] = token.map ?? [0, 0];
  const text = inline?.content ?? '';
  if (end - at !== 1 || text.length > 120 || !/^[\p{L}\p{N}*_`[(]/u.test(text)) return null;
  if (!/\d|unreleased/i.test(text)) return null;
  return { at, end, level: 7, text, form: 'line' };
}

/** Lines `---` around settings at the very top, which other tools read. */
function frontMatterEnd(lines: readonly string[]): number {
  const mark = /^(---|\+\+\+)\s*$/.exec(bareText(lines[0] ?? ''))?.[1];
  if (mark === undefined) return 0;
  const texts = lines.map(bare);
  const end = texts.findIndex((text, at) => at > 0 && text.trimEnd() === mark);
  const body = end < 0 ? [] : texts.slice(1, end);
  return body.length > 0 && body.every((text) => /^(\s|#|-\s|[\w-]+\s*[:=]|$)/.test(text)) ? end + 1 : 0;
}

const DEFINITION = /^[ \t>]*\[((?:[^\\[\]]|\\.){1,999})\]:[ \t]*(?:<([^<>]*)>|(\S+))?/;

/** A definition that Markdown has found; its address may stand on the next line. */
function definitionIn(lines: readonly string[], at: number, end: number): Definition | null {
  const texts = lines.slice(at, at + 2).map(bareText);
  const [head = '', label, angled, plain] = DEFINITION.exec(texts[0] ?? '') ?? [];
  if (label === undefined) return null;
  const url = angled ?? plain;
  if (url !== undefined) {
    const from = head.length - url.length - (angled === undefined ? 0 : 1);
    return { at, end, label, url, urlLine: at, from, to: from + url.length };
  }
  const next = /^\s*(<)?([^\s<>]+)/.exec(end > at + 1 ? (texts[1] ?? '') : '');
  if (!next?.[2]) return null;
  const from = next[0].length - next[2].length;
  return { at, end, label, url: next[2], urlLine: at + 1, from, to: next[0].length };
}

/**
 * Links right below the last entry, without a blank line between, are text for Markdown, but people mean them as links:
 * the last lines of the file, when each of them is one.
 */
function looseDefinitions(lines: readonly string[], kinds: ChangelogDocument['kinds']): Definition[] {
  const found: Definition[] = [];
  for (let line = lines.length - 1; line >= 0; line--) {
    const text = bareText(lines[line] ?? '');
    if (kinds[line] === 'definition' || (text.trim() === '' && kinds[line] === 'text')) continue;
    const isLink = kinds[line] === 'text' && /^\[[^[\]]+\]:\s*<?https?:\/\/\S+\s*$/.test(text);
    const definition = isLink ? definitionIn(lines, line, line + 1) : null;
    if (!definition) break;
    found.unshift(definition);
  }
  return found;
}
