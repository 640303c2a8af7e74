import type { Button } from '@slack/types';
import { ACTION, actionId, type ButtonValue, encodeValue } from '../kit/ids.ts';
import { plain } from '../kit/rich-text.ts';
import { startDialog } from './buttons.ts';

/** What somebody might want to ship. */
export interface Wish {
  readonly service: string;
  readonly feature?: string | undefined;
  readonly bump?: ButtonValue['bump'];
}

/** The ways on from an offer: to start it, or to see its plan first. */
export function offerButtons({ service, feature, bump }: Wish): Button[] {
  const value = encodeValue({
    service: service.slice(0, 200),
    ...(feature ? { feature: feature.slice(0, 300) } : {}),
    ...(bump ? { bump } : {}),
    via: 'offer',
  });
  return [
    {
      type: 'button',
      action_id: actionId(ACTION.start),
      style: 'primary',
      text: plain(`Ship ${service}`, 75),
      value,
      confirm: startDialog(service),
    },
    { type: 'button', action_id: actionId(ACTION.plan), text: plain('See the plan first', 75), value },
  ];
}
