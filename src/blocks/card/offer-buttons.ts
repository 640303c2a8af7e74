import type { Button } from '@slack/types';
import { type ButtonValue, encodeValue, type RequestedPromotion, serviceValue } from '../kit/button-value.ts';
import { ACTION, actionId } from '../kit/ids.ts';
import { LIMITS } from '../kit/limits.ts';
import { plain } from '../kit/rich-text.ts';
import { startDialog } from './dialogs.ts';

/** Starts what is offered, after a confirm dialog; `version` is what it would become, when that is known. */
export function startButton(requested: RequestedPromotion, version?: string): Button {
  const name = version === undefined ? requested.service : `${requested.service} ${version}`;
  return {
    type: 'button',
    action_id: actionId(ACTION.start),
    style: 'primary',
    text: plain(`Ship ${name}`, LIMITS.buttonText),
    value: encodeValue(serviceValue(requested, 'offer')),
    confirm: startDialog(requested.service),
  };
}

const HOUR_MS = 3_600_000;

/** They put an offer off, for an hour or until tomorrow. */
export function snoozeButtons(requested: RequestedPromotion): Button[] {
  const button = (name: string, label: string, more: ButtonValue): Button => ({
    type: 'button',
    action_id: actionId(ACTION.snooze, name),
    text: plain(label, LIMITS.buttonText),
    value: encodeValue({ ...serviceValue(requested, 'offer'), ...more }),
  });
  return [
    button('hour', 'Snooze 1 h', { ms: HOUR_MS }),
    button('tomorrow', 'Snooze until tomorrow 9:00', {}),
  ];
}

/** Two buttons: to start what is offered, by another name where it has one, or to see its plan first. */
export function offerButtons(requested: RequestedPromotion, name?: string): Button[] {
  const start = startButton(requested);
  return [
    name === undefined ? start : { ...start, text: plain(name, LIMITS.buttonText) },
    {
      type: 'button',
      action_id: actionId(ACTION.plan),
      text: plain('See the plan first', LIMITS.buttonText),
      value: encodeValue(serviceValue(requested, 'offer')),
    },
  ];
}
