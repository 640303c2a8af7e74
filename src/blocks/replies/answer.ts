import type { Button, KnownBlock } from '@slack/types';
import { webAddress } from '../kit/escape.ts';
import { ACTION, actionId } from '../kit/ids.ts';
import { LIMITS } from '../kit/limits.ts';
import {
  at,
  buttons as buttonRow,
  buttons,
  code,
  type Inline,
  type Message,
  para,
  plain,
  rich,
  words,
} from '../kit/rich-text.ts';
import { message } from '../kit/spoken.ts';

/** A sentence, paragraphs below it, and a row of buttons. */
export function answer(
  head: readonly Inline[],
  more: readonly (readonly Inline[])[] = [],
  buttons: readonly Button[] = [],
): Message {
  const row: KnownBlock[] = buttons.length > 0 ? [buttonRow(buttons)] : [];
  return message([rich(para(...head), ...more.map((parts) => para(...parts))), ...row]);
}

/** A sentence for the person who asked. */
export function plainAnswer(text: string): Message {
  return answer([words(text, 2_500)]);
}

/** A question that was answered: as it was, with the name of the button that was pressed, and when (ms since the epoch). */
export function withoutButtons(blocks: readonly KnownBlock[], pressed: string, when: number): Message {
  return message([
    ...blocks.filter(({ type }) => type !== 'actions'),
    rich(para('☑️ ', words(pressed, 75), ', ', at(when, 'time'), '.')),
  ]);
}

/** For an unexpected error; the log has the same reference. */
export function problem(reference: string): Message {
  return answer(
    ['⚠️ Something went wrong on our side. Nothing is known to have changed.'],
    [['Try again. If it stays, show this reference to those who run Slipway: ', code(reference, 40)]],
  );
}

/** A button that opens a thread; none when there is no address that Slack takes. */
export function openThread(url: string | undefined, suffix?: string): Button[] {
  const address = webAddress(url);
  if (address === undefined) return [];
  return [
    {
      type: 'button',
      action_id: actionId(ACTION.openThread, suffix),
      text: plain('Open the thread', LIMITS.buttonText),
      url: address,
    },
  ];
}

/** The message with a button to the thread that it is about. */
export function withThread({ blocks }: Message, url: string | undefined): Message {
  const open = openThread(url);
  return message([...blocks, ...(open.length > 0 ? [buttons(open)] : [])]);
}
