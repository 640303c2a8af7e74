import type { ModalView } from '@slack/types';
import { type ButtonValue, encodeValue } from '../kit/button-value.ts';
import { CALLBACK, FIELD } from '../kit/ids.ts';
import { bold, bullets, type Inline, line, para, rich } from '../kit/rich-text.ts';
import { form, textInput } from './form.ts';

export interface OverrideForm {
  readonly service: string;
  /** What stands in the way, in words; raw text. */
  readonly over: readonly string[];
  /** Comes back with the form: the promotion that is blocked, or what is to be started. */
  readonly metadata: ButtonValue;
}

/** Asks for the reason to ship in spite of a freeze, a lock or a gate that can be overridden. */
export function overrideForm({ service, over, metadata }: OverrideForm): ModalView {
  return form({
    callback: CALLBACK.breakGlassForm,
    title: 'Break glass',
    submit: 'Break glass',
    metadata: encodeValue(metadata),
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
  });
}
