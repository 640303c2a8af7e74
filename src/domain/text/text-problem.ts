/** The first line of a pointer of git-lfs. Source: its specification, "The first key is always version". */
const LFS_POINTER = /^version https:\/\/(?:git-lfs\.github\.com|hawser\.github\.com)\/spec\//;

/** What a file is instead of UTF-8 text; null for text. */
export function textProblem(bytes: Uint8Array): 'UTF-16' | 'UTF-32' | 'binary' | 'other' | 'lfs' | null {
  const [a, b, c, d] = bytes;
  if ((a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe && d === 0xff))
    return 'UTF-32';
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return 'UTF-16';
  if (bytes.includes(0)) return isWide(bytes) ? 'UTF-16' : 'binary';
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return bytes.length < 1_024 && LFS_POINTER.test(text) ? 'lfs' : null;
  } catch {
    return 'other';
  }
}

/** Text of two bytes a character, without a mark: nearly every second byte is zero. */
function isWide(bytes: Uint8Array): boolean {
  const start = bytes.subarray(0, 1_000);
  const zeros = start.filter((byte) => byte === 0).length;
  const odd = start.filter((byte, index) => byte === 0 && index % 2 === 1).length;
  return zeros * 2.5 > start.length && (odd === zeros || odd === 0);
}
