import type { App, ViewOutput } from '@slack/bolt';
import { startForm } from '../blocks/forms.ts';
import { type ButtonValue, CALLBACK, decodeValue, FIELD, NEWEST_READY, sameDigest } from '../blocks/ids.ts';
import { Refusal } from '../domain/refusal.ts';
import type { Caller } from '../flows/requests/office.ts';
import { requestRollback } from '../flows/requests/roll-back.ts';
import { steer } from '../flows/requests/steer.ts';
import { vote } from '../flows/requests/vote.ts';
import { startFor } from './command.ts';
import { answerIn, type HandlerContext } from './context.ts';
import { featureChoices } from './features.ts';
import { guarded } from './guard.ts';
import type { Wish } from './parse-command.ts';

/** A submitted form. */
interface Submission {
  readonly context: HandlerContext;
  readonly caller: Caller;
  readonly origin: ButtonValue;
  readonly view: ViewOutput;
}

/** What people fill in. The form closes at once; what becomes of it is answered where it was opened. */
export function onForms(app: App, context: HandlerContext): void {
  const on = (
    callback: string,
    handle: (submission: Submission) => Promise<Awaited<ReturnType<typeof startFor>> | void>,
  ) => {
    app.view({ type: 'view_submission', callback_id: callback }, async ({ ack, body, view }) => {
      await ack();
      const origin = decodeValue(view.private_metadata === '' ? '{}' : view.private_metadata) ?? {};
      const user = body.user.id;
      const card =
        origin.promotion === undefined
          ? null
          : await context.office.threads.cardOf(origin.promotion).catch(() => null);
      const channel = origin.channel ?? card?.channel;
      const caller: Caller = {
        user,
        via: 'form',
        key: `${view.id}:${view.hash}`,
        ...(channel === undefined ? {} : { channel }),
      };
      await guarded(context.log, answerIn(context, { user, channel }), () =>
        handle({ context, caller, origin, view }),
      );
    });
  };

  on(CALLBACK.startForm, ({ caller, view }) => startFor(context, caller, startWish(view)));
  on(CALLBACK.declineForm, async ({ caller, origin, view }) => {
    const promotion = await context.office.ledger.get(promotionIn(origin));
    if (!sameDigest(origin.digest, promotion.digest)) throw new Refusal('digest-changed');
    const reason = textIn(view, FIELD.reason);
    await vote(context.office, caller, promotion.id, {
      decision: 'decline',
      digest: promotion.digest ?? '',
      reason,
    });
  });
  on(CALLBACK.rollbackForm, async ({ caller, origin, view }) => {
    const to = chosenIn(view, FIELD.version);
    const wish = { reason: textIn(view, FIELD.reason), ...(to === undefined ? {} : { to }) };
    await requestRollback(context.office, caller, promotionIn(origin), wish);
  });
  on(CALLBACK.bumpForm, async ({ caller, origin, view }) => {
    const bump = bumpIn(view);
    await steer(context.office, caller, promotionIn(origin), { kind: 'bump', bump, lowerConfirmed: false });
  });
  on(CALLBACK.reportForm, async ({ caller, origin, view }) => {
    await steer(context.office, caller, promotionIn(origin), {
      kind: 'report',
      text: textIn(view, FIELD.reason),
    });
  });

  // Another service has other features: the form is shown again with them.
  app.action({ type: 'block_actions', action_id: FIELD.service }, async ({ ack, body, client }) => {
    await ack();
    if (body.type !== 'block_actions' || !body.view) return;
    const { id, hash, private_metadata: metadata, state } = body.view;
    const service = state.values[FIELD.service]?.[FIELD.service]?.selected_option?.value;
    if (service === undefined) return;
    const services = [...context.office.services.keys()];
    const features = await featureChoices(context, service);
    const origin = decodeValue(metadata) ?? {};
    await client.views.update({
      view_id: id,
      hash,
      view: startForm({ services, service, features, origin }),
    });
  });
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
