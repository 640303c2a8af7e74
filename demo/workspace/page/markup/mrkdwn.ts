import { emojiFor } from './emoji.ts';
import { decodeEntities, type Inline, isOpenable, joined, type Paragraph } from './rich.ts';

const word = /[\p{L}\p{N}]/u;
const styles = { '*': 'bold', _: 'italic', '~': 'strike' } as const;
const bareUrl = /^https?:\/\/[^\s<>|`"']*[^\s<>|`"'.,:;!?)\]}*_~]/;
const shortcode = /^:([a-z0-9_+'-]+):(?::skin-tone-[2-6]:)?/;

/**
 * Slack's mrkdwn, where `& < >` arrive as entities and `<…>` is a control sequence.
 * Formatting never crosses a line; what is not well formed stays as it was typed.
 */
export function parseMrkdwn(source: string): Paragraph[] {
  const out: Paragraph[] = [];
  const parts = source.split('```');
  for (const [at, part] of parts.entries()) {
    const closed = at % 2 === 1 && at < parts.length - 1;
    if (closed) {
      out.push({ kind: 'pre', text: plainOf(part).replace(/^\n/, '').replace(/\n$/, '') });
      continue;
    }
    // An opened fence that never closes is text.
    let text = at % 2 === 1 ? `\`\`\`${part}` : part;
    if (at > 0 && at % 2 === 0) text = text.replace(/^\n/, '');
    if (at < parts.length - 2) text = text.replace(/\n$/, '');
    if (text !== '') out.push(...parseLines(text));
  }
  return out;
}

/** plain_text knows emoji and nothing else. */
export function parsePlain(source: string, emoji = true): Inline[] {
  const out: Inline[] = [];
  for (const [at, line] of source.split('\n').entries()) {
    if (at > 0) out.push({ kind: 'break' });
    let text = '';
    for (let i = 0; i < line.length; ) {
      const match = emoji && line[i] === ':' ? shortcode.exec(line.slice(i)) : null;
      if (match?.[1] !== undefined && emojiFor(match[1]) !== undefined) {
        out.push({ kind: 'text', text }, { kind: 'emoji', name: match[1] });
        text = '';
        i += match[0].length;
      } else {
        text += line[i];
        i += 1;
      }
    }
    out.push({ kind: 'text', text });
  }
  return joined(out);
}

function parseLines(text: string): Paragraph[] {
  const out: Paragraph[] = [];
  let lines: string[] = [];
  let quoted = false;
  const flush = () => {
    if (lines.length > 0) {
      const body: Paragraph = { kind: 'paragraph', children: withBreaks(lines) };
      out.push(quoted ? { kind: 'quote', children: [body] } : body);
    }
    lines = [];
  };
  let rest = false;
  for (const line of text.split('\n')) {
    const all = /^(?:>>>|&gt;&gt;&gt;) ?/.exec(line);
    const one = /^(?:>|&gt;) ?/.exec(line);
    const isQuote = rest || one !== null;
    if (isQuote !== quoted) {
      flush();
      quoted = isQuote;
    }
    const marker = rest ? 0 : (all?.[0].length ?? one?.[0].length ?? 0);
    if (all !== null) rest = true;
    lines.push(line.slice(marker));
  }
  flush();
  return out;
}

function withBreaks(lines: readonly string[]): Inline[] {
  return joined(
    lines.flatMap((line, at): Inline[] => (at === 0 ? inline(line) : [{ kind: 'break' }, ...inline(line)])),
  );
}

function inline(line: string): Inline[] {
  const out: Inline[] = [];
  let plain = '';
  const push = (piece: Inline) => {
    out.push({ kind: 'text', text: decodeEntities(plain) }, piece);
    plain = '';
  };
  for (let i = 0; i < line.length; ) {
    const found = pieceAt(line, i);
    if (found === undefined) {
      plain += line[i];
      i += 1;
    } else {
      push(found.piece);
      i = found.end;
    }
  }
  out.push({ kind: 'text', text: decodeEntities(plain) });
  return joined(out);
}

type Found = { readonly piece: Inline; readonly end: number };

function pieceAt(line: string, i: number): Found | undefined {
  const char = line[i];
  switch (char) {
    case '<': {
      const close = line.indexOf('>', i);
      const piece = close > i + 1 ? sequence(line.slice(i + 1, close)) : undefined;
      return piece === undefined ? undefined : { piece, end: close + 1 };
    }
    case '`': {
      const close = line.indexOf('`', i + 1);
      return close > i + 1
        ? { piece: { kind: 'code', text: plainOf(line.slice(i + 1, close)) }, end: close + 1 }
        : undefined;
    }
    case '*':
    case '_':
    case '~': {
      const close = closing(line, i, char);
      return close === undefined
        ? undefined
        : { piece: { kind: styles[char], children: inline(line.slice(i + 1, close)) }, end: close + 1 };
    }
    case ':': {
      const match = shortcode.exec(line.slice(i));
      const name = match?.[1];
      return match !== null && name !== undefined && emojiFor(name) !== undefined
        ? { piece: { kind: 'emoji', name }, end: i + match[0].length }
        : undefined;
    }
    case 'h': {
      if (i > 0 && word.test(line[i - 1] ?? '')) return undefined;
      const match = bareUrl.exec(line.slice(i));
      if (match === null) return undefined;
      const url = decodeEntities(match[0]);
      return {
        piece: { kind: 'link', url, children: [{ kind: 'text', text: url }] },
        end: i + match[0].length,
      };
    }
    default:
      return undefined;
  }
}

/** Where the marker at `open` closes, if it opens at a word's edge and closes at one. */
function closing(line: string, open: number, marker: string): number | undefined {
  const before = line[open - 1] ?? '';
  const first = line[open + 1] ?? ' ';
  if (word.test(before) || before === marker || /\s/.test(first) || first === marker) return undefined;
  for (let i = open + 1; i < line.length; i += 1) {
    const char = line[i];
    if (char === '<' || char === '`') {
      const end = line.indexOf(char === '<' ? '>' : '`', i + 1);
      if (end > i) i = end;
      continue;
    }
    if (char !== marker || i === open + 1) continue;
    const after = line[i + 1] ?? '';
    if (!/\s/.test(line[i - 1] ?? ' ') && !word.test(after) && after !== marker) return i;
  }
  return undefined;
}

/** The inside of `<…>`; undefined when it is none that Slack knows. */
function sequence(inside: string): Inline | undefined {
  const bar = inside.indexOf('|');
  const head = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? undefined : decodeEntities(inside.slice(bar + 1));
  if (head.startsWith('@')) return { kind: 'user', id: head.slice(1), label };
  if (head.startsWith('#')) return { kind: 'channel', id: head.slice(1), label };
  if (head.startsWith('!subteam^')) return { kind: 'usergroup', id: head.slice(9), label };
  if (head.startsWith('!date^')) {
    const [, seconds = '', format = '', url] = head.split('^');
    const timestamp = Number(seconds);
    const fallback = label ?? '';
    if (!Number.isFinite(timestamp)) return { kind: 'text', text: fallback };
    return { kind: 'date', timestamp, format: decodeEntities(format), url, fallback };
  }
  if (/^!(here|channel|everyone)$/.test(head)) return { kind: 'broadcast', range: head.slice(1) };
  const url = decodeEntities(head);
  if (head.startsWith('!') || !isOpenable(url)) return undefined;
  return { kind: 'link', url, children: parsePlain(label ?? url.replace(/^mailto:/, '')) };
}

/** Code shows sequences as the text they stand for. */
function plainOf(text: string): string {
  return decodeEntities(
    text.replace(/<([^<>|]+)(?:\|([^<>]*))?>/g, (_, head: string, label?: string) => label ?? head),
  );
}
