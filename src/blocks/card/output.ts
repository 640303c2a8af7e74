import type { KnownBlock } from '@slack/types';
import type { PromotionData } from '../../domain/promotion/promotion.ts';
import { linked, para, preformatted, rich } from '../kit/rich-text.ts';

type Failure = NonNullable<PromotionData['failure']>;

/** What the target said last before it failed: at most so many lines, each cut at `width`, and where the rest is. */
export function outputPart({ log, logUrl }: Failure, lines: number, width: number): KnownBlock[] {
  const shown = lines === 0 ? [] : log.slice(-lines).map((line) => line.slice(0, width));
  const link = logUrl === undefined ? [] : [para(linked(logUrl, 'Whole log'))];
  if (shown.length === 0) return link.length > 0 ? [rich(...link)] : [];
  return [rich(para('It said last:'), preformatted(shown.join('\n')), ...link)];
}
