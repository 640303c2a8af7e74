import { explain } from '../../domain/refusals/explain.ts';
import { type Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import { withoutTrailing } from '../../domain/text/trailing.ts';

/** While production is watched, whatever is wrong with a source means the same: nothing is seen. Why stands in it. */
export function awayFor(source: string, refusal: Refusal): Unavailable {
  const { text } = explain(refusal);
  const named = String(refusal.facts['source']);
  const words = text
    .replace(`The answer of ${named} `, 'its answer ')
    .replace(`The metrics source ${named} `, 'it ')
    .replace(`${named} does not take`, 'it does not take');
  return new Unavailable(source, withoutTrailing(words, '.'), { cause: refusal });
}
