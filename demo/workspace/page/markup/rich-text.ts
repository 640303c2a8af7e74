import type { RichTextBlock } from '@slack/types';
import { type Inline, joined, type Paragraph } from './rich.ts';

type Part = RichTextBlock['elements'][number];
type Element = Extract<Part, { type: 'rich_text_section' }>['elements'][number];

/** A rich_text block as formatted text. What Slack may add later is left out, not guessed. */
export function fromRichText(block: RichTextBlock): Paragraph[] {
  return block.elements.flatMap((part): Paragraph[] => {
    switch (part.type) {
      case 'rich_text_section':
        return [{ kind: 'paragraph', children: inlines(part.elements) }];
      case 'rich_text_quote':
        return [{ kind: 'quote', children: [{ kind: 'paragraph', children: inlines(part.elements) }] }];
      case 'rich_text_preformatted':
        return [
          {
            kind: 'pre',
            text: part.elements.map((e) => (e.type === 'text' ? e.text : (e.text ?? e.url))).join(''),
          },
        ];
      case 'rich_text_list':
        return [
          {
            kind: 'list',
            ordered: part.style === 'ordered',
            start: 1,
            indent: part.indent ?? 0,
            items: part.elements.map((e) => [{ kind: 'paragraph', children: inlines(e.elements) }]),
          },
        ];
      default:
        return [];
    }
  });
}

/** Sections end with a newline that is their own end, not an empty line. */
function inlines(elements: readonly Element[]): Inline[] {
  const out = joined(elements.flatMap((element) => styled(element)));
  if (out.at(-1)?.kind === 'break') out.pop();
  return out;
}

function styled(element: Element): Inline[] {
  const style = element.style ?? {};
  const wrap = (piece: Inline): Inline => {
    let out = piece;
    if (style.underline) out = { kind: 'underline', children: [out] };
    if (style.strike) out = { kind: 'strike', children: [out] };
    if (style.italic) out = { kind: 'italic', children: [out] };
    if (style.bold) out = { kind: 'bold', children: [out] };
    return out;
  };
  return base(element, style.code === true).map((piece) => (piece.kind === 'break' ? piece : wrap(piece)));
}

function base(element: Element, code: boolean): Inline[] {
  switch (element.type) {
    case 'text':
      return element.text
        .split('\n')
        .flatMap((line, at): Inline[] => [
          ...(at > 0 ? [{ kind: 'break' } as const] : []),
          ...(line === ''
            ? []
            : [code ? ({ kind: 'code', text: line } as const) : ({ kind: 'text', text: line } as const)]),
        ]);
    case 'link':
      return [
        { kind: 'link', url: element.url, children: [{ kind: 'text', text: element.text ?? element.url }] },
      ];
    case 'emoji':
      return [{ kind: 'emoji', name: element.name }];
    case 'user':
      return [{ kind: 'user', id: element.user_id }];
    case 'channel':
      return [{ kind: 'channel', id: element.channel_id }];
    case 'usergroup':
      return [{ kind: 'usergroup', id: element.usergroup_id }];
    case 'broadcast':
      return [{ kind: 'broadcast', range: element.range }];
    case 'date':
      return [
        {
          kind: 'date',
          timestamp: element.timestamp,
          format: element.format,
          url: element.url,
          fallback: element.fallback ?? '',
        },
      ];
    case 'color':
      return [{ kind: 'text', text: element.value }];
    case 'team':
      return [{ kind: 'text', text: element.team_id }];
    default:
      return [];
  }
}
