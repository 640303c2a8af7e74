import type { Field, StateDocument } from './document.ts';
import { bases, named, textOf } from './statements.ts';

/** The keys by which an item of a list of phases names its phase. */
export const PHASE_NAMES = ['name', 'phase', 'id'];

/** The state of each phase by its name, from `phases: { ship-prod: pending }` and its other forms. */
export function phaseStates(document: StateDocument): (readonly [string, Field])[] {
  return bases(document)
    .flatMap((base) => named(base, ['phases']))
    .flatMap(({ entries, items }) => [
      ...entries,
      ...items.map((item) => [textOf(item, PHASE_NAMES)?.text ?? '', item] as const),
    ])
    .flatMap(([name, phase]) => {
      const state = phase.kind === 'map' ? named(phase, ['status', 'state'])[0] : phase;
      return state === undefined || state.kind === 'map' || state.kind === 'list'
        ? []
        : [[name, state] as const];
    });
}
