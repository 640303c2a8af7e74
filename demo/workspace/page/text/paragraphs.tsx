import type { Paragraph } from '../markup/rich.ts';
import { Inlines } from './inline.tsx';

type Of<Kind extends Paragraph['kind']> = { readonly part: Extract<Paragraph, { kind: Kind }> };

export function Paragraphs({ parts }: { readonly parts: readonly Paragraph[] }) {
  return (
    <>
      {parts.map((part) => (
        <Part part={part} />
      ))}
    </>
  );
}

function Part({ part }: { readonly part: Paragraph }) {
  switch (part.kind) {
    case 'paragraph':
      return (
        <p>
          <Inlines pieces={part.children} />
        </p>
      );
    case 'heading': {
      const Tag = part.level <= 1 ? 'h3' : part.level === 2 ? 'h4' : 'h5';
      return (
        <Tag>
          <Inlines pieces={part.children} />
        </Tag>
      );
    }
    case 'pre':
      return <pre>{part.text}</pre>;
    case 'quote':
      return (
        <blockquote>
          <Paragraphs parts={part.children} />
        </blockquote>
      );
    case 'rule':
      return <hr />;
    case 'list':
      return <List part={part} />;
    case 'table':
      return <Table part={part} />;
  }
}

function List({ part }: Of<'list'>) {
  const Tag = part.ordered ? 'ol' : 'ul';
  return (
    <Tag class={`indent-${Math.min(part.indent, 6)}`} {...(part.ordered ? { start: part.start } : {})}>
      {part.items.map((item) => (
        <li>
          <Paragraphs parts={item} />
        </li>
      ))}
    </Tag>
  );
}

function Table({ part }: Of<'table'>) {
  return (
    <div class="table-scroll">
      <table>
        <thead>
          <tr>
            {part.head.map((cell, column) => (
              <th scope="col" style={{ textAlign: part.align[column] ?? 'left' }}>
                <Inlines pieces={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {part.rows.map((row) => (
            <tr>
              {row.map((cell, column) => (
                <td style={{ textAlign: part.align[column] ?? 'left' }}>
                  <Inlines pieces={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
