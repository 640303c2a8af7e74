import { letsGoOn } from '../../domain/gates/gate.ts';
import type { Approval, Promotion, StepProgress } from '../../domain/promotion/promotion.ts';
import { isOpen } from '../../domain/promotion/promotion.ts';
import { isWatchOver } from '../../domain/promotion/watch-window.ts';
import { durationInWords } from '../../domain/text/duration.ts';
import { healthPart, monitorPart, rollbackPart, uncheckedInWords } from '../card/monitor.ts';
import { missingApprovals, peoplePart } from '../card/people.ts';
import { summary } from '../card/summary.ts';
import { count } from '../kit/labels.ts';
import { at, bold, type Inline, type Message, para, quote, rich, words } from '../kit/rich-text.ts';
import { message } from '../kit/spoken.ts';
import type { ServiceView } from '../kit/views.ts';

const MOST_FINDINGS = 4;
const MOST_PEOPLE = 6;
const TEXT = 200;

/**
 * The answer to `status` in the thread of a promotion: its state, what it waits for and for how long, how production
 * does, who asked and approved. Short without `service`, which the config may no longer have. `now` is ms since the epoch.
 */
export function threadStatus(
  promotion: Promotion,
  approvals: readonly Approval[],
  service: ServiceView | undefined,
  now: number,
): Message {
  const said = summary({ promotion, approvals });
  const waits = service === undefined ? null : waitsFor(promotion, approvals, service, now);
  const { notice } = promotion.data;
  const head = rich(
    para(bold(said, 600)),
    ...(notice ? [quote(notice.kind === 'problem' ? '⚠️ ' : 'ℹ️ ', words(notice.text, TEXT * 2))] : []),
    ...(waits === null ? [] : [para('⏳ ', ...waits)]),
  );
  if (service === undefined) return message([head]);
  const { monitor, stage, health, rollback } = promotion.data;
  const isUnhealthy = health?.some(({ ok }) => !ok) ?? false;
  return message([
    head,
    ...(rollback ? [rollbackPart(rollback, isOpen(promotion.state), TEXT)] : []),
    ...(monitor && !rollback
      ? [monitorPart({ monitor, stage }, service, promotion.state === 'monitoring', MOST_FINDINGS)]
      : []),
    ...(health && (isUnhealthy || promotion.state === 'verifying')
      ? healthPart(health, MOST_FINDINGS, TEXT, uncheckedInWords(promotion.data, service))
      : []),
    peoplePart(promotion, approvals, service, MOST_PEOPLE, 0),
  ]);
}

/** What has to happen before the promotion goes on; null when it is over. */
function waitsFor(
  promotion: Promotion,
  approvals: readonly Approval[],
  service: ServiceView,
  now: number,
): readonly Inline[] | null {
  const { state, data } = promotion;
  if (!isOpen(state)) return null;
  if (data.decision !== undefined) return ['Waits for a person to decide: use the buttons of the card.'];
  switch (state) {
    case 'checking':
      return ['Waits for the gates.'];
    case 'blocked': {
      const open = (data.gates ?? []).filter((gate) => !letsGoOn(gate));
      const held = open.map(({ title }) => title).join(', ');
      return [words(held === '' ? 'Waits for a Re-check.' : `Waits for: ${held}.`, TEXT * 2)];
    }
    case 'awaiting-approval': {
      const missing = missingApprovals(promotion, approvals);
      const until = data.expiresAt;
      return [
        missing ? `Waits for ${count(missing, 'approval')}` : 'Waits for approvals to be counted',
        ...(until === undefined || until <= now
          ? ['.']
          : [`, ${durationInWords(until - now)} left, until `, at(until), '.']),
      ];
    }
    case 'releasing':
      return ['Waits for commit and tag to be pushed.'];
    case 'deploying':
      return waitsForStep('Waits for the deployment', data.steps, 'deploy', now);
    case 'verifying':
      return waitsForStep('Waits for the health checks', data.steps, 'health', now);
    case 'monitoring':
      return windowLeft(promotion, service, now);
    case 'rolling-back':
      return waitsForStep('Waits for the rollback', data.steps, 'rollback', now);
  }
}

function windowLeft({ data: { monitor } }: Promotion, service: ServiceView, now: number): readonly Inline[] {
  if (!monitor) return ['Waits for the watch to begin.'];
  if (monitor.held) return ['The window is held open: waits for someone to release the hold.'];
  const left = monitor.endsAt - now;
  if (left <= 0 || isWatchOver(monitor, service.tickMs))
    return ['The window is over: waits for the last look at production.'];
  return [`${durationInWords(left)} left of the window, until `, at(monitor.endsAt, 'time'), '.'];
}

/** What the promotion waits for, how long the step has been running, and its last line. */
function waitsForStep(
  what: string,
  steps: readonly StepProgress[] = [],
  name: StepProgress['name'],
  now: number,
): readonly Inline[] {
  const step = steps.find((one) => one.name === name && one.status === 'running');
  const since =
    step?.startedAt === undefined ? '' : `, for ${durationInWords(Math.max(0, now - step.startedAt))}`;
  return [what, since, ...(step?.detail ? [': ', words(step.detail, TEXT)] : ['.'])];
}
