import type { Button, RichTextBlockElement } from '@slack/types';
import { type HealthResult, notPassed } from '../../domain/promotion/health.ts';
import { releaseName } from '../../domain/release/release.ts';
import { durationInWords } from '../../domain/text/duration.ts';
import type { CardAction } from '../card/button-kinds.ts';
import { actionsFor, button } from '../card/buttons.ts';
import { healthLine, notPassedInWords } from '../card/monitor.ts';
import { calling } from '../card/people.ts';
import { rollbackTarget } from '../card/plan.ts';
import { ACTION } from '../kit/ids.ts';
import { count, shortSha } from '../kit/labels.ts';
import {
  bold,
  bullets,
  code,
  type Inline,
  line,
  linked,
  para,
  preformatted,
  words,
} from '../kit/rich-text.ts';
import { alarmButtons, ownRollback } from './alarm-notices.ts';
import { type About, content, type NoticeMessage, type NoticeOf } from './content.ts';

export function releasing({ version }: NoticeOf<'releasing'>, { service }: About): NoticeMessage {
  return content(['🏷️ Cutting ', bold(`${service.name} ${version}`), ': one commit, one tag.']);
}

export function released({ release, url }: NoticeOf<'released'>, { service }: About): NoticeMessage {
  return content([
    '🏷️ Released ',
    bold(`${service.name} ${release.version}`),
    ': tag ',
    linked(url ?? release.url ?? service.repository?.tag(release.tag), releaseName(release)),
    ' at ',
    linked(service.repository?.commit(release.commit), shortSha(release.commit)),
    '. Deploying next.',
  ]);
}

export function deployed({ release, deployment }: NoticeOf<'deployed'>, { service }: About): NoticeMessage {
  const took = durationInWords(deployment.finishedAt - deployment.startedAt);
  const site = deployment.url ?? service.links.production;
  // Of what is pushed to a branch the id says the commit again.
  const isCommit = deployment.id.includes(shortSha(release.commit));
  return content([
    '🚀 Deployed ',
    bold(`${service.name} ${release.version}`),
    ' (',
    linked(release.url ?? service.repository?.tag(release.tag), releaseName(release)),
    ' at ',
    linked(service.repository?.commit(release.commit), shortSha(release.commit)),
    `) in ${took}`,
    ...(isCommit ? [] : [', as ', code(deployment.id, 80)]),
    '. ',
    ...(site ? [linked(site, 'Open it'), '. '] : []),
    ...(deployment.logUrl ? [linked(deployment.logUrl, 'Deploy log'), '. '] : []),
    'Health checks come next.',
  ]);
}

export function releaseRefused({ reason }: NoticeOf<'release-refused'>, about: About): NoticeMessage {
  const { promotion } = about;
  const asks = promotion.data.decision === 'release-refused' && promotion.state === 'blocked';
  const then =
    promotion.data.plan?.policy.approvals === 0
      ? 'It is released and deployed then, if all gates pass.'
      : 'Approvals are asked for again then.';
  return content([bold('❌ The release was refused'), ': ', words(reason, 1_500)], {
    more: asks ? [para(`When that is mended, press Re-check. ${then}`), calling(about)] : [],
    buttons: asks ? [button(ACTION.recheck, promotion, { via: 'thread' })] : [],
    broadcast: true,
  });
}

export function tagMissing({ reason }: NoticeOf<'tag-missing'>, about: About): NoticeMessage {
  const { promotion } = about;
  const asks = promotion.data.decision === 'retry-release' && promotion.state === 'releasing';
  return content([bold('❌ The release is half done'), ': ', words(reason, 1_500)], {
    more: asks ? [calling(about)] : [],
    buttons: asks ? [button(ACTION.retryDeploy, promotion, { via: 'thread' })] : [],
    broadcast: true,
  });
}

export function deployFailed(
  { reason, production, log, logUrl }: NoticeOf<'deploy-failed'>,
  about: About,
): NoticeMessage {
  const { promotion } = about;
  const { release, decision } = promotion.data;
  const asks = decision === 'retry-deploy' && promotion.state === 'deploying';
  return content([bold('❌ The deploy failed'), ': ', words(reason, 1_500)], {
    more: [
      ...logPart(log),
      ...(production === undefined ? [] : [para(bold(production))]),
      para(
        ...(logUrl ? [linked(logUrl, 'Whole log'), '. '] : []),
        ...(asks ? [`${pressOneOf(promotion)} `] : []),
        `${release ? releaseName(release) : 'The release'} is complete and stays tagged.`,
      ),
      ...(asks ? [calling(about)] : []),
    ],
    buttons: asks ? [button(ACTION.retryDeploy, promotion, { via: 'thread' })] : [],
    broadcast: true,
  });
}

const NO_DECISION: readonly CardAction[] = [ACTION.details, ACTION.acknowledge, ACTION.take];

/** `On the card, press Retry the deploy, Roll back to 1.2.0 or Cancel.`: the buttons that decide, as they are named. */
function pressOneOf(promotion: About['promotion']): string {
  const names = actionsFor(promotion)
    .filter((action) => !NO_DECISION.includes(action))
    .map((action) => button(action, promotion).text.text);
  return `On the card, press ${names.join(', ').replace(/, ([^,]*)$/, ' or $1')}.`;
}

export function notStopped({ reason, isLive }: NoticeOf<'not-stopped'>, { promotion }: About): NoticeMessage {
  return content([bold('⚠️ The deployment could not be stopped'), ': ', words(reason, 1_000)], {
    more: [
      para(
        isLive ? 'It is checked and watched like any other.' : 'It goes on and may still go live.',
        rollbackTarget(promotion) ? ' To undo it, press Roll back on the card.' : '',
      ),
    ],
  });
}

export function health({ verdict, results, rollsBack }: NoticeOf<'health'>, about: About): NoticeMessage {
  const { promotion, service } = about;
  const good = results.filter((result) => result.ok).length;
  const bad = results.filter((result) => !result.ok);
  const items = (list: readonly HealthResult[]) => list.slice(0, 15).map((result) => healthLine(result, 200));
  if (verdict === 'healthy') {
    return content([bold(`🩺 ${service.name} is healthy`), `: ${count(good, 'check')} passed.`], {
      more: results.length > 0 ? [bullets(items(results))] : [],
    });
  }
  if (verdict === 'degraded') {
    return content(
      [
        bold('🩺 Not every check passed'),
        `${notPassed(results).failed === 0 ? '' : ', none of them critical'}: ${notPassedInWords(results, 'check')}.`,
      ],
      { more: [bullets(items(bad)), para('The watch begins all the same. Look into it.')] },
    );
  }
  const asks = promotion.data.decision === 'unhealthy';
  return content([bold(`❌ ${service.name} is not healthy: ${notPassedInWords(results, 'check')}`)], {
    more: [
      bullets(items(bad)),
      ...(rollsBack
        ? ownRollback(rollsBack, promotion)
        : [para(asks ? pressOneOf(promotion) : 'A rollback follows.')]),
      calling(about),
    ],
    buttons: healthButtons(promotion, asks && rollsBack === undefined),
    broadcast: true,
  });
}

function healthButtons(promotion: About['promotion'], asks: boolean): Button[] {
  if (promotion.data.stoppable !== undefined) return alarmButtons(promotion);
  return asks && rollbackTarget(promotion) ? [button(ACTION.rollback, promotion, { via: 'thread' })] : [];
}

/** As earlier versions said it: today it comes with the begin of the watch. */
export function report({ path, url, text }: NoticeOf<'report'>, about: About): NoticeMessage {
  return content(['📄 Ship report committed: ', linked(url, path, 200)], {
    file: reportFile({ text }, about),
  });
}

export function reportFile(
  { text }: { readonly text?: string },
  { promotion, service }: About,
): NoticeMessage['file'] {
  if (text === undefined) return undefined;
  const version = promotion.data.release?.version ?? '';
  const title = `Ship report ${service.name} ${version}`.trim();
  return { name: 'production-ship-report.md', title, text };
}

export function trouble({ what, reason }: NoticeOf<'trouble'>): NoticeMessage {
  return content([
    '⏳ Waiting for ',
    bold(what),
    ': ',
    line(reason, 500),
    '. Slipway keeps trying; nothing is lost.',
  ]);
}

export function recovered({ what }: NoticeOf<'recovered'>): NoticeMessage {
  // Such a request has no outage: it had to wait for its checks.
  const how = /(pull|merge) request/.test(what) ? ' is through' : ' answers again';
  return content(['✅ ', bold(what), `${how}. Going on.`]);
}

/** Why a document could not be committed, or what else could not be. */
export function documentProblem({ problem }: { readonly problem?: string }): RichTextBlockElement[] {
  return problem === undefined ? [] : [para('⚠️ ', words(problem, 1_500))];
}

/** Why the release has no page on the host, or one that is out of date; nothing where it has been written. */
export function pageProblem({ promotion: { data } }: About): RichTextBlockElement[] {
  return data.pageProblem === undefined ? [] : [para('⚠️ ', words(data.pageProblem, 1_500))];
}

/** The last lines of a log; when they are too long, their end. */
export function logPart(log: readonly string[] | undefined) {
  const lines = (log ?? []).slice(-15);
  return lines.length > 0 ? [preformatted(lines.join('\n').slice(-2_500), 2_500)] : [];
}

export function healthSummary(results: readonly HealthResult[]): readonly Inline[] {
  if (results.length === 0) return [' Nothing was checked.'];
  const isGood = results.every(({ ok }) => ok);
  return [` ${isGood ? `${count(results.length, 'check')} passed` : notPassedInWords(results, 'check')}.`];
}
