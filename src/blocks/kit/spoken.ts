import type {
  ActionsBlock,
  KnownBlock,
  RichTextBlock,
  RichTextBlockElement,
  RichTextElement,
} from '@slack/types';
import { inert, mention, time, truncate } from './escape.ts';
import type { Message } from './rich-text.ts';

/** Notifications show the beginning of it; nobody listens to more. */
const MOST = 1_500;
/** Bars and sparklines: a screen reader says the name of each character. */
const DRAWN = /[▰▱▁-█·]{2,}\s?/gu;

/**
 * The `text` of a message: what screen readers read and notifications show, since they ignore the blocks. It says what
 * the blocks say, in their order, with the names of the buttons; tables and logs are left out. Mentions and times are
 * tokens, everything else is inert. At most 1,500 characters.
 */
export function spoken(blocks: readonly KnownBlock[], most = MOST): string {
  const said: string[] = [];
  let left = most;
  for (const sentence of withTitle(blocks)) {
    // A token is never cut in two: what does not fit is left out whole.
    const fits =
      sentence.length <= left ? sentence : said.length === 0 ? truncate(plainly(sentence), left) : '';
    if (fits === '') break;
    said.push(fits);
    left -= fits.length + 1;
  }
  return said.join('\n');
}

/** A message that says aloud what it shows. */
export function message(blocks: KnownBlock[]): Message {
  return { text: spoken(blocks), blocks };
}

/** Without tokens, for a sentence that has to be cut. */
function plainly(sentence: string): string {
  return sentence.replace(/<[^>]*>/g, '');
}

/** A title and the first sentence after it are one sentence. */
function withTitle(blocks: readonly KnownBlock[]): string[] {
  const [first, ...rest] = blocks;
  if (first?.type !== 'header') return blocks.flatMap(sentences);
  const [verdict = '', ...others] = rest.flatMap(sentences);
  return [`${inert(first.text.text)}: ${verdict}`, ...others];
}

function sentences(block: KnownBlock): string[] {
  if (block.type === 'rich_text') return richSentences(block);
  return block.type === 'actions' ? buttons(block) : [];
}

function richSentences({ elements }: RichTextBlock): string[] {
  return elements.flatMap(elementSentences).filter((sentence) => sentence !== '');
}

function elementSentences(element: RichTextBlockElement): string[] {
  if (element.type === 'rich_text_preformatted') return [];
  if (element.type !== 'rich_text_list') return lines(element.elements);
  return element.elements.flatMap((item) => lines(item.elements).map((line) => `• ${line}`));
}

function lines(elements: readonly RichTextElement[]): string[] {
  return elements
    .map(part)
    .join('')
    .split('\n')
    .map((line) => line.trim());
}

function part(element: RichTextElement): string {
  if (element.type === 'user') return mention(element.user_id);
  if (element.type === 'usergroup') return `<!subteam^${element.usergroup_id}>`;
  if (element.type === 'date') return time(element.timestamp * 1_000);
  // A link cannot be pressed in the text: one that only says “open” says nothing.
  if (element.type === 'link') return element.text === 'open' ? '' : inert(element.text ?? element.url, 300);
  return element.type === 'text' ? element.text.split('\n').map(padded).join('\n') : '';
}

/** Escaping trims; the blanks between parts have to stay. */
function padded(text: string): string {
  const shown = text.replace(DRAWN, '');
  const escaped = inert(shown, MOST);
  return `${/^\s/.test(shown) ? ' ' : ''}${escaped}${/\s$/.test(shown) && escaped !== '' ? ' ' : ''}`;
}

function buttons({ elements }: ActionsBlock): string[] {
  const names = elements.flatMap((element) => (element.type === 'button' ? [inert(element.text.text)] : []));
  return names.length > 0 ? [`${names.length === 1 ? 'Button' : 'Buttons'}: ${names.join(', ')}.`] : [];
}
