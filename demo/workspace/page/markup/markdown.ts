import { emojiFor } from './emoji.ts';
import { type Inline, isOpenable, joined, type Paragraph } from './rich.ts';

/**
 * The Markdown that Slack's markdown block takes: headings, emphasis, code, links, lists, quotes, tables, rules.
 * Written for showing, not for conformance: no reference links, no raw HTML (it is shown as text).
 */
export function parseMarkdown(source: string): Paragraph[] {
  return blocks(source.replaceAll('\r\n', '\n').split('\n'));
}

const item = /^(\s*)(?:([-*+])|(\d{1,9})[.)])\s+(.*)$/;
const fence = /^\s*(```+|~~~+)/;
const rule = /^\s*(?:(?:\*\s*){3,}|(?:-\s*){3,}|(?:_\s*){3,})$/;
const divider = /^\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$/;

function blocks(lines: readonly string[]): Paragraph[] {
  const out: Paragraph[] = [];
  let i = 0;
  const at = (n: number) => lines[n] ?? '';
  while (i < lines.length) {
    const line = at(i);
    const fenced = fence.exec(line)?.[1];
    const heading = /^ {0,3}(#{1,6})\s+(.*?)\s*#*$/.exec(line);
    if (line.trim() === '') i += 1;
    else if (fenced !== undefined) {
      const end = lines.findIndex((other, n) => n > i && other.trim().startsWith(fenced));
      const stop = end < 0 ? lines.length : end;
      out.push({ kind: 'pre', text: lines.slice(i + 1, stop).join('\n') });
      i = stop + 1;
    } else if (heading !== null) {
      out.push({ kind: 'heading', level: heading[1]?.length ?? 1, children: inline(heading[2] ?? '') });
      i += 1;
    } else if (rule.test(line)) {
      out.push({ kind: 'rule' });
      i += 1;
    } else if (line.includes('|') && divider.test(at(i + 1)) && at(i + 1).includes('-')) {
      let end = i + 2;
      while (end < lines.length && at(end).includes('|')) end += 1;
      out.push({
        kind: 'table',
        head: cells(line).map(inline),
        align: cells(at(i + 1)).map(alignment),
        rows: lines.slice(i + 2, end).map((row) => cells(row).map(inline)),
      });
      i = end;
    } else if (/^\s*>/.test(line)) {
      let end = i;
      while (end < lines.length && /^\s*>/.test(at(end))) end += 1;
      out.push({ kind: 'quote', children: blocks(lines.slice(i, end).map((l) => l.replace(/^\s*> ?/, ''))) });
      i = end;
    } else if (item.test(line)) {
      const [list, end] = listAt(lines, i);
      out.push(list);
      i = end;
    } else {
      let end = i + 1;
      while (end < lines.length && !startsBlock(at(end))) end += 1;
      out.push({ kind: 'paragraph', children: paragraph(lines.slice(i, end)) });
      i = end;
    }
  }
  return out;
}

function startsBlock(line: string): boolean {
  return (
    line.trim() === '' ||
    fence.test(line) ||
    item.test(line) ||
    rule.test(line) ||
    /^\s*(>|#{1,6}\s)/.test(line)
  );
}

function listAt(lines: readonly string[], from: number): [Paragraph, number] {
  const first = item.exec(lines[from] ?? '');
  const indent = first?.[1]?.length ?? 0;
  const ordered = first?.[3] !== undefined;
  const items: string[][] = [];
  let i = from;
  for (; i < lines.length; i += 1) {
    const line = lines[i] ?? '';
    const match = item.exec(line);
    const depth = /^\s*/.exec(line)?.[0].length ?? 0;
    if (match !== null && depth <= indent + 1) {
      if (depth < indent || (match[3] !== undefined) !== ordered) break;
      items.push([match[4] ?? '']);
    } else if (line.trim() === '') {
      const next = lines[i + 1] ?? '';
      if (!item.test(next) && !/^\s{2,}\S/.test(next)) break;
    } else if (depth > indent || !startsBlock(line)) {
      items.at(-1)?.push(line.slice(Math.min(depth, indent + 2)));
    } else break;
  }
  const list: Paragraph = {
    kind: 'list',
    ordered,
    start: ordered ? Number(first?.[3] ?? 1) : 1,
    indent: 0,
    items: items.map((body) => blocks(body.map((line, n) => (n === 0 ? taskBox(line) : line)))),
  };
  return [list, i];
}

function taskBox(line: string): string {
  return line.replace(/^\[([ xX])\]\s+/, (_, mark: string) => (mark === ' ' ? '☐ ' : '☑ '));
}

function cells(row: string): string[] {
  return row
    .trim()
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

function alignment(cell: string): 'left' | 'center' | 'right' | undefined {
  const [left, right] = [cell.startsWith(':'), cell.endsWith(':')];
  return left && right ? 'center' : right ? 'right' : left ? 'left' : undefined;
}

function paragraph(lines: readonly string[]): Inline[] {
  return joined(
    lines.flatMap((line, n): Inline[] =>
      n === 0 ? inline(line) : [{ kind: 'break' }, ...inline(line.trimStart())],
    ),
  );
}

const rules: readonly {
  readonly pattern: RegExp;
  readonly make: (match: RegExpExecArray) => Inline | undefined;
}[] = [
  { pattern: /^\\([\\`*_{}[\]()#+\-.!~|>])/, make: (m) => ({ kind: 'text', text: m[1] ?? '' }) },
  {
    pattern: /^(`+)([^`]|[^`][\s\S]*?[^`])\1(?!`)/,
    make: (m) => ({ kind: 'code', text: (m[2] ?? '').trim() }),
  },
  {
    pattern: /^!?\[([^\]]*)\]\(\s*<?([^\s)>]+)>?(?:\s+"[^"]*")?\s*\)/,
    make: (m) =>
      isOpenable(m[2] ?? '') ? { kind: 'link', url: m[2] ?? '', children: inline(m[1] ?? '') } : undefined,
  },
  {
    pattern: /^<((?:https?:\/\/|mailto:)[^\s<>]+)>/,
    make: (m) => ({ kind: 'link', url: m[1] ?? '', children: [{ kind: 'text', text: m[1] ?? '' }] }),
  },
  {
    pattern: /^https?:\/\/[^\s<>|`"']*[^\s<>|`"'.,:;!?)\]}*_~]/,
    make: (m) => ({ kind: 'link', url: m[0], children: [{ kind: 'text', text: m[0] }] }),
  },
  {
    pattern: /^(?:\*\*\*|___)(?=\S)([\s\S]*?\S)(?:\*\*\*|___)/,
    make: (m) => ({ kind: 'bold', children: [{ kind: 'italic', children: inline(m[1] ?? '') }] }),
  },
  { pattern: /^\*\*(?=\S)([\s\S]*?\S)\*\*/, make: (m) => ({ kind: 'bold', children: inline(m[1] ?? '') }) },
  { pattern: /^__(?=\S)([\s\S]*?\S)__(?!\w)/, make: (m) => ({ kind: 'bold', children: inline(m[1] ?? '') }) },
  { pattern: /^~~(?=\S)([\s\S]*?\S)~~/, make: (m) => ({ kind: 'strike', children: inline(m[1] ?? '') }) },
  { pattern: /^\*(?=\S)([^*]*?\S)\*(?!\*)/, make: (m) => ({ kind: 'italic', children: inline(m[1] ?? '') }) },
  { pattern: /^_(?=\S)([^_]*?\S)_(?!\w)/, make: (m) => ({ kind: 'italic', children: inline(m[1] ?? '') }) },
  {
    pattern: /^:([a-z0-9_+'-]+):/,
    make: (m) => (emojiFor(m[1] ?? '') === undefined ? undefined : { kind: 'emoji', name: m[1] ?? '' }),
  },
];

function inline(text: string): Inline[] {
  const out: Inline[] = [];
  let plain = '';
  for (let i = 0; i < text.length; ) {
    const rest = text.slice(i);
    const insideWord = /\w$/.test(plain);
    let found: { piece: Inline; length: number } | undefined;
    for (const { pattern, make } of rules) {
      if (insideWord && /^[_h]/.test(rest)) break;
      const match = pattern.exec(rest);
      const piece = match === null ? undefined : make(match);
      if (match !== null && piece !== undefined) {
        found = { piece, length: match[0].length };
        break;
      }
    }
    if (found === undefined) {
      plain += text[i];
      i += 1;
    } else {
      out.push({ kind: 'text', text: plain }, found.piece);
      plain = '';
      i += found.length;
    }
  }
  out.push({ kind: 'text', text: plain });
  return joined(out);
}
