import type { RichTextBlockElement } from '@slack/types';
import { bySeverity, type Judgement } from '../../domain/judge/verdict.ts';
import { nearestChanges } from '../../domain/promotion/earlier/nearest-changes.ts';
import { isWatchOver } from '../../domain/promotion/watch-window.ts';
import { shareInWords } from '../../domain/release/stages.ts';
import { durationInWords } from '../../domain/text/duration.ts';
import { given } from '../../domain/text/given.ts';
import { findingLine, uncheckedInWords } from '../card/monitor.ts';
import { acceptedInline, calling, withFix } from '../card/people.ts';
import { count, JUDGE } from '../kit/labels.ts';
import { at, bold, bullets, type Inline, linked, para, person, quote, words } from '../kit/rich-text.ts';
import { alarmButtons, canGoBack, ownRollback, rollbackButton, versionName } from './alarm-notices.ts';
import { type About, content, type NoticeMessage, type NoticeOf } from './content.ts';
import { documentProblem, pageProblem, reportFile } from './release-notices.ts';

/** Changes that an alarm names. */
const MOST_CHANGES = 3;

export function watching(
  { until, everyMs, report, stage }: NoticeOf<'watching'>,
  about: About,
): NoticeMessage {
  const { promotion, service } = about;
  const { health } = promotion.data;
  const head: Inline[] = [
    ...(health?.length === 0 ? [`${uncheckedInWords(given({ stage }), service)}. `] : []),
    ...(health?.length && health.every(({ ok }) => ok)
      ? [`🩺 ${count(health.length, 'check')} passed. `]
      : []),
    ...(stage
      ? [
          `👀 ${shareInWords(stage.share)} of the requests get ${promotion.data.release?.version ?? 'the release'}. ${shareInWords(stage.next)} at `,
        ]
      : ['👀 Watching production until ']),
    at(until, 'time'),
    `${stage ? ', if production stays well' : ''}, with a look every ${durationInWords(everyMs)}. `,
    ...(service.links.dashboard ? [linked(service.links.dashboard, 'Dashboard'), '. '] : []),
    'To act, write “rollback”, “extend 15m” or “hold” in this thread.',
  ];
  if (report === undefined) return content(head);
  const said = report.isLate ? '📄 Ship report, not committed yet: ' : '📄 Ship report: ';
  return content(head, {
    more: [para(said, linked(report.url, report.path, 200)), ...documentProblem(report)],
    file: reportFile(report, about),
  });
}

export function monitor(
  { judgement, until, alarm, chart, change, rollsBack, isOver }: NoticeOf<'monitor'>,
  about: About,
): NoticeMessage {
  const { promotion, service } = about;
  const { sign, words: verdict } = JUDGE[judgement.verdict];
  const { monitor: window } = promotion.data;
  // What was said stays as it was said, whatever has become of the window since.
  const isLast = isOver ?? (window !== undefined && isWatchOver(window, service.tickMs));
  if (!alarm) {
    const rest: Inline[] = [
      isLast ? ', and the window is over since ' : ', watching until ',
      at(until, 'time'),
    ];
    const ended =
      judgement.verdict === 'inconclusive'
        ? 'The alarm is over, production is '
        : 'Production has recovered: ';
    const isBetter = judgement.recovered === true || change === 'over';
    return content(
      change === 'other'
        ? [bold(`${sign} More is wrong with production`)]
        : [
            bold(
              `${sign} ${isBetter ? ended : change === 'better' ? 'Production is better now: ' : 'Production '}${verdict}`,
            ),
            ...(window?.held ? [', and the window is held open'] : rest),
          ],
      { more: findings(judgement), chart },
    );
  }
  const head: Inline[] = [
    bold(`${sign} ${versionName(about)}: ${isLast ? 'the window is over, ' : ''}production ${verdict}`),
    ...(isLast ? ['. Somebody has to decide.'] : []),
  ];
  return content(head, {
    more: [
      ...findings(judgement),
      ...(change === undefined && !isLast ? whatChanged(judgement, promotion) : []),
      ...(rollsBack ? ownRollback(rollsBack, promotion) : []),
      ...(promotion.state === 'monitoring' && rollsBack === undefined
        ? [para(whatNow(judgement, promotion.data.decision !== undefined, canGoBack(promotion)))]
        : []),
      calling(about),
    ],
    buttons: alarmButtons(promotion),
    chart,
    broadcast: true,
  });
}

/** What this release brought, nearest to what fails: where to look first. */
function whatChanged({ findings: all }: Judgement, { data }: About['promotion']): RichTextBlockElement[] {
  const { commits = [] } = data.risk ?? {};
  if (commits.length === 0) return [];
  const failing = all.filter(({ verdict }) => verdict === 'warning' || verdict === 'critical');
  const changes = nearestChanges(
    commits,
    failing.flatMap(({ metric, reason }) => [metric, reason]),
  );
  const shown = changes
    .slice(0, MOST_CHANGES)
    .map(({ subject, author, shares }): Inline[] => [
      ...(shares === null ? [] : [bold(shares, 40), ': ']),
      words(subject, 80),
      ', by ',
      words(author, 60),
    ]);
  const more = changes.length - shown.length;
  return [
    para('What changed:', more > 0 ? ` ${count(changes.length, 'commit')}, these first` : ''),
    bullets(shown),
  ];
}

function whatNow(judgement: Judgement, asks: boolean, hasBefore: boolean): string {
  const back = hasBefore
    ? 'Roll back if users are affected'
    : 'There is no release to go back to: prepare a fix';
  if (judgement.verdict === 'inconclusive' || judgement.verdict === 'watching') {
    return `The window is over, and production is not proven healthy. Extend it${hasBefore ? ', roll back' : ''}, or accept the release on the card.`;
  }
  const mend = judgement.verdict === 'critical' && hasBefore ? '' : 'mend it with a hotfix, ';
  return asks
    ? `${back}, hold the window open while you look, ${mend}or accept it on the card.`
    : `${back}, or hold the window open while you look.`;
}

export function windowChanged(
  { by, change, until }: NoticeOf<'window-changed'>,
  { promotion }: About,
): NoticeMessage {
  if (change === 'held') {
    return content(['⏸️ ', person(by), ' holds the window open. It closes when someone releases the hold.']);
  }
  const what = change === 'extended' ? 'extended the window' : 'released the hold';
  if (change === 'extended' && promotion.data.monitor?.held)
    return content([
      '⏱️ ',
      person(by),
      ` ${what}. It is held open: it closes when someone releases the hold.`,
    ]);
  return content(['⏱️ ', person(by), ` ${what}: watching until `, at(until, 'time'), '.']);
}

export function userReport(
  { by, text, place, link }: NoticeOf<'user-report'>,
  { promotion }: About,
): NoticeMessage {
  const where = place === undefined ? '' : ` in ${place === 'issue' ? 'an issue' : 'a channel'}`;
  const open: Inline[] = link === undefined ? [] : [' (', linked(link, 'open', 20), ')'];
  return content(
    [
      bold(`💬 Problem reported${where}`),
      ' by ',
      place === 'issue' ? words(by) : person(by),
      ...open,
      text === '' ? '.' : ':',
    ],
    {
      more: text === '' ? [] : [quote(words(text, 2_000))],
      buttons: rollbackButton(promotion),
    },
  );
}

export function shipped(
  { release, judgement, watchedMs, chart, accepted, report }: NoticeOf<'shipped'>,
  about: About,
): NoticeMessage {
  const { service } = about;
  return content(
    [
      bold(`✅ Shipped ${service.name} ${release.version}.`),
      ` Watched for ${durationInWords(watchedMs)}: ${shippedAs(judgement)}.`,
    ],
    {
      more: [
        ...findings(judgement),
        ...(accepted ? [para(...acceptedInline(accepted, 300), '.')] : []),
        ...(report ? documentProblem(report) : []),
        ...pageProblem(about),
      ],
      file: report && reportFile(report, about),
      chart,
      broadcast: true,
    },
  );
}

/** Nothing is watched any more, closely or not. */
function shippedAs({ verdict }: Judgement): string {
  return JUDGE[verdict === 'watching' ? 'inconclusive' : verdict].words;
}

function findings(judgement: Judgement): RichTextBlockElement[] {
  const shown = bySeverity(judgement.findings).slice(0, 10);
  return shown.length > 0 ? [bullets(shown.map(findingLine))] : [];
}

export function hotfixAnnounced({ by, fix }: NoticeOf<'hotfix-announced'>, about: About): NoticeMessage {
  const name = bold(versionName(about));
  return content(['🩹 ', person(by), ' prepares a hotfix of ', name, ...withFix(fix), '.'], {
    more: [
      para(
        'The window is held open until it ships or somebody rolls back. Staging has to validate the fix as usual; then press Ship the hotfix on the card.',
      ),
    ],
    buttons: rollbackButton(about.promotion),
  });
}

export function hotfixWaits({ by, open }: NoticeOf<'hotfix-waits'>): NoticeMessage {
  return content([
    '⏳ The hotfix that ',
    person(by),
    ' asked for could not begin: another promotion',
    words(open === '' ? '' : ` (${open})`, 80),
    ' was faster. They are in line and hear when it is over.',
  ]);
}
