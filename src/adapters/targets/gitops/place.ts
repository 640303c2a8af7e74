import { searchBounded } from '../../../domain/text/bounded-pattern.ts';
import { type Spot, spotInYaml, type YamlPlace } from './yaml-value.ts';

/** Where in a file the name of the release stands. */
export type ValuePlace =
  | YamlPlace
  /** What the first group of a pattern takes in. */
  | { readonly kind: 'pattern'; readonly pattern: string };

export type FoundValue =
  | {
      readonly kind: 'found';
      readonly value: string;
      /** The text with another value; null when that could not be read there again, or changed more. */
      readonly write: (value: string) => string | null;
    }
  /** Half a sentence about the file: "it has no entry … ". */
  | { readonly kind: 'problem'; readonly reason: string };

const MAX_CHARS = 512 * 1024;

/** The one value at a place of a text, and the text with another value there; all else stays as it is. */
export function findValue(text: string, place: ValuePlace): FoundValue {
  const spot = spotOf(text, place);
  if (typeof spot === 'string') return { kind: 'problem', reason: spot };
  const { start, end, value, written, rest } = spot;
  const write = (next: string) => {
    const changed = `${text.slice(0, start)}${written(next)}${text.slice(end)}`;
    const there = spotOf(changed, place);
    if (typeof there === 'string' || there.value !== next || there.start !== start) return null;
    return there.rest() === rest() ? changed : null;
  };
  return { kind: 'found', value, write };
}

function spotOf(text: string, place: ValuePlace): Spot | string {
  if (text.length > MAX_CHARS) return `it is larger than ${MAX_CHARS / 1024} kB`;
  return place.kind === 'pattern' ? byPattern(text, place.pattern) : spotInYaml(text, place);
}

function byPattern(text: string, pattern: string): Spot | string {
  const first = searchBounded(pattern, 'mu', text);
  if (first === 'slow') return `it is too much for the pattern ${pattern}`;
  if (first === null) return `nothing in it matches ${pattern}`;
  if (first.group === null) return `the pattern ${pattern} takes nothing into its first group`;
  const [start, end] = first.group;
  const second = searchBounded(pattern, 'mu', text.slice(end));
  if (second !== null) return `more than one place in it matches ${pattern}`;
  const rest = () => text.slice(0, start) + text.slice(end);
  return { start, end, value: text.slice(start, end), written: (value) => value, rest };
}
