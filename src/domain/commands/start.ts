import { Refusal } from '../refusals/refusal.ts';
import type { Bump } from '../release/version.ts';
import { nearest } from '../text/nearest.ts';
import { BUMPS, bareWord, isCourtesy, isOneOf, optionsIn, serviceFirst } from './words.ts';

/** What somebody wants to ship. */
export interface StartRequest {
  readonly service: string;
  readonly feature?: string;
  readonly bump: 'auto' | Bump;
  readonly note?: string;
}

/** Refusals: `service-missing`, `option-unknown`, `option-empty`. */
export function startRequestOf(words: readonly string[], services: readonly string[]): StartRequest {
  const { service, others } = serviceFirst(optionsIn(words, ['feature', 'note']), services);
  const options: { feature?: string; note?: string } = {};
  let bump: StartRequest['bump'] = 'auto';
  for (let at = 0; at < others.length; at++) {
    const word = others[at] ?? '';
    const [name = '', inline] = word.split(/=(.*)/s);
    const step = bareWord(word).toLowerCase();
    if (name === '--feature' || name === '--note') {
      const value = inline ?? others[++at];
      if (value === undefined || value.trim() === '') throw new Refusal('option-empty', { option: name });
      if (name === '--feature') options.feature = bareWord(value);
      else options.note = value;
    } else if (isOneOf(step, BUMPS)) {
      bump = step;
    } else if (!isCourtesy(word)) {
      const suggestion = nearest(word, ['--feature', '--note', ...BUMPS]);
      throw new Refusal('option-unknown', { option: word, ...(suggestion ? { suggestion } : {}) });
    }
  }
  return { service, bump, ...options };
}
