import { describe, expect, it } from 'vitest';
import { parseMarkdown } from '../../../../demo/workspace/page/markup/markdown.ts';

const text = (words: string) => ({ kind: 'text', text: words });
const paragraph = (words: string) => ({ kind: 'paragraph', children: [text(words)] });

describe('Markdown', () => {
  it('reads headings, rules and code', () => {
    expect(parseMarkdown('# A\n\n---\n```sh\ngit push\n```\n### C ###')).toEqual([
      { kind: 'heading', level: 1, children: [text('A')] },
      { kind: 'rule' },
      { kind: 'pre', text: 'git push' },
      { kind: 'heading', level: 3, children: [text('C')] },
    ]);
  });

  it('reads lists in lists, and tasks', () => {
    expect(parseMarkdown('- one\n  - inner\n- [x] two\n\n3. three\n4. four')).toEqual([
      {
        kind: 'list',
        ordered: false,
        start: 1,
        indent: 0,
        items: [
          [
            paragraph('one'),
            { kind: 'list', ordered: false, start: 1, indent: 0, items: [[paragraph('inner')]] },
          ],
          [paragraph('☑ two')],
        ],
      },
      {
        kind: 'list',
        ordered: true,
        start: 3,
        indent: 0,
        items: [[paragraph('three')], [paragraph('four')]],
      },
    ]);
  });

  it('reads tables with their alignment', () => {
    expect(parseMarkdown('| a | b |\n|:--|--:|\n| 1 | x \\| y |\nafter')).toEqual([
      {
        kind: 'table',
        head: [[text('a')], [text('b')]],
        align: ['left', 'right'],
        rows: [[[text('1')], [text('x | y')]]],
      },
      paragraph('after'),
    ]);
  });

  it('reads emphasis, code and links, and leaves what only looks like them', () => {
    const [first] = parseMarkdown(
      '**b** *i* ~~s~~ `c` [l](https://a.b) snake_case 2 * 3 [x](javascript:1) \\*',
    );
    expect(first).toEqual({
      kind: 'paragraph',
      children: [
        { kind: 'bold', children: [text('b')] },
        text(' '),
        { kind: 'italic', children: [text('i')] },
        text(' '),
        { kind: 'strike', children: [text('s')] },
        text(' '),
        { kind: 'code', text: 'c' },
        text(' '),
        { kind: 'link', url: 'https://a.b', children: [text('l')] },
        text(' snake_case 2 * 3 [x](javascript:1) *'),
      ],
    });
  });

  it('reads quotes', () => {
    expect(parseMarkdown('> a\n> b\n\nc')).toEqual([
      {
        kind: 'quote',
        children: [{ kind: 'paragraph', children: [text('a'), { kind: 'break' }, text('b')] }],
      },
      paragraph('c'),
    ]);
  });
});
