import type { Button, ModalView } from '@slack/types';
import { ACTION, actionId, type ButtonValue, CALLBACK, encodeValue, FIELD } from '../kit/ids.ts';
import { LIMITS } from '../kit/limits.ts';
import { bold, bullets, type Inline, line, para, plain, rich } from '../kit/rich-text.ts';
import { textInput } from './forms.ts';

export interface BreakGlassForm {
  readonly service: string;
  /** What stands in the way, in words; raw text. */
  readonly over: readonly string[];
  /** The promotion that is blocked, or what is to be started. */
  readonly origin: ButtonValue;
}

/** Why something is shipped in spite of a freeze or a lock. */
export function breakGlassForm({ service, over, origin }: BreakGlassForm): ModalView {
  return {
    type: 'modal',
    callback_id: CALLBACK.breakGlassForm,
    title: plain('Break glass', LIMITS.viewTitle),
    submit: plain('Break glass', LIMITS.viewTitle),
    close: plain('Not now', LIMITS.viewTitle),
    private_metadata: encodeValue(origin),
    blocks: [
      rich(
        para('🚨 ', bold(service, 100), ' would be shipped in spite of:'),
        bullets(over.slice(0, 8).map((one): readonly Inline[] => [line(one, 300)])),
        para(
          'Everybody in the channel sees that you did this, and why. Approvals and all other gates are needed as ever. Afterwards a second person has to acknowledge it.',
        ),
      ),
      textInput(FIELD.reason, 'Why it cannot wait', {
        hint: 'What happens if nothing is shipped now.',
      }),
    ],
  };
}

/** For those who may, when a start was refused. */
export function breakGlassButton(origin: ButtonValue): Button {
  return {
    type: 'button',
    action_id: actionId(ACTION.breakGlass),
    style: 'danger',
    text: plain('Break glass…', LIMITS.buttonText),
    value: encodeValue(origin),
  };
}
