import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMrkdwn, parsePlain } from '../../../../demo/workspace/page/markup/mrkdwn.ts';
import { encodeEntities, type Inline, type Paragraph } from '../../../../demo/workspace/page/markup/rich.ts';

/** The tree in a notation that a person reads at a glance. */
function drawn(parts: readonly Paragraph[]): string {
  return parts.map(part).join('\n');
}

function part(paragraph: Paragraph): string {
  switch (paragraph.kind) {
    case 'paragraph':
      return inlines(paragraph.children);
    case 'pre':
      return `pre(${paragraph.text})`;
    case 'quote':
      return `quote(${drawn(paragraph.children)})`;
    default:
      return paragraph.kind;
  }
}

function inlines(pieces: readonly Inline[]): string {
  return pieces.map(inline).join('');
}

function inline(piece: Inline): string {
  switch (piece.kind) {
    case 'text':
      return piece.text;
    case 'break':
      return '⏎';
    case 'code':
      return `code(${piece.text})`;
    case 'emoji':
      return `emoji(${piece.name})`;
    case 'link':
      return `link(${piece.url} ${inlines(piece.children)})`;
    case 'user':
    case 'channel':
    case 'usergroup':
      return `${piece.kind}(${piece.id})`;
    case 'broadcast':
      return `everybody(${piece.range})`;
    case 'date':
      return `date(${piece.timestamp} ${piece.format} ${piece.fallback})`;
    default:
      return `${piece.kind}(${inlines(piece.children)})`;
  }
}

const cases: readonly (readonly [string, string])[] = [
  ['*bold* _italic_ ~strike~', 'bold(bold) italic(italic) strike(strike)'],
  ['*bold _and italic_*', 'bold(bold italic(and italic))'],
  ['2 * 3 * 4', '2 * 3 * 4'],
  ['snake_case_name and a*b*c', 'snake_case_name and a*b*c'],
  ['* not bold* and *not\nover lines*', '* not bold* and *not⏎over lines*'],
  ['(*bold*), _italic_.', '(bold(bold)), italic(italic).'],
  ['**', '**'],
  ['`code *stays* &lt;so&gt;`', 'code(code *stays* <so>)'],
  ['a `b', 'a `b'],
  ['before ```let a;\n*b*``` after', 'before \npre(let a;\n*b*)\n after'],
  ['``` never closed', '``` never closed'],
  ['&gt; quoted\n&gt; twice\nnot', 'quote(quoted⏎twice)\nnot'],
  ['> raw too', 'quote(raw too)'],
  ['&gt;&gt;&gt; all\nof it', 'quote(all⏎of it)'],
  [
    '<@U1> <@U2|grace> <#C1|general> <!subteam^S1> <!here>',
    'user(U1) user(U2) channel(C1) usergroup(S1) everybody(here)',
  ],
  ['<https://a.b/?x=1&amp;y=2|the *plan*>', 'link(https://a.b/?x=1&y=2 the *plan*)'],
  ['<mailto:a@b.c|a@b.c>', 'link(mailto:a@b.c a@b.c)'],
  ['see https://a.b/c.', 'see link(https://a.b/c https://a.b/c).'],
  ['<javascript:alert(1)|click>', '<javascript:alert(1)|click>'],
  ['<!date^1700000000^{date} at {time}|then>', 'date(1700000000 {date} at {time} then)'],
  [':rocket: :no_such_one: 10:30:15', 'emoji(rocket) :no_such_one: 10:30:15'],
  [
    '&lt;!channel&gt; &lt;https://evil|approve&gt; &amp;lt;',
    '<!channel> <link(https://evil https://evil)|approve> &lt;',
  ],
];

describe('mrkdwn', () => {
  it.each(cases)('%j', (source, expected) => {
    expect(drawn(parseMrkdwn(source))).toBe(expected);
  });

  it('never makes a mention, a broadcast or a hidden link of escaped words', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'<!@#|>&;*_~`: \nahereUC1https://') }), (words) => {
        const tree = JSON.stringify(parseMrkdwn(encodeEntities(words)));
        expect(tree).not.toMatch(/"kind":"(user|channel|usergroup|broadcast|date)"/);
      }),
    );
  });

  it('loses no word', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,8}$/)), (words) => {
        expect(drawn(parseMrkdwn(words.join(' ')))).toBe(words.join(' '));
      }),
    );
  });

  it('reads emoji in plain text and nothing else', () => {
    expect(inlines(parsePlain('*a* <@U1> :tada:\nb'))).toBe('*a* <@U1> emoji(tada)⏎b');
    expect(inlines(parsePlain(':tada:', false))).toBe(':tada:');
  });
});
