import type { KnownBlock } from '@slack/types';
import type { Override } from '../../domain/policy/override.ts';
import { at, bold, type Inline, line, para, person, quote, rich, words } from '../kit/rich-text.ts';

/** The newest are shown. */
const MOST = 3;

/** Who overrode what, why, and whether a second person has acknowledged it. */
export function overridesPart(overrides: readonly Override[] | undefined, textMax: number): KnownBlock[] {
  const shown = (overrides ?? []).slice(-MOST);
  if (shown.length === 0) return [];
  return [
    rich(
      ...shown.flatMap(({ by, over, reason, due, acknowledged }) => [
        para(
          bold('🚨 Glass broken'),
          ' by ',
          person(by),
          ' over: ',
          line(over.join('; '), textMax * 2),
          ...acknowledgement(due, acknowledged),
        ),
        quote(words(reason, textMax * 3)),
      ]),
    ),
  ];
}

function acknowledgement(due: number, acknowledged: Override['acknowledged']): Inline[] {
  return acknowledged
    ? ['. Acknowledged by ', person(acknowledged.by), '.']
    : ['. ', bold('A second person has to acknowledge it'), ' by ', at(due), '; that does not hold it back.'];
}
