import type { Button, RichTextBlockElement } from '@slack/types';
import type { FailedStep, OwnRollback } from '../../domain/promotion/alarm.ts';
import { durationInWords } from '../../domain/text/duration.ts';
import { button, isUntaken } from '../card/buttons.ts';
import { approversInline, calling } from '../card/people.ts';
import { rollbackTarget } from '../card/plan.ts';
import { ACTION } from '../kit/ids.ts';
import { JUDGE } from '../kit/labels.ts';
import { at, bold, para, person, words } from '../kit/rich-text.ts';
import { type About, content, type NoticeMessage, type NoticeOf } from './content.ts';

/** To take an alarm, and to roll back. */
export function alarmButtons(promotion: About['promotion']): Button[] {
  if (promotion.data.stoppable !== undefined) return [button(ACTION.stop, promotion, { via: 'thread' })];
  return [...takeButton(promotion), ...rollbackButton(promotion)];
}

function takeButton(promotion: About['promotion']): Button[] {
  return isUntaken(promotion) ? [button(ACTION.take, promotion, { via: 'thread' })] : [];
}

/** Whether the release is watched, and there is one to go back to. */
export function canGoBack(promotion: About['promotion']): boolean {
  return rollbackTarget(promotion) !== null && promotion.state === 'monitoring';
}

export function rollbackButton(promotion: About['promotion']): Button[] {
  return canGoBack(promotion) ? [button(ACTION.rollback, promotion, { via: 'thread' })] : [];
}

/** One line: what was found is in the alarm above. */
export function alarmUntaken(notice: NoticeOf<'alarm-untaken'>, about: About): NoticeMessage {
  const what = `${versionName(about)} ${JUDGE[notice.verdict].words}`;
  const forHow = ` for ${durationInWords(notice.forMs)}, since `;
  return nobodyIsOnIt(notice, what, forHow, alarmButtons(about.promotion));
}

/** `shop 1.2.0`, as far as the version is known. */
export function versionName({ service, promotion: { data } }: About, planned?: string): string {
  return `${service.name} ${data.release?.version ?? planned ?? ''}`.trim();
}

function nobodyIsOnIt(
  { since, who, problem }: NoticeOf<'alarm-untaken' | 'undecided'>,
  what: string,
  forHow: string,
  buttons: Button[],
): NoticeMessage {
  const head = [bold(`🔔 Nobody is on it: ${what}`), forHow, at(since, 'time'), '. For '];
  return content([...head, ...approversInline(who), '.'], {
    more: problem === undefined ? [] : [para(words(problem, 300))],
    buttons,
    broadcast: true,
  });
}

const FAILED: Readonly<Record<FailedStep, (name: string) => string>> = {
  refusal: (name) => `the release of ${name} was refused`,
  release: (name) => `the release of ${name} is half done`,
  deploy: (name) => `the deploy of ${name} failed`,
  health: (name) => `${name} is live and not healthy`,
  rollback: (name) => `the rollback of ${name} failed`,
};

/** One line: what failed is said above, with its buttons. */
export function undecided(notice: NoticeOf<'undecided'>, about: About): NoticeMessage {
  const { promotion } = about;
  const what = FAILED[notice.failed](versionName(about, promotion.data.plan?.version.next));
  return nobodyIsOnIt(notice, what, `, ${durationInWords(notice.forMs)} ago, `, takeButton(promotion));
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
