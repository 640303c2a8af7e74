import { useMemo } from 'preact/hooks';
import { parseMarkdown } from '../markup/markdown.ts';
import { parseMrkdwn, parsePlain } from '../markup/mrkdwn.ts';
import type { Paragraph } from '../markup/rich.ts';
import { Inlines } from './inline.tsx';
import { Paragraphs } from './paragraphs.tsx';

export function Mrkdwn({ text }: { readonly text: string }) {
  const parts = useMemo(() => parseMrkdwn(text), [text]);
  return (
    <div class={onlyEmoji(parts) ? 'rich jumbo' : 'rich'}>
      <Paragraphs parts={parts} />
    </div>
  );
}

export function Markdown({ text }: { readonly text: string }) {
  const parts = useMemo(() => parseMarkdown(text), [text]);
  return (
    <div class="rich markdown">
      <Paragraphs parts={parts} />
    </div>
  );
}

type TextObject = { readonly type: 'plain_text' | 'mrkdwn'; readonly text: string; readonly emoji?: boolean };

/** A text object of Block Kit; `plain_text` stays plain but for emoji. */
export function Text({ text }: { readonly text: TextObject }) {
  return text.type === 'mrkdwn' ? (
    <Mrkdwn text={text.text} />
  ) : (
    <div class="rich">
      <PlainText text={text} />
    </div>
  );
}

export function PlainText({ text }: { readonly text: Omit<TextObject, 'type'> }) {
  const pieces = useMemo(() => parsePlain(text.text, text.emoji !== false), [text.text, text.emoji]);
  return <Inlines pieces={pieces} />;
}

/** True when there is nothing but a few emoji, which are then shown large. */
function onlyEmoji(parts: readonly Paragraph[]): boolean {
  const [first] = parts;
  if (parts.length !== 1 || first?.kind !== 'paragraph') return false;
  const pieces = first.children.filter((piece) => piece.kind !== 'text' || piece.text.trim() !== '');
  return pieces.length > 0 && pieces.length < 7 && pieces.every((piece) => piece.kind === 'emoji');
}
