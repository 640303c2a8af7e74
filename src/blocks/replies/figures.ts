import type { RichTextSection } from '@slack/types';
import type { DoraFigures } from '../../domain/statistics/dora.ts';
import { doraInWords } from '../../domain/statistics/words.ts';
import { sparkline } from '../kit/figures.ts';
import { bold, para, words } from '../kit/rich-text.ts';

/** The figures of a service over some days, with the releases of each week. */
export function figuresLine(figures: DoraFigures): RichTextSection {
  const weeks = figures.deployments === 0 ? '' : ` ${sparkline(figures.weeks)}`;
  return para(bold(figures.service, 100), ': ', words(`${doraInWords(figures)}.`, 500), weeks);
}
