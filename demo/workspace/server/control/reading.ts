import type { KnownBlock } from '@slack/types';
import type { PlacedElement } from '../state/form.ts';
import { elementsOf } from '../state/form.ts';
import type { Message, View } from '../state/model.ts';
import { isJsonObject } from '../strict/json.ts';

/** A message as tests see it: a copy that does not change any more. `files` carry their bytes. */
export type SeenMessage = Readonly<Message>;

export function seen(message: Message): SeenMessage {
  const { files, ...rest } = message;
  return { ...structuredClone(rest), ...(files === undefined ? {} : { files: [...files] }) };
}

/** A button or other element that a person can use. */
export interface Control {
  readonly type: string;
  readonly actionId: string;
  readonly blockId: string;
  /** What is written on it. */
  readonly label: string;
  readonly value?: string;
  readonly style?: string;
  readonly url?: string;
  /** It asks before it acts. */
  readonly confirm?: { readonly title: string; readonly text: string };
}

/** All blocks of a message or view, those of attachments too. */
export function blocksOf(source: Pick<Message, 'blocks' | 'attachments'> | View): KnownBlock[] {
  if ('definition' in source) return source.definition.blocks;
  const inner = (source.attachments ?? []).flatMap((attachment) => (attachment.blocks ?? []) as KnownBlock[]);
  return [...(source.blocks ?? []), ...inner];
}

/** The elements that a message or view offers, in reading order. */
export function controls(source: Pick<Message, 'blocks' | 'attachments'> | View): Control[] {
  return elementsOf(blocksOf(source)).map(describe);
}

function describe({ actionId, blockId, element, block }: PlacedElement): Control {
  const text = (value: unknown): string => (isJsonObject(value) ? String(value['text'] ?? '') : '');
  const label = text(element['text']) || text(block['label']) || text(element['placeholder']);
  const confirm = element['confirm'];
  return {
    type: String(element['type']),
    actionId,
    blockId,
    label,
    ...(typeof element['value'] === 'string' ? { value: element['value'] } : {}),
    ...(typeof element['style'] === 'string' ? { style: element['style'] } : {}),
    ...(typeof element['url'] === 'string' ? { url: element['url'] } : {}),
    ...(isJsonObject(confirm)
      ? { confirm: { title: text(confirm['title']), text: text(confirm['text']) } }
      : {}),
  };
}

/**
 * Everything a person can read in a message or view, one line for each piece of text: the message's text when
 * it has no blocks, else titles, texts, fields, table cells, button labels, file titles.
 */
export function textOf(source: SeenMessage | Message | View): string {
  const lines: string[] = [];
  if ('definition' in source) {
    if (source.definition.title !== undefined) lines.push(source.definition.title.text);
  } else if ((source.blocks ?? []).length === 0) {
    lines.push(source.text);
  }
  collect(blocksOf(source), lines);
  if (!('definition' in source)) for (const file of source.files ?? []) lines.push(file.title);
  return lines.join('\n');
}

/** Keys whose text nobody sees. */
const HIDDEN = new Set(['type', 'block_id', 'action_id', 'value', 'url', 'image_url', 'style', 'confirm']);

function collect(value: unknown, lines: string[]): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, lines);
    return;
  }
  if (!isJsonObject(value)) return;
  if (String(value['type']).startsWith('rich_text_') || value['type'] === 'rich_text_section') {
    lines.push(inline(value));
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    if (HIDDEN.has(key)) continue;
    if (typeof item !== 'string') collect(item, lines);
    else if (['text', 'title', 'alt_text', 'caption'].includes(key)) lines.push(item);
  }
}

/** Rich text runs on in one line. */
export function inline(value: unknown): string {
  if (Array.isArray(value)) return value.map(inline).join('');
  if (!isJsonObject(value)) return '';
  if (typeof value['text'] === 'string') return value['text'];
  if (typeof value['name'] === 'string') return `:${value['name']}:`;
  if (typeof value['url'] === 'string') return value['url'];
  if (typeof value['user_id'] === 'string') return `<@${value['user_id']}>`;
  if (typeof value['fallback'] === 'string') return value['fallback'];
  return inline(value['elements']);
}
