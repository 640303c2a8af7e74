import { releaseName } from '../../domain/release/release.ts';
import { button } from '../card/buttons.ts';
import { askedBy, givenReason } from '../card/monitor.ts';
import { calling } from '../card/people.ts';
import { rollbackTarget } from '../card/plan.ts';
import { ACTION } from '../kit/ids.ts';
import { at, bold, bullets, line, linked, para, words } from '../kit/rich-text.ts';
import { type About, content, type NoticeMessage, type NoticeOf } from './content.ts';
import { documentProblem, healthSummary, logPart, pageProblem } from './release-notices.ts';

export function rollbackStarted(
  { to, by, reason }: NoticeOf<'rollback-started'>,
  { promotion, service }: About,
): NoticeMessage {
  const why = by === null || isSaid(promotion, reason) ? null : givenReason(reason);
  return content(
    [
      bold(`↩️ Rolling ${service.name} back to ${releaseName(to)}`),
      ', ',
      ...askedBy(by),
      ...(why === null ? ['.'] : [': ', words(why, 1_000)]),
    ],
    {
      broadcast: true,
    },
  );
}

/** Whether the alarm above says so. */
function isSaid({ data }: About['promotion'], reason: string): boolean {
  const { findings = [] } = data.monitor?.judgement ?? {};
  return findings.some(({ metric }) => reason.startsWith(`${metric}: `));
}

export function rolledBack(notice: NoticeOf<'rolled-back'>, about: About): NoticeMessage {
  const { service } = about;
  const { to, at: since, notUndone, tagStays, incident } = notice;
  return content(
    [
      bold(`↩️ ${service.name} is rolled back: ${releaseName(to)} is live again`),
      ...(since === undefined ? [] : [' since ', at(since, 'time')]),
      '.',
      ...healthSummary(notice.health),
    ],
    {
      more: [
        ...(notUndone.length > 0
          ? [
              para(bold('Not undone by a rollback:')),
              bullets(notUndone.slice(0, 12).map((one) => [line(one, 200)])),
            ]
          : []),
        ...(tagStays
          ? [para('The tag ', bold(tagStays.tag), ' stays: ', words(tagStays.reason, 1_000))]
          : []),
        para(
          `${service.name} stays locked until someone unlocks it, on the card or with /ship-prod unlock ${service.name} because …`,
        ),
        ...(incident
          ? [
              para(
                incident.isLate ? 'Incident, not committed: ' : 'Incident: ',
                linked(incident.url, incident.path, 200),
              ),
              ...documentProblem(incident),
            ]
          : []),
        ...pageProblem(about),
      ],
      file:
        incident?.text === undefined
          ? undefined
          : {
              name: 'incident.md',
              title: `Incident ${service.name}, back to ${to.version}`,
              text: incident.text,
            },
      broadcast: true,
    },
  );
}

export function rollbackFailed(
  { reason, production, log }: NoticeOf<'rollback-failed'>,
  about: About,
): NoticeMessage {
  const { promotion } = about;
  const asks = promotion.data.decision === 'retry-deploy' && promotion.state === 'rolling-back';
  const fix = rollbackTarget(promotion)
    ? `, ship a fix, or name an earlier version: /ship-prod rollback ${promotion.service} VERSION.`
    : ' or ship a fix.';
  return content([bold('❌ The rollback failed'), ': ', words(reason, 1_500)], {
    more: [
      ...logPart(log),
      ...(production === undefined ? [] : [para(bold(production))]),
      para(
        asks
          ? 'Look at production now. Retry the rollback, or repair by hand and give it up on the card.'
          : `Look at production now. Repair it by hand${fix}`,
      ),
      calling(about),
    ],
    buttons: asks ? [button(ACTION.retryDeploy, promotion, { via: 'thread' })] : [],
    broadcast: true,
  });
}
