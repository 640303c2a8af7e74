import type { LogLine } from '../../domain/logs/known.ts';

const LONGEST = 16_384;
const TIME = /^\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)\]?[\s:]*/;

/**
 * A printed line: JSON with `at` (ISO time, or ms since the epoch) and `message`, or text with an ISO time before it.
 * What has no time is of `otherwise`. Null for an empty line.
 */
export function printedLine(line: string, otherwise: number): LogLine[] | null {
  const text = line.trim().slice(0, LONGEST);
  if (text === '') return null;
  const json = jsonLine(text);
  if (json !== null) return [{ atMs: json.at ?? otherwise, text: json.message }];
  const found = TIME.exec(text);
  if (found === null) return [{ atMs: otherwise, text }];
  const atMs = timeOf(found[1] ?? '');
  const rest = text.slice(found[0].length);
  return [{ atMs: atMs ?? otherwise, text: rest === '' ? text : rest }];
}

function jsonLine(text: string): { readonly at: number | null; readonly message: string } | null {
  if (!text.startsWith('{')) return null;
  try {
    const { at, message } = JSON.parse(text) as { readonly at?: unknown; readonly message?: unknown };
    if (typeof message !== 'string') return null;
    return { at: typeof at === 'number' ? at : typeof at === 'string' ? timeOf(at) : null, message };
  } catch {
    return null;
  }
}

/** ms since the epoch; a time without a zone is UTC. */
function timeOf(text: string): number | null {
  const iso = text.replace(' ', 'T').replace(',', '.');
  const at = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : `${iso}Z`);
  return Number.isFinite(at) ? at : null;
}
