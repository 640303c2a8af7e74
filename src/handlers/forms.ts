import type { App, ViewOutput } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import { sameDigest } from '../blocks/kit/button-value.ts';
import { CALLBACK, FIELD, featureBlock, NEWEST_READY } from '../blocks/kit/ids.ts';
import { startForm } from '../blocks/modals/start-form.ts';
import { hotfixAnswer } from '../blocks/replies/hotfix.ts';
import type { StartRequest } from '../domain/commands/start.ts';
import { toRemember } from '../domain/habits/habits.ts';
import { Refusal } from '../domain/refusals/refusal.ts';
import { given } from '../domain/text/given.ts';
import { asWritten } from '../domain/text/typed.ts';
import { requestHotfix } from '../flows/requests/hotfix.ts';
import { readableServices } from '../flows/requests/reader.ts';
import type { Caller } from '../flows/requests/request.ts';
import { steer } from '../flows/requests/steer.ts';
import { vote } from '../flows/requests/vote.ts';
import { startFor } from './command.ts';
import { unlockFor } from './locks.ts';
import { submitOverride } from './overrides.ts';
import { answerIn } from './support/answer.ts';
import { answered } from './support/answer-errors.ts';
import { carried } from './support/click.ts';
import type { HandlerContext } from './support/context.ts';
import { featureChoices } from './support/feature-choices.ts';
import { reading } from './support/reading.ts';
import { ShownForms } from './support/shown-forms.ts';
import { chosenIn, type FormHandler, metadataOf, submitted } from './support/submission.ts';
import { mustBeOurs } from './support/verify-origin.ts';

const HANDLERS: Readonly<Record<string, FormHandler>> = {
  [CALLBACK.startForm]: async ({ context, caller, view }) => {
    const request = startRequestIn(view);
    const answer = await startFor(context, caller, request);
    await context.requests.ledger
      .rememberChoice(caller.user, toRemember(request))
      .catch((error: unknown) => context.log.debug({ err: error }, 'a choice was not remembered'));
    return answer;
  },
  [CALLBACK.declineForm]: async ({ context, caller, metadata, view }) => {
    const promotion = await context.requests.ledger.get(carried(metadata.promotion));
    if (!sameDigest(metadata.digest, promotion.digest)) throw new Refusal('digest-changed');
    const digest = promotion.digest ?? '';
    const reason = textIn(view, FIELD.reason);
    await vote(context.requests, caller, promotion.id, { decision: 'decline', digest, reason });
  },
  [CALLBACK.bumpForm]: async ({ context, caller, metadata, view }) => {
    const bump = bumpIn(view);
    const request = { kind: 'bump', bump, lowerConfirmed: false } as const;
    await steer(context.requests, caller, carried(metadata.promotion), request);
  },
  [CALLBACK.reportForm]: async ({ context, caller, metadata, view }) => {
    const text = textIn(view, FIELD.reason);
    await steer(context.requests, caller, carried(metadata.promotion), { kind: 'report', text });
  },
  [CALLBACK.unlockForm]: ({ context, caller, metadata, view }) => {
    const { service, lock: since, promotion } = metadata;
    const because = textIn(view, FIELD.reason);
    return unlockFor(context, caller, carried(service), { since, promotion, because });
  },
  [CALLBACK.hotfixForm]: async ({ context: { requests }, caller, metadata, view }) => {
    const { promotion, turn } = metadata;
    const answer = await requestHotfix(requests, caller, carried(promotion), textIn(view, FIELD.fix), {
      turn,
    });
    return hotfixAnswer(await requests.ledger.get(carried(promotion)), answer);
  },
  [CALLBACK.breakGlassForm]: ({ context, caller, metadata, view }) =>
    submitOverride(context, caller, metadata, textIn(view, FIELD.reason)),
};

/** What people fill in. A form closes at once; what becomes of it is answered where it was opened. */
export function onForms(app: App, context: HandlerContext): void {
  for (const [callback, handle] of Object.entries(HANDLERS)) {
    app.view({ type: 'view_submission', callback_id: callback }, async ({ ack, body, view }) => {
      await ack();
      await submitted(context, { body, view }, callback, handle);
    });
  }
  const shown = new ShownForms(context.client);
  // Another service has other features: the form is shown again with them.
  app.action({ type: 'block_actions', action_id: FIELD.service }, async ({ ack, body }) => {
    await ack();
    if (body.type !== 'block_actions' || !body.view) return;
    const { view, trigger_id: key, actions } = body;
    const at = Number(actions[0]?.action_ts ?? 0);
    const caller: Caller = { user: body.user.id, via: 'form', key };
    await answered(context.log, answerIn(context, { user: body.user.id }), async () => {
      await mustBeOurs(context, caller, body, 'form.service');
      await reading(context, caller, 'form.service', (seen) =>
        showFeatures(seen, view, (form) => shown.update(view, at, form)),
      );
    });
  });
}

async function showFeatures(
  context: HandlerContext,
  view: Pick<ViewOutput, 'state' | 'private_metadata'>,
  show: (form: ModalView) => Promise<void>,
): Promise<void> {
  const service = chosenIn(view, FIELD.service);
  if (service === undefined) return;
  const services = [...readableServices(context.requests).keys()];
  const features = await featureChoices(context, service);
  const { metadata } = await metadataOf(context, view, CALLBACK.startForm);
  await show(startForm({ services, service, features, metadata }));
}

function startRequestIn(view: ViewOutput): StartRequest {
  const service = carried(chosenIn(view, FIELD.service));
  // Forms that an older version opened have one block for the features of all services.
  const feature = chosenIn(view, FIELD.feature, featureBlock(service)) ?? chosenIn(view, FIELD.feature);
  const note = textIn(view, FIELD.note);
  const chosen = given({ feature: feature === NEWEST_READY ? undefined : feature, note: note || undefined });
  return { service, bump: bumpIn(view), ...chosen };
}

function bumpIn(view: ViewOutput): StartRequest['bump'] {
  const bump = chosenIn(view, FIELD.bump);
  return bump === 'major' || bump === 'minor' || bump === 'patch' ? bump : 'auto';
}

function textIn(view: Pick<ViewOutput, 'state'>, field: string): string {
  return asWritten(view.state.values[field]?.[field]?.value ?? '').trim();
}
