import type { Button } from '@slack/types';
import { webAddress } from '../kit/escape.ts';
import { ACTION, actionId } from '../kit/ids.ts';
import { LIMITS } from '../kit/limits.ts';
import { plain } from '../kit/rich-text.ts';

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
