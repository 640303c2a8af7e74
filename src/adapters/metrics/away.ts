import { explain } from '../../domain/refusals/explain.ts';
import { type Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import { withoutTrailing } from '../../domain/text/trailing.ts';

/** While production is watched, whatever is wrong with a source means the same: nothing is seen. Why stands in it. */
export function awayFor(source: string, refusal: Refusal): Unavailable {
  const { text } = explain(refusal);
  const words = text.replace(`The metrics source ${String(refusal.facts['source'])} `, 'it ');
  return new Unavailable(source, withoutTrailing(words, '.'), { cause: refusal });
}
