import type {
  ActionsBlock,
  HeaderBlock,
  KnownBlock,
  PlainTextElement,
  RichTextBlock,
  RichTextBlockElement,
  RichTextElement,
  RichTextList,
  RichTextPreformatted,
  RichTextQuote,
  RichTextSection,
  RichTextText,
} from '@slack/types';
import type { WeeksChart } from '../../domain/statistics/weeks-chart.ts';
import {
  clean,
  cleanLines,
  isUserId,
  safeTime,
  type TimeStyle,
  timeFallback,
  timeFormat,
  truncate,
  webAddress,
} from './escape.ts';
import { count } from './labels.ts';
import { LIMITS } from './limits.ts';

/** A message of Slack; `text` is what notifications, screen readers and old clients show. */
export interface Message {
  readonly text: string;
  readonly blocks: KnownBlock[];
  /** A chart that is sent after it, where Slack takes it. */
  readonly picture?: WeeksChart;
}

/** A part of a line of rich text. Strings are shown as they are: no syntax in them means anything. */
export type Inline = string | RichTextElement;

type Style = NonNullable<RichTextText['style']>;

/** Slack refuses empty text elements. */
const NOTHING = ' ';

export function words(text: string, max = 1_000, style?: Style): RichTextText {
  const shown = truncate(cleanLines(text), max) || NOTHING;
  return style ? { type: 'text', text: shown, style } : { type: 'text', text: shown };
}

/** Outside text on one line. */
export function line(text: string, max = 300): RichTextText {
  return words(clean(text), max);
}

export function bold(text: string, max = 300): RichTextText {
  return words(clean(text), max, { bold: true });
}

export function italic(text: string, max = 1_000): RichTextText {
  return words(clean(text), max, { italic: true });
}

export function code(text: string, max = 200): RichTextText {
  return words(clean(text), max, { code: true });
}

export function linked(url: string | undefined, text: string, max = 200): RichTextElement {
  const address = webAddress(url);
  return address ? { type: 'link', url: address, text: line(text, max).text } : line(text, max);
}

export function person(user: string): RichTextElement {
  return isUserId(user) ? { type: 'user', user_id: user } : line(user, 80);
}

/** A time in the reader's zone; seconds since the epoch inside, UTC words where the client cannot. */
export function at(ms: number, style: TimeStyle = 'short'): RichTextElement {
  return {
    type: 'date',
    timestamp: Math.floor(safeTime(ms) / 1_000),
    format: timeFormat(style),
    fallback: timeFallback(ms),
  };
}

function inline(parts: readonly Inline[]): RichTextElement[] {
  const elements = parts
    .filter((part) => part !== '')
    .map((part) => (typeof part === 'string' ? words(part) : part));
  return elements.length > 0 ? elements : [words(NOTHING)];
}

export function para(...parts: readonly Inline[]): RichTextSection {
  return { type: 'rich_text_section', elements: inline(parts) };
}

export function bullets(items: readonly (readonly Inline[])[]): RichTextList {
  return { type: 'rich_text_list', style: 'bullet', elements: items.map((item) => para(...item)) };
}

/** The same; nothing where there is nothing to list. */
export function listOf(items: readonly (readonly Inline[])[]): RichTextList[] {
  return items.length > 0 ? [bullets(items)] : [];
}

/** A list under a heading of its own; nothing where there is nothing to list. */
export function section(heading: string, items: readonly (readonly Inline[])[]): KnownBlock[] {
  return items.length > 0 ? [header(heading), rich(bullets(items))] : [];
}

/** Said below a list that leaves some out: `and 3 more lines: see Details.` */
export function andMore(left: number, what = 'more', where = ''): RichTextSection[] {
  return left > 0 ? [para(`and ${count(left, what, what === 'more' ? what : undefined)}${where}`)] : [];
}

/** Said below a list that shows only the first of all: how to come by the others. */
export function moreThan(shown: number, all: readonly unknown[], command: string): Inline[] {
  return all.length > shown ? ['There are more: type ', code(command), '.'] : [];
}

export function quote(...parts: readonly Inline[]): RichTextQuote {
  return { type: 'rich_text_quote', elements: inline(parts) };
}

export function preformatted(text: string, max = 2_500): RichTextPreformatted {
  return { type: 'rich_text_preformatted', elements: [words(text, max)] };
}

export function rich(...elements: readonly RichTextBlockElement[]): RichTextBlock {
  return { type: 'rich_text', elements: [...elements] };
}

/** Text without any syntax: emoji codes stay codes. */
export function plain(text: string, max: number): PlainTextElement {
  return { type: 'plain_text', text: truncate(clean(text), max) || NOTHING, emoji: false };
}

/**
 * A row of buttons. Slack finds what was pressed by the ids of block and button: a press while the message is updated
 * counts as long as both stay the same, so `role` names what the row is for, never where it stands.
 */
export function buttons(
  elements: readonly ActionsBlock['elements'][number][],
  role = 'buttons',
): ActionsBlock {
  return { type: 'actions', block_id: role.slice(0, LIMITS.blockId), elements: [...elements] };
}

/** Blocks with ids by their role: the first has the role itself, further ones of it a number behind. */
export function inRole(role: string, blocks: readonly KnownBlock[]): KnownBlock[] {
  return blocks.map((block, at) => ({
    ...block,
    block_id: block.block_id ?? (at === 0 ? role : `${role}:${at + 1}`),
  }));
}

export function header(text: string): HeaderBlock {
  return { type: 'header', text: plain(text, LIMITS.header) };
}
