import type { KnownBlock, View } from '@slack/types';

/**
 * Everything of a message or view that Slack would refuse, one line each: the documented limits, empty texts,
 * duplicate ids, and fields that only one block may have. Types are checked by the compiler.
 */
export function refusedBySlack(
  blocks: readonly KnownBlock[],
  surface: 'message' | 'view' = 'message',
): string[] {
  const problems: string[] = [];
  const most = surface === 'message' ? 50 : 100;
  if (blocks.length > most) problems.push(`${blocks.length} blocks, at most ${most}`);
  if (surface === 'message') {
    const size = JSON.stringify(blocks).length;
    if (size > 13_000) problems.push(`${size} characters of blocks`);
    if (blocks.filter((block) => block.type === 'table').length > 1) problems.push('more than one table');
  } else if (blocks.some((block) => block.type === 'table')) problems.push('table in a view');
  const actionIds = new Set<string>();
  const blockIds = new Set<string>();
  for (const block of blocks) {
    if (block.block_id !== undefined) {
      if (block.block_id.length > 255) problems.push(`block_id of ${block.block_id.length}`);
      if (blockIds.has(block.block_id)) problems.push(`block_id ${block.block_id} twice`);
      blockIds.add(block.block_id);
    }
    walk(block as unknown as Node, block.type, problems, actionIds);
  }
  return problems;
}

export function viewRefusedBySlack(view: View): string[] {
  const problems = refusedBySlack(view.blocks as KnownBlock[], 'view');
  if (view.type === 'modal') {
    if (view.title.text.length > 24) problems.push('title');
    if (view.submit && view.submit.text.length > 24) problems.push('submit');
    if (view.close && view.close.text.length > 24) problems.push('close');
    if (view.blocks.some((block) => block.type === 'input') !== (view.submit !== undefined))
      problems.push('inputs and submit');
  }
  if ((view.private_metadata ?? '').length > 3_000) problems.push('private_metadata');
  return problems;
}

interface Node {
  readonly type?: unknown;
  readonly text?: unknown;
  readonly action_id?: unknown;
  readonly [key: string]: unknown;
}

const TEXT_LIMITS: Readonly<Record<string, number>> = {
  header: 150,
  section: 3_000,
  context: 2_000,
  button: 75,
  option: 75,
};
const ITEM_LIMITS: Readonly<Record<string, number>> = {
  'actions.elements': 25,
  'context.elements': 10,
  'section.fields': 10,
  'static_select.options': 100,
  'radio_buttons.options': 10,
  'table.rows': 100,
  'checkboxes.options': 10,
};

function walk(node: Node, path: string, problems: string[], actionIds: Set<string>): void {
  const type = typeof node.type === 'string' ? node.type : '';
  const action = node.action_id;
  if (typeof action === 'string') {
    if (action.length > 255) problems.push(`${path}: action_id too long`);
    if (actionIds.has(action)) problems.push(`${path}: action_id ${action} twice`);
    actionIds.add(action);
  }
  if (type === 'button') checkButton(node, path, problems);
  if (type === 'markdown' && String(node.text).length > 12_000)
    problems.push(`${path}: over 12,000 characters`);
  for (const { text } of (type === 'section' ? (node['fields'] as { text: string }[] | undefined) : []) ?? [])
    if (text.length > 2_000) problems.push(`${path}: a field of ${text.length}`);
  for (const row of (type === 'table' ? (node['rows'] as unknown[][]) : []) ?? [])
    if (row.length > 20) problems.push(`${path}: a row of ${row.length}`);
  if (type === 'text' || type === 'plain_text' || type === 'mrkdwn' || type === 'raw_text') {
    if (typeof node.text !== 'string' || node.text === '') problems.push(`${path}: empty ${type}`);
  }
  for (const [key, value] of Object.entries(node)) {
    const inner = `${path}.${key}`;
    if (Array.isArray(value)) {
      const most = ITEM_LIMITS[`${type}.${key}`];
      if (most !== undefined && value.length > most)
        problems.push(`${inner}: ${value.length} items, at most ${most}`);
      if (value.length === 0 && key !== 'blocks') problems.push(`${inner}: empty`);
      value.flat().forEach((one, index) => {
        if (typeof one === 'object' && one !== null)
          walk(one as Node, `${inner}[${index}]`, problems, actionIds);
      });
    } else if (typeof value === 'object' && value !== null) {
      const text = (value as Node).text;
      const most = key === 'text' ? TEXT_LIMITS[type] : key === 'placeholder' ? 150 : undefined;
      if (most !== undefined && typeof text === 'string' && text.length > most)
        problems.push(`${inner}: ${text.length} characters`);
      if (key === 'confirm' && 'deny' in value) checkConfirm(value as Node, inner, problems);
      walk(value as Node, inner, problems, actionIds);
    } else if (value === undefined) problems.push(`${inner}: undefined`);
  }
}

function checkButton(node: Node, path: string, problems: string[]): void {
  const { value, url } = node as { value?: string; url?: string };
  if (value !== undefined && (value.length > 2_000 || value === ''))
    problems.push(`${path}: value of ${value.length}`);
  if (url !== undefined && url.length > 3_000) problems.push(`${path}: url too long`);
}

function checkConfirm(node: Node, path: string, problems: string[]): void {
  const max: Readonly<Record<string, number>> = { title: 100, text: 300, confirm: 30, deny: 30 };
  for (const [key, most] of Object.entries(max)) {
    const text = (node[key] as Node | undefined)?.text;
    if (typeof text === 'string' && text.length > most)
      problems.push(`${path}.${key}: ${text.length} characters`);
  }
}
