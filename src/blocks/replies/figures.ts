import type { ImageBlock, RichTextSection } from '@slack/types';
import type { DoraFigures } from '../../domain/statistics/dora.ts';
import { type WeeksChart, weeksInWords } from '../../domain/statistics/weeks-chart.ts';
import { doraInWords } from '../../domain/statistics/words.ts';
import { sparkline } from '../kit/figures.ts';
import { bold, para, plain, words } from '../kit/rich-text.ts';

/** The figures of a service over some days, with the releases of each week. */
export function figuresLine(figures: DoraFigures): RichTextSection {
  const weeks = figures.deployments === 0 ? '' : ` ${sparkline(figures.weeks)}`;
  return para(bold(figures.service, 100), ': ', words(`${doraInWords(figures)}.`, 500), weeks);
}

const MOST_ALT = 2_000;
const MOST_TITLE = 150;

/** The picture of a chart, by the id of the file that has it, with its words for screen readers. */
export function weeksPicture(chart: WeeksChart, file: string): ImageBlock {
  return {
    type: 'image',
    slack_file: { id: file },
    alt_text: weeksInWords(chart).slice(0, MOST_ALT),
    title: plain(chart.title, MOST_TITLE),
  };
}
