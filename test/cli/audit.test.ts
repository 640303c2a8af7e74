import { describe, expect, it } from 'vitest';
import { csvCell, type Format } from '../../src/cli/audit-format.ts';
import { exportRows, sinceMs } from '../../src/cli/audit-log.ts';
import { chainInWords } from '../../src/cli/audit-words.ts';
import { Refusal } from '../../src/domain/refusals/refusal.ts';
import type { StoredAuditEntry } from '../../src/flows/run/ledger.ts';
import { HIDING, leftIn } from '../support/hidden.ts';

const AT = Date.UTC(2030, 0, 7, 10);

function row(seq: number, more: Partial<StoredAuditEntry> = {}): StoredAuditEntry {
  return { seq, at: AT + seq, actor: 'U1', action: 'approval.given', result: 'done', hash: 'h', ...more };
}

async function exported(rows: readonly StoredAuditEntry[], format: Format): Promise<string> {
  let text = '';
  const stream = (async function* () {
    yield* rows;
  })();
  await exportRows(stream, format, {
    result: (piece) => {
      text += piece;
    },
    message: () => {},
  });
  return text;
}

it.each(['json', 'ndjson', 'csv'] as const)('%s hides nothing', async (format) => {
  const text = await exported([row(1, { actor: HIDING, detail: { reason: HIDING } })], format);
  expect(leftIn(text)).toEqual([]);
  const stored = { actor: HIDING, detail: { reason: HIDING } };
  if (format === 'csv') expect(text).toContain('\\u{200b}');
  else expect([JSON.parse(text)].flat()).toMatchObject([stored]);
});

describe('an export', () => {
  const rows = [
    row(1, {
      service: 'shop',
      promotionId: 'shop-1',
      digestBefore: 'd1',
      digestAfter: 'd2',
      source: { via: 'button', channel: 'C1', ts: '1.2', link: 'https://x.slack.com/archives/C1/p12' },
      detail: { reason: '=HYPERLINK("https://evil")', code: 'not-allowed' },
    }),
    row(2),
  ];

  it('as JSON is one document, as NDJSON one a line, as CSV one row each', async () => {
    expect(JSON.parse(await exported(rows, 'json'))).toEqual(rows);
    expect(
      (await exported(rows, 'ndjson'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(rows);
    const lines = (await exported(rows, 'csv')).split('\r\n');
    expect(lines[0]).toBe(
      'seq,at,actor,action,result,code,service,promotion,digest_before,digest_after,via,channel,message_ts,permalink,detail,hash',
    );
    expect(lines[1]).toBe(
      '1,2030-01-07T10:00:00.001Z,U1,approval.given,done,not-allowed,shop,shop-1,d1,d2,button,C1,1.2,https://x.slack.com/archives/C1/p12,"{""reason"":""=HYPERLINK(\\""https://evil\\"")"",""code"":""not-allowed""}",h',
    );
    expect(lines[2]).toBe('2,2030-01-07T10:00:00.002Z,U1,approval.given,done,,,,,,,,,,,h');
    expect(lines.slice(3)).toEqual(['']);
  });

  it('of nothing is whole too', async () => {
    expect(JSON.parse(await exported([], 'json'))).toEqual([]);
    expect(await exported([], 'ndjson')).toBe('');
    expect(await exported([], 'csv')).toMatch(/^seq,.*hash\r\n$/);
  });

  it('waits for whoever reads, and holds a page at most', async () => {
    let made = 0;
    let written = 0;
    const ahead: number[] = [];
    const many = (async function* () {
      for (; made < 50_000; made += 1) yield row(made);
    })();
    await exportRows(many, 'ndjson', {
      message: () => {},
      async result(piece) {
        await new Promise((resolve) => setImmediate(resolve));
        written += piece.split('\n').length - 1;
        ahead.push(made - written);
      },
    });
    expect(written).toBe(50_000);
    expect(Math.max(...ahead)).toBeLessThan(1_000);
  });
});

describe('a cell', () => {
  it.each([
    ['=1+1', '"\'=1+1"'],
    ['+49', '"\'+49"'],
    ['-2', '"\'-2"'],
    ['@SUM(A1)', '"\'@SUM(A1)"'],
    ['  =1', '"\'  =1"'],
    ['\t=1', '"\'\t=1"'],
    ['\n=1', '"\'\n=1"'],
    ['\r=1', '"\'\r=1"'],
    ['\uff1d1', '"\'\uff1d1"'],
    ['say "hi", all', '"say ""hi"", all"'],
    ["it's", '"it\'s"'],
    ['a\nb', '"a\nb"'],
    ['a;b', '"a;b"'],
    ['nul\u0000', 'nul\ufffd'],
    ['shop-1', 'shop-1'],
    [7, '7'],
    [null, ''],
    [undefined, ''],
  ])('of %j is %s', (value, cell) => {
    expect(csvCell(value)).toBe(cell);
  });

  it('never begins like a formula, whatever is in it', () => {
    for (const text of ['=', '+', '-', '@', '\t', '\r', '\n', ' =', '"=', "'=", "=cmd|' /C calc'!A0"]) {
      const inner = csvCell(text)
        .replace(/^"(.*)"$/s, '$1')
        .replaceAll('""', '"');
      expect(inner, JSON.stringify(text)).toMatch(/^['"]/);
    }
  });
});

describe('since', () => {
  it('is a date, a moment, or how long ago', () => {
    const now = Date.UTC(2030, 5, 1);
    expect(sinceMs('2030-01-07', now)).toBe(Date.UTC(2030, 0, 7));
    expect(sinceMs('2030-01-07T10:00:00Z', now)).toBe(AT);
    expect(sinceMs('7d', now)).toBe(now - 7 * 86_400_000);
    for (const text of ['yesterday', '7', '', '2030-13-40'])
      expect(() => sinceMs(text, now), text).toThrow(Refusal);
  });
});

describe('what the walk found', () => {
  it('is said with the first row that does not fit', () => {
    const head = 'a'.repeat(64);
    expect(chainInWords({ rows: 3, brokenAt: null, head })).toContain(`--end 3:${head}`);
    expect(
      chainInWords({
        rows: 3,
        brokenAt: 4,
        why: 'changed',
        found: row(4, { actor: 'UEVE', service: 'shop' }),
        head,
      }),
    ).toBe(
      'The audit log was changed: entry 4 is not what was written. It says now: 2030-01-07T10:00:00.004Z UEVE approval.given done (shop). The 3 before it fit.\n',
    );
    expect(chainInWords({ rows: 3, brokenAt: 4, why: 'missing', head })).toContain('entry 4 is missing');
    expect(chainInWords({ rows: 0, brokenAt: 1, why: 'cut-off', head: '' })).toContain(
      'entry 1 and all after it are gone. Nothing before it fits either.',
    );
  });
});
