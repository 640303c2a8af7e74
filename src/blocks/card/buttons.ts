import type { ActionsBlock, Button } from '@slack/types';
import type { Approval, Promotion } from '../../domain/promotion/promotion.ts';
import { given } from '../../domain/text/given.ts';
import { type ButtonPlace, type ButtonValue, promotionValue } from '../kit/button-value.ts';
import { ACTION, actionId } from '../kit/ids.ts';
import { LIMITS } from '../kit/limits.ts';
import { buttons, plain } from '../kit/rich-text.ts';
import { BUTTON_KINDS, type ButtonKind, type CardAction, type LabelOptions } from './button-kinds.ts';
import { actionsFor } from './offered-actions.ts';
import { missingApprovals } from './people.ts';

/** The row of buttons of a card; null when there is nothing to press. */
export function buttonRow(promotion: Promotion, approvals: readonly Approval[]): ActionsBlock | null {
  const isGiven = approvals.some((vote) => vote.valid && vote.decision === 'approve');
  const kinds = actionsFor(promotion).flatMap((kind) =>
    kind === ACTION.decline && isGiven ? [kind, ACTION.withdraw] : [kind],
  );
  if (kinds.length === 0) return null;
  const missing = missingApprovals(promotion, approvals);
  return buttons(kinds.map((kind) => button(kind, promotion, { missing })));
}

/** One button of a promotion, with its confirm dialog where a click has consequences. */
export function button(
  action: CardAction,
  promotion: Promotion,
  options: LabelOptions & { readonly via?: ButtonPlace } = {},
): Button {
  const kind: ButtonKind = BUTTON_KINDS[action];
  const more: ButtonValue = {
    ...kind.value?.(promotion),
    ...(options.to === undefined ? {} : { to: options.to.version.slice(0, 100), commit: options.to.commit }),
    via: options.via ?? 'card',
  };
  return {
    type: 'button',
    action_id: actionId(action, kind.meaning?.(promotion)),
    text: plain(kind.label(promotion, options), LIMITS.buttonText),
    value: promotionValue(promotion, more),
    ...given({ style: kind.style?.(promotion), confirm: kind.confirm?.(promotion) }),
  };
}
