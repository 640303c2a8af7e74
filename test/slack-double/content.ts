import { SlackNo, type State } from './state.ts';

type Block = Readonly<Record<string, unknown>>;

/** @see https://docs.slack.dev/reference/block-kit/blocks for the limits */
const MOST_BLOCKS = { message: 50, view: 100 } as const;
const LONGEST = {
  text: 40_000,
  section: 3_000,
  header: 150,
  button: 75,
  value: 2_000,
  id: 255,
  fields: 10,
} as const;
const BLOCKS = [
  'actions',
  'context',
  'divider',
  'file',
  'header',
  'image',
  'input',
  'markdown',
  'rich_text',
  'section',
  'table',
  'video',
];

/** Refuses what Slack refuses of a message or a view, in its words. */
export function checkBlocks(blocks: unknown, kind: keyof typeof MOST_BLOCKS): void {
  if (blocks === undefined) return;
  if (!Array.isArray(blocks)) throw new SlackNo('invalid_blocks_format');
  const problems: string[] = [];
  if (blocks.length > MOST_BLOCKS[kind]) problems.push(`no more than ${MOST_BLOCKS[kind]} items allowed`);
  const blockIds = new Set<string>();
  for (const [index, block] of (blocks as Block[]).entries()) {
    const at = `/blocks/${index}`;
    const { type, block_id: id } = block;
    if (!BLOCKS.includes(String(type))) problems.push(`unsupported type: ${type} [${at}]`);
    if (typeof id === 'string') {
      if (id.length > LONGEST.id) problems.push(`block_id too long [${at}]`);
      if (blockIds.has(id)) problems.push(`block_id ${id} already exists [${at}]`);
      blockIds.add(id);
    }
    problems.push(...ofBlock(block).map((problem) => `${problem} [${at}]`));
  }
  if (problems.length > 0)
    throw new SlackNo('invalid_blocks', {
      response_metadata: { messages: problems.map((one) => `[ERROR] ${one}`) },
    });
}

function ofBlock(block: Block): readonly string[] {
  const problems: string[] = [];
  const text = textOf(block['text']);
  if (block['type'] === 'section' && text.length > LONGEST.section)
    problems.push('must be less than 3001 characters');
  if (block['type'] === 'section' && text === '' && block['fields'] === undefined)
    problems.push('missing text or fields');
  if (block['type'] === 'header' && (text === '' || text.length > LONGEST.header))
    problems.push('header text of 1 to 150');
  if (Array.isArray(block['fields']) && block['fields'].length > LONGEST.fields)
    problems.push('too many fields');
  const elements = (
    block['type'] === 'actions' ? block['elements'] : [block['accessory'] ?? block['element']]
  ) as Block[];
  if (block['type'] === 'actions' && (elements.length < 1 || elements.length > 25))
    problems.push('1 to 25 elements');
  const ids = new Set<unknown>();
  for (const element of elements) {
    if (element === undefined || typeof element !== 'object') continue;
    const { type, action_id: id, value } = element;
    if (ids.has(id)) problems.push(`action_id ${id} already exists`);
    ids.add(id);
    if (typeof id === 'string' && id.length > LONGEST.id) problems.push('action_id too long');
    if (type === 'button' && textOf(element['text']).length > LONGEST.button)
      problems.push('button text too long');
    if (typeof value === 'string' && value.length > LONGEST.value) problems.push('value too long');
  }
  return problems;
}

function textOf(text: unknown): string {
  return String((text as { text?: unknown } | undefined)?.text ?? '');
}

/** What chat.postMessage and its siblings say of text and blocks. */
export function checkMessage({ text, blocks }: { readonly text?: unknown; readonly blocks?: unknown }): void {
  checkBlocks(blocks, 'message');
  const hasBlocks = Array.isArray(blocks) && blocks.length > 0;
  if ((typeof text !== 'string' || text === '') && !hasBlocks) throw new SlackNo('no_text');
  // Slack only warns; readers of screens and notifications hear nothing then.
  if (typeof text !== 'string' || text === '') throw new SlackNo('missing_text_in_message');
  if (text.length > LONGEST.text) throw new SlackNo('msg_too_long');
}

/**
 * Refuses pictures of files that are not there, are none, or were not looked at yet.
 *
 * @see https://docs.slack.dev/reference/block-kit/composition-objects/slack-file-object
 */
export function checkPictures({ files }: State, blocks: unknown): void {
  for (const [index, block] of (Array.isArray(blocks) ? (blocks as Block[]) : []).entries()) {
    if (block['type'] !== 'image') continue;
    if (typeof block['alt_text'] !== 'string') {
      throw new SlackNo('invalid_blocks', {
        errors: [`missing required field: alt_text [/blocks/${index}]`],
      });
    }
    const { id } = (block['slack_file'] ?? {}) as { readonly id?: string };
    const file = files.get(id ?? '');
    if (block['image_url'] !== undefined && id === undefined) continue;
    if (!file?.isSeen || !file.name.endsWith('.png')) {
      const words = `invalid slack file [json-pointer:/blocks/${index}/slack_file]`;
      throw new SlackNo('invalid_blocks', { errors: [words] });
    }
  }
}
