import type { Button } from '@slack/types';
import { type ButtonValue, encodeValue } from './button-value.ts';
import { type Action, actionId } from './ids.ts';
import { LIMITS } from './limits.ts';
import { plain } from './rich-text.ts';

/** A button with what it carries; `suffix` tells it from others of its kind in the same message or view. */
export function buttonFor(
  action: Action,
  label: string,
  value: ButtonValue,
  { suffix, ...looks }: Pick<Button, 'style' | 'confirm'> & { readonly suffix?: string } = {},
): Button {
  return {
    type: 'button',
    action_id: actionId(action, suffix),
    text: plain(label, LIMITS.buttonText),
    value: encodeValue(value),
    ...looks,
  };
}
