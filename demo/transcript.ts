import { blocksOf, inline, type SeenMessage } from './workspace/server/control/reading.ts';
import { isJsonObject } from './workspace/server/strict/json.ts';

const GAP = '  ';

/** A message as a person would read it, for a terminal: lists, tables and buttons keep their shape. */
export function transcript(message: SeenMessage): readonly string[] {
  const blocks: readonly unknown[] = blocksOf(message);
  const text = blocks.length === 0 ? message.text.split('\n') : blocks.flatMap(linesOf);
  const files = (message.files ?? []).map(({ title }) => `📎 ${title}`);
  return [...text, ...files].filter((line) => line.trim() !== '');
}

function linesOf(block: unknown): readonly string[] {
  if (!isJsonObject(block)) return [];
  switch (block['type']) {
    case 'table':
      return table(list(block['rows']).map((row) => list(row).map(inline)));
    case 'actions':
      return [
        list(block['elements'])
          .map((button) => `[${label(button)}]`)
          .join(' '),
      ];
    case 'rich_text':
      return list(block['elements']).flatMap(richLines);
    default:
      return label(block).split('\n');
  }
}

function richLines(element: unknown): readonly string[] {
  if (!isJsonObject(element)) return [];
  const { type, elements } = element;
  if (type === 'rich_text_list') return list(elements).map((item) => `• ${inline(item)}`);
  const mark = type === 'rich_text_quote' ? '> ' : '';
  return inline(element)
    .split('\n')
    .map((line) => mark + line);
}

/** What is written on a header, a button or a section. */
function label(value: unknown): string {
  if (!isJsonObject(value)) return '';
  const { text } = value;
  return isJsonObject(text) ? String(text['text']) : String(text ?? '');
}

/** Columns side by side, each as wide as its longest cell. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_cell, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
