import { Refusal } from '../refusals/refusal.ts';
import { textProblem } from '../text/text-problem.ts';

/**
 * The text of a file, its byte order mark included.
 *
 * @throws Refusal `file-not-text` for anything but UTF-8, `file-in-lfs` for what only points at the file
 */
export function fileText(path: string, bytes: Uint8Array): string {
  const problem = textProblem(bytes);
  if (problem === 'lfs') throw new Refusal('file-in-lfs', { path });
  if (problem !== null) throw new Refusal('file-not-text', { path, encoding: problem });
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}
