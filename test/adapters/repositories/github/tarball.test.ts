import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { filesOf } from '../../../../src/adapters/repositories/github/tarball.ts';

const MEGABYTE = 1024 * 1024;

/** One tar entry; `size` is written as it is given, whatever the body has. */
function entry(name: string, body: string | Buffer, size?: string, type = '0'): Buffer {
  const bytes = Buffer.from(body);
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(size ?? bytes.length.toString(8).padStart(11, '0'), 124);
  header.write(type, 156);
  const padding = Buffer.alloc((512 - (bytes.length % 512)) % 512);
  return Buffer.concat([header, bytes, padding]);
}

/** A record says its own length in front: blank, line end and these digits included. */
function pax(record: string): Buffer {
  const rest = record.length + 2;
  const length = [2, 3].map((digits) => rest + digits).find((sum) => `${sum}`.length + rest === sum);
  return entry('pax', `${length} ${record}\n`, undefined, 'x');
}
const archive = (...entries: Buffer[]) => gzipSync(Buffer.concat([...entries, Buffer.alloc(1024)]));
const read = (bytes: Buffer, most = MEGABYTE) => [...filesOf(bytes, most)].map(({ path }) => path);

describe('an archive of a repository', () => {
  test('is read without its outer folder, long names too', () => {
    const long = `top/${'d'.repeat(120)}/file`;
    expect(read(archive(entry('top/a', 'x'), pax(`path=${long}`), entry('short', 'y')))).toEqual([
      'a',
      `${'d'.repeat(120)}/file`,
    ]);
  });

  test.each([
    ['a negative size', entry('top/a', '', '-0000001000')],
    ['a size that is no number', entry('top/a', '', '9999zzzz')],
    ['a size in base 256', entry('top/a', '', '\u0080')],
    ['a negative size in a pax record', Buffer.concat([pax('size=-512'), entry('top/a', '')])],
    ['a huge size in a pax record', Buffer.concat([pax('size=1e308'), entry('top/a', '')])],
    ['more than it holds', entry('top/a', 'x', '77777777')],
  ])('is refused with %s', (_what, bad) => {
    expect(() => read(archive(bad, entry('top/b', 'x')))).toThrow(/archive/);
  });

  test('is not unpacked beyond what the tree of the commit says that it holds', () => {
    const bomb = gzipSync(Buffer.alloc(300 * MEGABYTE), { level: 9 });
    expect(bomb.length).toBeLessThan(MEGABYTE);
    expect(() => read(bomb, MEGABYTE)).toThrow();
  });

  test('ends, whatever its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2048 }), (bytes) => {
        const begun = performance.now();
        try {
          read(gzipSync(Buffer.from(bytes)));
        } catch {
          // refused
        }
        expect(performance.now() - begun).toBeLessThan(500);
      }),
      { numRuns: 300 },
    );
  });
});
