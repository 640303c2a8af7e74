import type { Button } from '@slack/types';
import { type CommandDeclaration, typed } from '../../domain/commands/declaration.ts';
import { type Promotion, windowOf } from '../../domain/promotion/promotion.ts';
import type { Release } from '../../domain/release/release.ts';
import { durationInWords } from '../../domain/text/duration.ts';
import { button } from '../card/buttons.ts';
import { rollbackTarget } from '../card/plan.ts';
import { promotionValue } from '../kit/button-value.ts';
import { ACTION, actionId } from '../kit/ids.ts';
import { shortSha } from '../kit/labels.ts';
import { LIMITS } from '../kit/limits.ts';
import { bold, code, type Message, para, plain, rich } from '../kit/rich-text.ts';
import { message } from '../kit/spoken.ts';
import { answer } from './answer.ts';

/** What a person asked for in words; a click on the answer does it. */
export type AskedInWords =
  | { readonly kind: 'rollback'; readonly to?: Release }
  | { readonly kind: 'extend'; readonly ms: number }
  | { readonly kind: 'hold' };

export const NEVER_MIND: Button = {
  type: 'button',
  action_id: actionId(ACTION.dismiss),
  text: plain('Never mind', LIMITS.buttonText),
  value: 'dismiss',
};

/** Asks whoever wrote it in a thread, or typed it as a command, to confirm it. */
export function confirmation(
  promotion: Promotion,
  asked: AskedInWords,
  via: 'thread' | 'command' = 'thread',
): Message {
  const { service } = promotion;
  switch (asked.kind) {
    case 'rollback': {
      const back = asked.to?.version ?? rollbackTarget(promotion)?.version ?? 'the release before';
      return answer(
        ['Roll ', bold(service, 100), ' back to ', bold(back, 60), '?'],
        [
          [
            ...(asked.to ? ['That is commit ', code(shortSha(asked.to.commit)), '. '] : []),
            'It is deployed again and checked, and the service is locked until someone unlocks it. Database migrations are not undone.',
          ],
        ],
        [withoutDialog(button(ACTION.rollback, promotion, { via, to: asked.to })), NEVER_MIND],
      );
    }
    case 'extend': {
      const length = durationInWords(asked.ms);
      return answer(
        [`Watch ${service} ${length} longer?`],
        [],
        [extendButton(promotion, asked.ms), NEVER_MIND],
      );
    }
    case 'hold':
      return answer(
        [`Hold the window of ${service} open until someone releases it?`],
        [],
        [button(ACTION.hold, promotion, { via: 'thread' }), NEVER_MIND],
      );
  }
}

function extendButton(promotion: Promotion, ms: number): Button {
  return {
    ...button(ACTION.extend, promotion),
    text: plain(`Extend by ${durationInWords(ms)}`, LIMITS.buttonText),
    value: promotionValue(promotion, { ms, window: windowOf(promotion), via: 'thread' }),
  };
}

/** The message that holds the button asks the question already. */
function withoutDialog({ confirm: _confirm, ...rest }: Button): Button {
  return rest;
}

/** For a reply that is nearly the word; `confirm` is the answer to the word itself. */
export function didYouMean(word: string, confirm: Message): Message {
  return message([rich(para('Did you mean ', code(word, 40), '?')), ...confirm.blocks]);
}

/** A mention changes nothing: the answer names the command to type instead. */
export function takesCommand(command: Pick<CommandDeclaration, 'usage'>, service: string): Message {
  return answer(['To do that, type ', code(typed(command, service), 300)], [['Nothing was changed.']]);
}
