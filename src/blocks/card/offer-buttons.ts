import type { Button } from '@slack/types';
import { buttonFor, type RequestedPromotion, serviceValue } from '../kit/button-value.ts';
import { ACTION } from '../kit/ids.ts';
import { LIMITS } from '../kit/limits.ts';
import { plain } from '../kit/rich-text.ts';
import { startDialog } from './dialogs.ts';

/** Starts what is offered, after a confirm dialog; `version` is what it would become, when that is known. */
export function startButton(requested: RequestedPromotion, version?: string): Button {
  const name = version === undefined ? requested.service : `${requested.service} ${version}`;
  const confirm = startDialog(requested.service);
  return buttonFor(ACTION.start, `Ship ${name}`, serviceValue(requested, 'offer'), {
    style: 'primary',
    confirm,
  });
}

const HOUR_MS = 3_600_000;

/** They put an offer off, for an hour or until tomorrow. */
export function snoozeButtons(requested: RequestedPromotion): Button[] {
  const value = serviceValue(requested, 'offer');
  return [
    buttonFor(ACTION.snooze, 'Snooze 1 h', { ...value, ms: HOUR_MS }, { suffix: 'hour' }),
    buttonFor(ACTION.snooze, 'Snooze until tomorrow 9:00', value, { suffix: 'tomorrow' }),
  ];
}

/** Two buttons: to start what is offered, by another name where it has one, or to see its plan first. */
export function offerButtons(requested: RequestedPromotion, name?: string): Button[] {
  const start = startButton(requested);
  return [
    name === undefined ? start : { ...start, text: plain(name, LIMITS.buttonText) },
    buttonFor(ACTION.plan, 'See the plan first', serviceValue(requested, 'offer')),
  ];
}
