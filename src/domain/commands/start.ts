import { Refusal } from '../refusals/refusal.ts';
import type { Bump } from '../release/version.ts';
import { nearest } from '../text/nearest.ts';
import {
  BUMPS,
  bareWord,
  isCourtesy,
  isOneOf,
  optionsIn,
  serviceFirst,
  serviceNamed,
  servicesFirst,
} from './words.ts';

/** What somebody wants to ship. */
export interface StartRequest {
  readonly service: string;
  readonly feature?: string;
  readonly bump: 'auto' | Bump;
  readonly note?: string;
}

/**
 * What somebody wants to ship, in this order: `shop`, `shop api`, `shop then api --note "payday"`. Refusals: those of
 * `startRequestOf`, and `option-for-one` for what belongs to one service where several are named.
 */
export function startRequestsOf(
  words: readonly string[],
  services: readonly string[],
): readonly [StartRequest, ...StartRequest[]] {
  const { named, others } = servicesFirst(words, services);
  const [first, ...more] = named;
  if (first === undefined || more.length === 0) return [startRequestOf(words, services)];
  const request = startRequestOf([first, ...others], services);
  const { bump, feature } = request;
  if (feature !== undefined) throw new Refusal('option-for-one', { option: '--feature' });
  if (bump !== 'auto') throw new Refusal('option-for-one', { option: bump });
  return [request, ...more.map((service) => ({ ...request, service }))];
}

/** Refusals: `service-missing`, `option-unknown`, `option-empty`, `too-many-words` for another service. */
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
    } else if (services.includes(serviceNamed(word, services))) {
      throw new Refusal('too-many-words', { words: [word] });
    } else if (!isCourtesy(word)) {
      const suggestion = nearest(word, ['--feature', '--note', ...BUMPS, ...services]);
      throw new Refusal('option-unknown', { option: word, ...(suggestion ? { suggestion } : {}) });
    }
  }
  return { service, bump, ...options };
}
