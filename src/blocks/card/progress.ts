import type { KnownBlock } from '@slack/types';
import type { StepProgress } from '../../domain/promotion/promotion.ts';
import { durationInWords } from '../../domain/text/duration.ts';
import { bar } from '../kit/figures.ts';
import { STEP, STEP_STATUS } from '../kit/labels.ts';
import { at, bold, type Inline, line, linked, para, rich } from '../kit/rich-text.ts';

/**
 * `▰▰▰▱▱▱▱ 3 of 7 steps done`, one line per step that began, and one line for all that are next. Without `forward`,
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
  const lines = begun.flatMap((step): Inline[] => [
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
        ...lines,
        ...(forward && next.length > 0 ? [`\n${STEP_STATUS.waiting.sign} Next: ${next.join(', ')}`] : []),
      ),
    ),
  ];
}

function stepLine(step: StepProgress, detailMax: number): Inline[] {
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
