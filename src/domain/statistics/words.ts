import { durationInWords } from '../text/duration.ts';
import { type DoraFigures, FEWEST_RELEASES } from './dora.ts';

/** The figures in a line: what there is too little of is said to be missing. */
export function doraInWords(figures: DoraFigures): string {
  const { deployments, perWeek, leadTime, failed, failureRate, restore } = figures;
  const days = Math.round((figures.toMs - figures.fromMs) / 86_400_000);
  const releases = deployments === 1 ? '1 release' : `${deployments} releases`;
  const head = `${releases} in ${days} days`;
  if (perWeek === null || failureRate === null) {
    return `${head}: too few for figures (${FEWEST_RELEASES} are needed)`;
  }
  return [
    `${head} (${rounded(perWeek)} a week)`,
    leadTime === null
      ? 'lead time not known yet'
      : `commit to production ${durationInWords(leadTime.medianMs)} (median of ${leadTime.commits})`,
    `${percent(failureRate)} failed (${failed})`,
    ...(restore === null
      ? []
      : [`restored in ${durationInWords(restore.medianMs)} (median of ${restore.of})`]),
  ].join(', ');
}

function rounded(value: number): string {
  return String(Number(value.toFixed(1)));
}

function percent(ratio: number): string {
  return `${Number((ratio * 100).toFixed(1))} %`;
}
