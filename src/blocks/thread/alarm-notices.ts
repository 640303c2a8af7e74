import type { Button, RichTextBlockElement } from '@slack/types';
import type { FailedStep, OwnRollback } from '../../domain/promotion/alarm.ts';
import { durationInWords } from '../../domain/text/duration.ts';
import { button } from '../card/buttons.ts';
import { isUntaken } from '../card/offered-actions.ts';
import { approversInline, calling } from '../card/people.ts';
import { rollbackTarget } from '../card/plan.ts';
import { ACTION } from '../kit/ids.ts';
import { JUDGE } from '../kit/labels.ts';
import { at, bold, para, person, words } from '../kit/rich-text.ts';
import { type About, content, type NoticeMessage, type NoticeOf } from './content.ts';

/** To take an alarm, and to roll back. */
export function alarmButtons(promotion: About['promotion']): Button[] {
  if (promotion.data.stoppable !== undefined) return [button(ACTION.stop, promotion, { via: 'thread' })];
  const canGoBack = rollbackTarget(promotion) !== null && promotion.state === 'monitoring';
  return [
    ...(isUntaken(promotion) ? [button(ACTION.take, promotion, { via: 'thread' })] : []),
    ...(canGoBack ? [button(ACTION.rollback, promotion, { via: 'thread' })] : []),
  ];
}

/** One line: what was found is in the alarm above. */
export function alarmUntaken(
  { since, forMs, verdict, who, problem }: NoticeOf<'alarm-untaken'>,
  { promotion, service }: About,
): NoticeMessage {
  const name = [service.name, promotion.data.release?.version].filter(Boolean).join(' ');
  return content(
    [
      bold(`🔔 Nobody is on it: ${name} ${JUDGE[verdict].words}`),
      ` for ${durationInWords(forMs)}, since `,
      at(since, 'time'),
      '. For ',
      ...approversInline(who),
      '.',
    ],
    {
      more: problem === undefined ? [] : [para(words(problem, 300))],
      buttons: alarmButtons(promotion),
      broadcast: true,
    },
  );
}

const FAILED: Readonly<Record<FailedStep, (name: string) => string>> = {
  release: (name) => `the release of ${name} is half done`,
  deploy: (name) => `the deploy of ${name} failed`,
  health: (name) => `${name} is live and not healthy`,
  rollback: (name) => `the rollback of ${name} failed`,
};

/** One line: what failed is said above, with its buttons. */
export function undecided(
  { failed, since, forMs, who, problem }: NoticeOf<'undecided'>,
  { promotion, service }: About,
): NoticeMessage {
  const { release, plan } = promotion.data;
  const version = release?.version ?? plan?.version.next;
  const name = [service.name, version].filter(Boolean).join(' ');
  return content(
    [
      bold(`🔔 Nobody is on it: ${FAILED[failed](name)}`),
      `, ${durationInWords(forMs)} ago, `,
      at(since, 'time'),
      '. For ',
      ...approversInline(who),
      '.',
    ],
    {
      more: problem === undefined ? [] : [para(words(problem, 300))],
      buttons: isUntaken(promotion) ? [button(ACTION.take, promotion, { via: 'thread' })] : [],
      broadcast: true,
    },
  );
}

export function alarmTaken({ by }: NoticeOf<'alarm-taken'>): NoticeMessage {
  return content(['🙋 ', person(by), ' is on it. Nobody else is called.']);
}

/** That Slipway rolls back by itself, from when on, and how long it takes; nothing once that is decided. */
export function ownRollback(
  { until, takesMs }: OwnRollback,
  { data }: About['promotion'],
): RichTextBlockElement[] {
  if (data.stoppable === undefined) return [];
  const takes = takesMs === undefined ? '' : `, which takes about ${durationInWords(takesMs)}`;
  return [
    para(
      bold(`Slipway rolls back to ${data.plan?.rollbackTo?.version ?? 'the release before'} by itself`),
      ' ',
      at(until, 'time'),
      `${takes}. To decide yourselves, press Stop the rollback before that.`,
    ),
  ];
}

export function rollbackStopped({ by }: NoticeOf<'rollback-stopped'>, about: About): NoticeMessage {
  return content(
    [
      '✋ ',
      person(by),
      ` stopped the rollback: ${about.promotion.data.release?.version ?? 'the release'} is still live. Roll back, or accept it on the card.`,
    ],
    {
      more: [calling(about)],
      buttons: alarmButtons(about.promotion),
      broadcast: true,
    },
  );
}
