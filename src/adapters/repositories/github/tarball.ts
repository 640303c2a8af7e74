import { gunzipSync } from 'node:zlib';

const BLOCK = 512;

/**
 * The plain files of a gzipped tar archive, in its order, without the folder that GitHub puts around everything.
 * Source of the format: POSIX.1-2001 pax, which `git archive` writes. Throws for an archive that unpacks to more than
 * `mostBytes`, that is cut off, or whose sizes are none.
 */
export function* filesOf(
  archive: Buffer,
  mostBytes: number,
): Iterable<{ readonly path: string; readonly bytes: Buffer }> {
  const tar = gunzipSync(archive, { maxOutputLength: mostBytes });
  let pax: ReadonlyMap<string, string> = new Map();
  for (let at = 0; at + BLOCK <= tar.length; ) {
    const header = tar.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return;
    const size = sizeOf(header, pax);
    if (at + BLOCK + size > tar.length) throw new Error('the archive is cut off');
    const body = tar.subarray(at + BLOCK, at + BLOCK + size);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === 'x') {
      pax = paxOf(body);
      continue;
    }
    if (type === '0' || type === '\0') {
      const prefix = textAt(header, 345, 155);
      const name = textAt(header, 0, 100);
      const path = pax.get('path') ?? (prefix === '' ? name : `${prefix}/${name}`);
      yield { path: path.slice(path.indexOf('/') + 1), bytes: body };
    }
    if (type !== 'g') pax = new Map();
  }
}

/** Size of an entry in bytes: octal digits in the header, decimal ones in a pax record. */
function sizeOf(header: Buffer, pax: ReadonlyMap<string, string>): number {
  const decimal = pax.get('size');
  const octal = textAt(header, 124, 12).trim() || '0';
  const isNumber = decimal === undefined ? /^[0-7]+$/.test(octal) : /^\d+$/.test(decimal);
  const size = decimal === undefined ? Number.parseInt(octal, 8) : Number(decimal);
  if (!isNumber || !Number.isSafeInteger(size)) throw new Error('an entry of the archive has no size');
  return size;
}

function textAt(header: Buffer, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? length : end).toString('utf8');
}

/** Records such as `30 path=a/long/name\n`, each with its own length in bytes in front. */
function paxOf(body: Buffer): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (let at = 0; at < body.length; ) {
    const blank = body.indexOf(0x20, at);
    const length = Number(body.subarray(at, blank).toString('latin1'));
    if (blank < 0 || !Number.isInteger(length) || length <= 0) break;
    const [key = '', ...value] = body
      .subarray(blank + 1, at + length - 1)
      .toString('utf8')
      .split('=');
    found.set(key, value.join('='));
    at += length;
  }
  return found;
}
