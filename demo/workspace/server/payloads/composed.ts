import type { RichTextBlock, RichTextBlockElement, RichTextElement } from '@slack/types';

/**
 * The rich_text block that Slack's composer puts beside the text of what a person says. `text` is stored
 * mrkdwn. Quotes (`&gt; `), code blocks, code, mentions, links and emoji are told apart; other styles stay text.
 */
export function composed(text: string): RichTextBlock {
  const elements: RichTextBlockElement[] = [];
  for (const [index, part] of text.split('```').entries()) {
    if (index % 2 === 1) {
      const code = unescaped(part).replace(/^\n|\n$/g, '');
      elements.push({ type: 'rich_text_preformatted', elements: [{ type: 'text', text: code }] });
    } else {
      elements.push(...paragraphs(part));
    }
  }
  return { type: 'rich_text', elements };
}

/** Runs of quoted and of other lines. */
function paragraphs(text: string): RichTextBlockElement[] {
  const runs: { quoted: boolean; lines: string[] }[] = [];
  for (const line of text.replace(/^\n|\n$/g, '').split('\n')) {
    const quoted = /^&gt; ?/.test(line);
    const last = runs.at(-1);
    const bare = quoted ? line.replace(/^&gt; ?/, '') : line;
    if (last?.quoted === quoted) last.lines.push(bare);
    else runs.push({ quoted, lines: [bare] });
  }
  return runs
    .filter(({ lines }) => lines.join('') !== '')
    .map(({ quoted, lines }) => ({
      type: quoted ? 'rich_text_quote' : 'rich_text_section',
      elements: inline(lines.join('\n')),
    }));
}

const TOKEN = /`([^`\n]+)`|<([^<>\n]+)>|:([a-z0-9_+-]+):/g;

function inline(text: string): RichTextElement[] {
  const elements: RichTextElement[] = [];
  const plain = (from: number, to: number) => {
    if (to > from) elements.push({ type: 'text', text: unescaped(text.slice(from, to)) });
  };
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [whole, code, control, emoji] = match;
    const element =
      code !== undefined ? codeOf(code) : control !== undefined ? controlOf(control) : emojiOf(emoji);
    plain(end, match.index);
    elements.push(element);
    end = match.index + whole.length;
  }
  plain(end, text.length);
  return elements;
}

function codeOf(code: string): RichTextElement {
  return { type: 'text', text: unescaped(code), style: { code: true } };
}

function emojiOf(name = ''): RichTextElement {
  return { type: 'emoji', name };
}

function controlOf(inside: string): RichTextElement {
  const [target = '', label] = inside.split('|');
  if (target.startsWith('@')) return { type: 'user', user_id: target.slice(1) };
  if (target.startsWith('#')) return { type: 'channel', channel_id: target.slice(1) };
  const range = /^!(here|channel|everyone)$/.exec(target)?.[1];
  if (range !== undefined) return { type: 'broadcast', range: range as 'here' | 'channel' | 'everyone' };
  const group = /^!subteam\^(\w+)$/.exec(target)?.[1];
  if (group !== undefined) return { type: 'usergroup', usergroup_id: group };
  return { type: 'link', url: unescaped(target), ...(label === undefined ? {} : { text: unescaped(label) }) };
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
