import type { KnownBlock } from '@slack/types';
import { bySeverity, type MetricFinding } from '../../domain/judge/verdict.ts';
import type { Alarm } from '../../domain/promotion/alarm.ts';
import { type HealthResult, notPassed } from '../../domain/promotion/health.ts';
import type { MonitorView, PromotionData, RollbackRecord } from '../../domain/promotion/promotion.ts';
import { isWatchOver } from '../../domain/promotion/watch-window.ts';
import { type Stage, shareInWords } from '../../domain/release/stages.ts';
import { durationInWords } from '../../domain/text/duration.ts';
import { bar, figures, percent, sparkline } from '../kit/figures.ts';
import { count, JUDGE } from '../kit/labels.ts';
import { at, bold, bullets, type Inline, line, linked, para, person, rich, words } from '../kit/rich-text.ts';
import type { ServiceView } from '../kit/views.ts';

/** How production does compared with the time before the deploy, and how much of the window is left. */
export function monitorPart(
  { monitor, stage }: { readonly monitor: MonitorView; readonly stage: PromotionData['stage'] },
  service: ServiceView,
  open: boolean,
  most: number,
): KnownBlock {
  const { judgement } = monitor;
  const { sign, words: verdict } = JUDGE[judgement.verdict];
  const nothing = judgement.findings.length === 0;
  const head: Inline[] = [
    bold(nothing ? '🔵 Nothing was seen of production yet' : `${sign} Production ${verdict}`),
  ];
  if (service.links.dashboard) head.push('  ', linked(service.links.dashboard, 'dashboard'));
  const findings = bySeverity(judgement.findings);
  const shown = findings.slice(0, most);
  const rest = findings.length - shown.length;
  return rich(
    para(...head),
    ...(open
      ? [
          ...takenLine(monitor.alarm),
          para(...(stage ? stageLine(stage, monitor, service) : windowLine(monitor, service))),
        ]
      : []),
    ...(monitor.errorRates.length > 0 ? [para(...rateLine(monitor, service))] : []),
    ...(shown.length > 0 ? [bullets(shown.map(findingLine))] : []),
    ...(rest > 0 ? [para(`and ${count(rest, 'more metric')}: see Details.`)] : []),
    // Once it is long, the finding says for how long.
    ...(monitor.blind > 0 &&
    !findings.some(({ reason }) => reason?.startsWith('Nothing was seen of production'))
      ? [
          para(
            bold(
              `Nothing was measured in the last ${count(monitor.blind, 'look')}. Missing data is not good news.`,
            ),
          ),
        ]
      : []),
  );
}

/** Who looks after it; nothing where nobody is called. */
export function takenLine(waits: Pick<Alarm, 'taken'> | null | undefined): ReturnType<typeof para>[] {
  if (!waits) return [];
  const { taken } = waits;
  return [
    taken
      ? para('🙋 ', person(taken.by), ' is on it, since ', at(taken.at, 'time'))
      : para('🔔 Nobody has said that they are on it'),
  ];
}

/** How much of production has the release, and when it gets more. */
function stageLine({ share, next }: Stage, monitor: MonitorView, service: ServiceView): readonly Inline[] {
  const has = `${bar(share / 100, 15)} ${shareInWords(share)} of the requests get the release. `;
  if (monitor.held) return [has, `${shareInWords(next)} comes when someone releases the hold`];
  if (isWatchOver(monitor, service.tickMs)) return [has, `${shareInWords(next)} waits for a decision`];
  return [has, `${shareInWords(next)} at `, at(monitor.endsAt, 'time'), ', if production stays well'];
}

function windowLine(monitor: MonitorView, service: ServiceView): readonly Inline[] {
  const length = monitor.endsAt - monitor.startedAt;
  const seen = length > 0 ? (monitor.tick * service.tickMs) / length : 0;
  if (isWatchOver(monitor, service.tickMs)) {
    return [`${bar(1, 15)} ${durationInWords(length)} window, over since `, at(monitor.endsAt, 'time')];
  }
  if (monitor.held) return [`${bar(seen, 15)} held open: the watch goes on until someone releases the hold`];
  return [`${bar(seen, 15)} ${durationInWords(length)} window, until `, at(monitor.endsAt, 'time')];
}

function rateLine(monitor: MonitorView, service: ServiceView): readonly Inline[] {
  const rates = monitor.errorRates;
  const baseline = monitor.judgement.findings.find((one) => one.metric === 'error rate')?.baseline ?? 0;
  const last = rates.findLast((rate) => rate !== null);
  return [
    `Errors ${sparkline(rates.slice(-30), baseline + service.errorRateRise)}`,
    last === undefined || last === null ? ' not seen' : ` ${percent(last)} now`,
  ];
}

/** A healthy metric with its figures; any other with its reason, which has the figures in it. */
export function findingLine(finding: MetricFinding): readonly Inline[] {
  const measured = figures(finding);
  const said: Inline[] = finding.reason
    ? [': ', line(finding.reason, 220)]
    : [measured ? `, ${measured}` : ''];
  return [
    `${JUDGE[finding.verdict].sign} `,
    bold(finding.metric, 80),
    ` ${JUDGE[finding.verdict].words}`,
    ...said,
    ...(finding.link === undefined ? [] : [' ', linked(finding.link, 'open')]),
  ];
}

/** `1 of 3 checks failed, 1 could not be asked`; `one`: the word for a check. */
export function notPassedInWords(results: readonly HealthResult[], one: string): string {
  const { failed, unasked } = notPassed(results);
  const all = count(results.length, one);
  if (failed === 0) return `${unasked} of ${all} could not be asked`;
  return `${failed} of ${all} failed${unasked === 0 ? '' : `, ${unasked} could not be asked`}`;
}

/** Why there are no results: with a part of the requests not every check can be asked, and a target may have its own. */
export function uncheckedInWords(
  { stage, rollback }: Pick<PromotionData, 'stage' | 'rollback'>,
  { checks }: ServiceView,
): string {
  if (checks === 'target') return '🩺 Checked by its target: this service has no checks of its own';
  if (checks === 'none') return `${NOTHING_CHECKED}: this service has no checks`;
  return stage && !rollback
    ? `${NOTHING_CHECKED} yet: its checks are asked once the release has all requests`
    : NOTHING_CHECKED;
}

const NOTHING_CHECKED = '⚪ Nothing was checked';

/** Failed checks with what was seen; passed ones only counted. `unchecked`: what is said where there are none. */
export function healthPart(
  results: readonly HealthResult[],
  most: number,
  detailMax: number,
  unchecked = NOTHING_CHECKED,
): KnownBlock[] {
  if (results.length === 0) return [rich(para(unchecked))];
  const bad = results.filter((result) => !result.ok);
  const good = results.length - bad.length;
  const head =
    bad.length === 0
      ? `✅ ${count(good, 'health check')} passed`
      : `${notPassed(results).failed === 0 ? '⚪' : '❌'} ${notPassedInWords(results, 'health check')}`;
  return [
    rich(
      para(bold(head)),
      ...(bad.length > 0 ? [bullets(bad.slice(0, most).map((result) => healthLine(result, detailMax)))] : []),
      ...(bad.length > most ? [para(`and ${count(bad.length - most, 'more', 'more')}`)] : []),
    ),
  ];
}

export function healthLine(result: HealthResult, detailMax: number): readonly Inline[] {
  const failed = result.unasked
    ? ' (could not be asked)'
    : result.critical
      ? ' (critical)'
      : ' (not critical)';
  const kind = result.ok ? '' : failed;
  const tries = !result.ok && result.attempts > 1 ? `, ${count(result.attempts, 'attempt')}` : '';
  return [
    result.ok ? '✅ ' : result.unasked ? '⚪ ' : '❌ ',
    bold(result.name, 80),
    `${kind}: `,
    line(result.detail || (result.ok ? 'passed' : 'failed'), detailMax),
    tries,
  ];
}

/** Reasons of a rollback that only say where it was asked for. */
export const ASKED_FOR = {
  card: 'asked for on the card',
  thread: 'asked for in the thread',
  command: 'asked for by command',
} as const;

/** The reason of a rollback; null where nobody gave one. */
export function givenReason(reason: string): string | null {
  return Object.values<string>(ASKED_FOR).includes(reason) ? null : reason;
}

/** What the rollback goes to, how far it is, who asked for it, and why. */
export function rollbackPart(rollback: RollbackRecord, open: boolean, reasonMax: number): KnownBlock {
  const { to, by, reason, startedAt, finishedAt, health } = rollback;
  const head: Inline[] =
    finishedAt !== undefined
      ? [
          bold(`↩️ ${to.version} is live again`),
          `, ${health?.length === 0 ? 'nothing was checked, ' : ''}it took ${durationInWords(finishedAt - startedAt)}, `,
        ]
      : open
        ? ['↩️ Rollback ']
        : [bold(`❌ ${to.version} is not proven to be live again: look at production`), ', '];
  const why = givenReason(reason);
  return rich(para(...head, ...askedBy(by), ...(why === null ? [] : ['\nReason: ', words(why, reasonMax)])));
}

/** `asked for by @kim`, or that Slipway started it because of its checks or its judge. */
export function askedBy(by: string | null): readonly Inline[] {
  return by === null ? ['started by Slipway itself'] : ['asked for by ', person(by)];
}
