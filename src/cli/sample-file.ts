import { readFile } from 'node:fs/promises';
import type { Sample } from '../domain/judge/sample.ts';
import { Refusal } from '../domain/refusals/refusal.ts';

/** Reads recorded samples, one JSON object a line. Refusals `samples-unreadable` and `samples-line`. */
export async function readSamples(path: string): Promise<readonly Sample[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Refusal('samples-unreadable', { path, reason: error.code ?? error.message });
  });
  return text
    .split('\n')
    .flatMap((line, index) => (line.trim() === '' ? [] : [sampleOf(line, path, index + 1)]));
}

/**
 * A line says when and in which phase; whatever else is in it is judged, or is missing when it makes no sense. NaN and
 * Infinity, which some programs write though JSON has them not, are missing too.
 */
function sampleOf(line: string, path: string, number: number): Sample {
  const refuse = (reason: string) => new Refusal('samples-line', { path, line: number, reason });
  const value = jsonOf(line);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refuse('it is no JSON object');
  const { at, phase } = value as Partial<Record<keyof Sample, unknown>>;
  if (typeof at !== 'string' || Number.isNaN(Date.parse(at))) {
    throw refuse('`at` is no ISO time such as 2026-11-20T09:00:30Z');
  }
  if (phase !== 'baseline' && phase !== 'after' && phase !== 'history') {
    throw refuse('`phase` is neither "baseline", "after" nor "history"');
  }
  return value as Sample;
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    try {
      return JSON.parse(line.replace(/([:[,]\s*)-?(?:NaN|Infinity)(?=\s*[,\]}])/g, '$1null'));
    } catch {
      return undefined;
    }
  }
}
