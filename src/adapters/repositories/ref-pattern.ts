import { literalPattern, searchBounded } from '../../domain/text/bounded-pattern.ts';

const PARTS = /\*\*\/|\*+|\?|\[[!^]?\]?[^\]]*\]|\\.|[\s\S]/g;

/**
 * Whether a full ref (`refs/tags/v1.2.3`) fits a pattern of a ruleset: Ruby's `fnmatch` with `FNM_PATHNAME`, so `*`
 * and `?` stop at a slash and only a path segment of two stars goes over any number of them. Null for a pattern that cannot be read.
 */
export function fitsRefPattern(pattern: string, ref: string): boolean | null {
  if (pattern === '~ALL') return true;
  if (pattern.startsWith('~')) return null;
  const expression = [...pattern.matchAll(PARTS)].map(([part]) => expressionOf(part)).join('');
  return search(`^${expression}$`, 'u', ref);
}

function expressionOf(part: string): string {
  if (part === '**/') return '(?:[^/]+/)*';
  if (part.startsWith('*')) return '[^/]*';
  if (part === '?') return '[^/]';
  if (part.length > 2 && part.startsWith('[')) {
    const [, no = '', set = ''] = /^\[([!^]?)([\s\S]*)\]$/.exec(part) ?? [];
    return `[${no === '' ? '' : '^'}${set.replaceAll(/[\\\]^[]/g, '\\$&')}]`;
  }
  return literalPattern(part.length === 2 ? part.slice(1) : part);
}

/** What a metadata rule asks of a text. */
export interface TextPattern {
  readonly operator: string;
  readonly pattern: string;
  readonly negate?: boolean | undefined;
}

/** Whether a text is as a metadata rule wants it. Null for a rule that cannot be read: regular expressions are RE2's. */
export function isAsWanted({ operator, pattern, negate = false }: TextPattern, text: string): boolean | null {
  const found = holds(operator, pattern, text);
  return found === null ? null : found !== negate;
}

function holds(operator: string, pattern: string, text: string): boolean | null {
  switch (operator) {
    case 'starts_with':
      return text.startsWith(pattern);
    case 'ends_with':
      return text.endsWith(pattern);
    case 'contains':
      return text.includes(pattern);
    case 'regex': {
      const [all = '', flags = ''] = /^\(\?([ims]+)\)/.exec(pattern) ?? [];
      return search(pattern.slice(all.length).replaceAll('\\A', '^').replaceAll('\\z', '$'), flags, text);
    }
    default:
      return null;
  }
}

function search(expression: string, flags: string, text: string): boolean | null {
  try {
    const found = searchBounded(expression, [...new Set(flags)].join(''), text);
    return found === 'slow' ? null : found !== null;
  } catch {
    return null;
  }
}
