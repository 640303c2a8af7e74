import type { Button } from '@slack/types';
import { webAddress } from '../kit/escape.ts';
import { ACTION, actionId } from '../kit/ids.ts';
import { LIMITS } from '../kit/limits.ts';
import { buttons, type Message, plain } from '../kit/rich-text.ts';
import { message } from '../kit/spoken.ts';

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
