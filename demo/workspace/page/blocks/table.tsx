import type { RichTextBlock } from '@slack/types';
import { fromRichText } from '../markup/rich-text.ts';
import { Paragraphs } from '../text/paragraphs.tsx';
import { PlainText } from '../text/text.tsx';

type Cell =
  | RichTextBlock
  | { readonly type: 'raw_text'; readonly text: string }
  | { readonly type: 'raw_number'; readonly value: number; readonly text: string };

interface Props {
  readonly rows: readonly (readonly Cell[])[];
  readonly columns: readonly {
    readonly align?: 'left' | 'center' | 'right';
    readonly is_wrapped?: boolean;
  }[];
  readonly caption?: string;
}

/** A table; its first row is the head, as in Slack. */
export function TableView({ rows, columns, caption }: Props) {
  const [head = [], ...body] = rows;
  const look = (column: number, cell: Cell) => ({
    style: { textAlign: columns[column]?.align ?? (cell.type === 'raw_number' ? 'right' : 'left') },
    class: columns[column]?.is_wrapped === true ? 'wrapped' : isShort(cell) ? 'short' : '',
  });
  const isOfSentences = head.length <= 4 && columns.some((column) => column.is_wrapped === true);
  return (
    <div class="block table-scroll">
      <table class={isOfSentences ? 'stacks' : ''}>
        {caption !== undefined && <caption>{caption}</caption>}
        <thead>
          <tr>
            {head.map((cell, column) => (
              <th scope="col" {...look(column, cell)}>
                <CellView cell={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {body.map((row) => (
            <tr>
              {row.map((cell, column) => (
                <td {...look(column, cell)}>
                  <CellView cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Few words stay on one line. */
function isShort(cell: Cell): boolean {
  return cell.type !== 'rich_text' && cell.text.replace(/:[a-z0-9_+-]+:/g, '…').length <= 20;
}

function CellView({ cell }: { readonly cell: Cell }) {
  if (cell.type !== 'rich_text') return <PlainText text={{ text: cell.text }} />;
  return (
    <div class="rich">
      <Paragraphs parts={fromRichText(cell)} />
    </div>
  );
}
