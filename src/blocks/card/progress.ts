import type { KnownBlock } from '@slack/types';
import type { PromotionData, StepProgress } from '../../domain/promotion/promotion.ts';
import { durationInWords } from '../../domain/text/duration.ts';
import { bar } from '../kit/figures.ts';
import { STEP, STEP_STATUS } from '../kit/labels.ts';
import { at, bold, type Inline, line, linked, para, preformatted, rich } from '../kit/rich-text.ts';

/**
 * `▰▰▰▱▱▱▱ 3 of 7 steps done`, one line for those that are done, one for each that runs or failed, and one for all that
 * are next. Without `forward`,
 * when the promotion rolls back or is closed, no step is next and those that were running are shown as stopped.
 */
export function progressPart(
  steps: readonly StepProgress[],
  forward: boolean,
  detailMax: number,
): KnownBlock[] {
  if (steps.length === 0) return [];
  const over = steps.filter((step) => step.status === 'done' || step.status === 'skipped').length;
  const begun = steps.filter((step) => step.status !== 'waiting');
  const next = steps.filter((step) => step.status === 'waiting').map((step) => STEP[step.name]);
  const isRunning = (step: StepProgress) => forward || step.name === 'rollback' || step.status !== 'running';
  const done = begun.filter(({ status }) => status === 'done');
  const lines = begun
    .filter(({ status }) => status !== 'done')
    .flatMap((step): Inline[] => [
      '\n',
      ...(isRunning(step) ? stepLine(step, detailMax) : [`🚫 ${STEP[step.name]} stopped`]),
    ]);
  const whole = forward || over === steps.length;
  return [
    rich(
      para(
        bold(
          whole
            ? `${bar(over / steps.length, steps.length)} ${over} of ${steps.length} steps done`
            : 'What was done',
        ),
        ...(done.length > 0 ? [`\n${doneLine(done)}`] : []),
        ...lines,
        ...(forward && next.length > 0 ? [`\n${STEP_STATUS.waiting.sign} Next: ${next.join(', ')}`] : []),
      ),
    ),
  ];
}

/** `✅ Check the gates, approvals, deploy: 3 min` */
function doneLine(done: readonly StepProgress[]): string {
  const names = done.map(({ name }, index) => (index === 0 ? STEP[name] : lowerFirst(STEP[name])));
  const took = done.reduce(
    (all, { startedAt = 0, finishedAt = 0 }) => all + Math.max(0, finishedAt - startedAt),
    0,
  );
  return `${STEP_STATUS.done.sign} ${names.join(', ')}: ${durationInWords(took)}`;
}

function lowerFirst(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}

/** One step with how long it took, or what goes on. */
export function stepLine(step: StepProgress, detailMax: number): Inline[] {
  const { sign, words } = STEP_STATUS[step.status];
  const parts: Inline[] = [`${sign} `, linked(step.link, STEP[step.name])];
  if (step.status === 'done' && step.startedAt !== undefined && step.finishedAt !== undefined) {
    parts.push(` ${durationInWords(step.finishedAt - step.startedAt)}`);
  } else if (step.status === 'running' && step.startedAt !== undefined) {
    parts.push(' since ', at(step.startedAt, 'time'));
  } else if (step.status !== 'done') {
    parts.push(` ${words}`);
  }
  if (step.detail && detailMax > 0) parts.push(': ', line(step.detail, detailMax));
  return parts;
}

/** What the target said last before it failed: at most so many lines, each cut at `width`, and where the rest is. */
export function outputPart(
  { log, logUrl }: NonNullable<PromotionData['failure']>,
  lines: number,
  width: number,
): KnownBlock[] {
  const shown = lines === 0 ? [] : log.slice(-lines).map((line) => line.slice(0, width));
  const link = logUrl === undefined ? [] : [para(linked(logUrl, 'Whole log'))];
  if (shown.length === 0) return link.length > 0 ? [rich(...link)] : [];
  return [rich(para('It said last:'), preformatted(shown.join('\n')), ...link)];
}
