import type { App, ViewOutput } from '@slack/bolt';
import { type ButtonValue, sameDigest } from '../blocks/kit/button-value.ts';
import { CALLBACK, FIELD, NEWEST_READY, viewPurpose } from '../blocks/kit/ids.ts';
import type { Message } from '../blocks/kit/rich-text.ts';
import { startForm } from '../blocks/modals/start-form.ts';
import type { Wish } from '../domain/commands/start.ts';
import { Refusal } from '../domain/refusals/refusal.ts';
import { audited, type Caller } from '../flows/requests/request.ts';
import { steer } from '../flows/requests/steer.ts';
import { vote } from '../flows/requests/vote.ts';
import { glassBroken } from './break-glass.ts';
import { startFor } from './command.ts';
import { guarded } from './support/answer-errors.ts';
import { answerIn, type HandlerContext, type Place } from './support/context.ts';
import { featureChoices } from './support/feature-choices.ts';
import { linkTo } from './support/permalink.ts';
import { mustBeNew, mustBeOurs, openedValue } from './support/verify-origin.ts';

/** A submitted form. */
interface Submission {
  readonly context: HandlerContext;
  readonly caller: Caller;
  readonly origin: ButtonValue;
  readonly view: ViewOutput;
}

type FormHandler = (submission: Submission) => Promise<Message | void>;

/** What people fill in. The form closes at once; what becomes of it is answered where it was opened. */
export function onForms(app: App, context: HandlerContext): void {
  const on = (callback: string, handle: FormHandler) => {
    app.view({ type: 'view_submission', callback_id: callback }, async ({ ack, body, view }) => {
      await ack();
      await submitted(context, { body, view }, callback, handle);
    });
  };

  on(CALLBACK.startForm, ({ caller, view }) => startFor(context, caller, startWish(view)));
  on(CALLBACK.declineForm, async ({ caller, origin, view }) => {
    const promotion = await context.requests.ledger.get(promotionIn(origin));
    if (!sameDigest(origin.digest, promotion.digest)) throw new Refusal('digest-changed');
    const reason = textIn(view, FIELD.reason);
    await vote(context.requests, caller, promotion.id, {
      decision: 'decline',
      digest: promotion.digest ?? '',
      reason,
    });
  });
  on(CALLBACK.bumpForm, async ({ caller, origin, view }) => {
    const bump = bumpIn(view);
    await steer(context.requests, caller, promotionIn(origin), { kind: 'bump', bump, lowerConfirmed: false });
  });
  on(CALLBACK.reportForm, async ({ caller, origin, view }) => {
    await steer(context.requests, caller, promotionIn(origin), {
      kind: 'report',
      text: textIn(view, FIELD.reason),
    });
  });

  on(CALLBACK.breakGlassForm, ({ caller, origin, view }) =>
    glassBroken(context, caller, origin, textIn(view, FIELD.reason)),
  );

  // Another service has other features: the form is shown again with them.
  app.action({ type: 'block_actions', action_id: FIELD.service }, async ({ ack, body }) => {
    await ack();
    if (body.type !== 'block_actions' || !body.view) return;
    const { id, hash, state } = body.view;
    const service = state.values[FIELD.service]?.[FIELD.service]?.selected_option?.value;
    if (service === undefined) return;
    const services = [...context.requests.services.keys()];
    const features = await featureChoices(context, service);
    const { origin } = await originOf(context, body.view, CALLBACK.startForm);
    await context.client.views.update({
      view_id: id,
      hash,
      view: startForm({ services, service, features, metadata: origin }),
    });
  });
}

/** A form counts like a click: once, when it is ours, and with one row in the audit. */
async function submitted(
  context: HandlerContext,
  { body, view }: { readonly body: { readonly user: { readonly id: string } }; readonly view: ViewOutput },
  callback: string,
  handle: FormHandler,
): Promise<void> {
  const { requests, log } = context;
  const user = body.user.id;
  const action = `form.${callback}` as const;
  const bare: Caller = { user, via: 'form', key: `${view.id}:${view.hash}:${user}` };
  let place: Place = { user };
  await guarded(
    log,
    (message) => answerIn(context, place)(message),
    async () => {
      await mustBeOurs(context, bare, body, action);
      const { origin, problem } = await originOf(context, view, callback);
      const card =
        origin.promotion === undefined
          ? null
          : await requests.threads.cardOf(origin.promotion).catch(() => null);
      const channel = origin.channel ?? card?.channel;
      const { url } = await context.installation();
      const caller: Caller = {
        ...bare,
        ...(channel === undefined ? {} : { channel }),
        ...(card === null ? {} : { ts: card.ts, link: linkTo(url, card.channel, card.ts) }),
      };
      place = { user, channel };
      return audited(requests, caller, { action }, async (request) => {
        if (problem) throw problem;
        await mustBeNew(requests, caller);
        return handle({ context, caller: request, origin, view });
      });
    },
  );
}

/** What the form was opened for; why it cannot be trusted, when it cannot. */
async function originOf(
  { seal }: HandlerContext,
  { private_metadata: token }: Pick<ViewOutput, 'private_metadata'>,
  callback: string,
): Promise<{ readonly origin: ButtonValue; readonly problem: Refusal | null }> {
  if (token === '') return { origin: {}, problem: null };
  try {
    return { origin: openedValue(await seal(), token, viewPurpose(callback)), problem: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { origin: {}, problem: error };
  }
}

function startWish(view: ViewOutput): Wish {
  const service = chosenIn(view, FIELD.service);
  if (service === undefined) throw new Refusal('button-unknown');
  const feature = chosenIn(view, FIELD.feature);
  const note = textIn(view, FIELD.note);
  return {
    service,
    bump: bumpIn(view),
    ...(feature === undefined || feature === NEWEST_READY ? {} : { feature }),
    ...(note === '' ? {} : { note }),
  };
}

function bumpIn(view: ViewOutput): Wish['bump'] {
  const bump = chosenIn(view, FIELD.bump);
  return bump === 'major' || bump === 'minor' || bump === 'patch' ? bump : 'auto';
}

function promotionIn(origin: ButtonValue): string {
  if (origin.promotion === undefined) throw new Refusal('button-unknown');
  return origin.promotion;
}

function textIn(view: ViewOutput, field: string): string {
  return view.state.values[field]?.[field]?.value?.trim() ?? '';
}

function chosenIn(view: ViewOutput, field: string): string | undefined {
  return view.state.values[field]?.[field]?.selected_option?.value;
}
