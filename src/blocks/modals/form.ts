import type { InputBlock, ModalView, PlainTextOption } from '@slack/types';
import { LIMITS } from '../kit/limits.ts';
import { plain } from '../kit/rich-text.ts';

/** A modal that is sent by one button and closed by another. `metadata` comes back with it. */
export function form(settings: {
  readonly callback: string;
  readonly title: string;
  readonly submit: string;
  readonly metadata?: string | undefined;
  readonly blocks: ModalView['blocks'];
}): ModalView {
  return {
    type: 'modal',
    callback_id: settings.callback,
    title: plain(settings.title, LIMITS.viewTitle),
    submit: plain(settings.submit, LIMITS.viewTitle),
    close: plain('Not now', LIMITS.viewTitle),
    ...(settings.metadata === undefined ? {} : { private_metadata: settings.metadata }),
    blocks: settings.blocks,
  };
}

export function option(value: string, text: string): PlainTextOption {
  return { text: plain(text, LIMITS.option), value: value.slice(0, 150) };
}

/** A text, of several lines unless it is to be short; at most 2,000 characters. */
export function textInput(
  field: string,
  label: string,
  more: {
    readonly hint?: string;
    readonly optional?: boolean;
    readonly initial?: string | undefined;
    /** Of one line only. */
    readonly short?: boolean;
  },
): InputBlock {
  const initial = more.initial?.slice(0, 2_000);
  return {
    type: 'input',
    block_id: field,
    ...(more.optional ? { optional: true } : {}),
    label: plain(label, 100),
    ...(more.hint ? { hint: plain(more.hint, 150) } : {}),
    element: {
      type: 'plain_text_input',
      action_id: field,
      multiline: more.short !== true,
      max_length: 2_000,
      ...(initial ? { initial_value: initial } : {}),
    },
  };
}
