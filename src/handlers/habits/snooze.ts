import { Refusal } from '../../domain/refusals/refusal.ts';
import { snoozeOffer } from '../../flows/schedule/snooze.ts';
import type { Click } from '../support/click.ts';

/** The message itself says until when. */
export async function pressSnooze({ context, caller, value }: Click): Promise<void> {
  if (value.service === undefined) throw new Refusal('button-unknown');
  await snoozeOffer(context.requests, caller, value.service, value.ms);
  await context.prompts.look();
}
