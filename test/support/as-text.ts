import type {
  KnownBlock,
  RichTextBlock,
  RichTextBlockElement,
  RichTextElement,
  TextObject,
} from '@slack/types';

/**
 * What a person reads: one line per line, `**bold**`, `@mention`, `[text](address)`, `{time}`, `[ Button ]`.
 * Only for snapshots: what is not known here shows as its type.
 */
export function asText(blocks: readonly KnownBlock[]): string {
  return blocks
    .map(blockText)
    .join('\n')
    .replace(/[ \t]+$/gm, '');
}

function blockText(block: KnownBlock): string {
  switch (block.type) {
    case 'header':
      return `# ${block.text.text}`;
    case 'section':
      return [block.text, ...(block.fields ?? [])]
        .filter((text) => text !== undefined)
        .map(objectText)
        .join('\n');
    case 'context':
      return block.elements
        .map((element) => (element.type === 'image' ? 'image' : objectText(element)))
        .join(' ');
    case 'divider':
      return '---';
    case 'rich_text':
      return richText(block);
    case 'table':
      return block.rows
        .map(
          (row) =>
            `| ${row.map((cell) => (cell.type === 'rich_text' ? richText(cell) : cell.text)).join(' | ')} |`,
        )
        .join('\n');
    case 'actions':
      return block.elements
        .map((element) =>
          element.type === 'button'
            ? `[ ${element.text.text} ]${element.style ? `(${element.style})` : ''}${element.confirm ? '?' : ''}`
            : element.type,
        )
        .join(' ');
    case 'image':
      return `<image: ${block.alt_text}>`;
    case 'input':
      return `${block.label.text}: <${block.element.type}>${block.optional ? ' (optional)' : ''}`;
    default:
      return `<${block.type}>`;
  }
}

function objectText(text: TextObject): string {
  return text.text;
}

function richText(block: RichTextBlock): string {
  return block.elements.map(elementText).join('\n');
}

function elementText(element: RichTextBlockElement): string {
  switch (element.type) {
    case 'rich_text_section':
      return element.elements.map(inlineText).join('');
    case 'rich_text_quote':
      return `> ${element.elements.map(inlineText).join('')}`;
    case 'rich_text_preformatted':
      return `\`\`\`\n${element.elements.map(inlineText).join('')}\n\`\`\``;
    case 'rich_text_list':
      return element.elements.map((item) => `• ${item.elements.map(inlineText).join('')}`).join('\n');
  }
}

function inlineText(element: RichTextElement): string {
  switch (element.type) {
    case 'text': {
      const { bold, italic, code } = element.style ?? {};
      const mark = bold ? '**' : italic ? '_' : code ? '`' : '';
      return `${mark}${element.text}${mark}`;
    }
    case 'link':
      return `[${element.text}](${element.url})`;
    case 'user':
      return `@${element.user_id}`;
    case 'usergroup':
      return `@${element.usergroup_id}`;
    case 'date':
      return `{${element.fallback}}`;
    default:
      return `<${element.type}>`;
  }
}
