import type { Button } from '@slack/types';
import { button } from '../card/buttons.ts';
import { isUntaken } from '../card/offered-actions.ts';
import { approversInline } from '../card/people.ts';
import { rollbackTarget } from '../card/plan.ts';
import { ACTION } from '../kit/ids.ts';
import { JUDGE } from '../kit/labels.ts';
import { at, bold, para, person, words } from '../kit/rich-text.ts';
import { type About, content, type NoticeMessage, type NoticeOf } from './content.ts';

/** To take an alarm, and to roll back. */
export function alarmButtons(promotion: About['promotion']): Button[] {
  const canGoBack = rollbackTarget(promotion) !== null && promotion.state === 'monitoring';
  return [
    ...(isUntaken(promotion) ? [button(ACTION.take, promotion, { via: 'thread' })] : []),
    ...(canGoBack ? [button(ACTION.rollback, promotion, { via: 'thread' })] : []),
  ];
}

/** One line: what was found is in the alarm above. */
export function alarmUntaken(
  { since, verdict, who, problem }: NoticeOf<'alarm-untaken'>,
  { promotion, service }: About,
): NoticeMessage {
  const name = [service.name, promotion.data.release?.version].filter(Boolean).join(' ');
  return content(
    [
      bold(`🔔 Nobody is on it: ${name} ${JUDGE[verdict].words}`),
      ' since ',
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

export function alarmTaken({ by }: NoticeOf<'alarm-taken'>): NoticeMessage {
  return content(['🙋 ', person(by), ' is on it. Nobody else is called.']);
}
