import type { App } from '@slack/bolt';
import { CALLBACK } from '../blocks/kit/ids.ts';
import { reportForm } from '../blocks/modals/reason-forms.ts';
import { Refusal } from '../domain/refusals/refusal.ts';
import { asWritten } from '../domain/text/typed.ts';
import { maySteer } from '../flows/requests/steer.ts';
import { openStartForm } from './command.ts';
import { answerIn } from './support/answer.ts';
import { answered } from './support/answer-errors.ts';
import type { HandlerContext } from './support/context.ts';
import { reading } from './support/reading.ts';
import { mustBeOurs } from './support/verify-origin.ts';

/** "Ship to production" from anywhere, and "Report a problem" on a message. */
export function onShortcuts(app: App, context: HandlerContext): void {
  app.shortcut({ type: 'shortcut', callback_id: CALLBACK.shipShortcut }, async ({ ack, body }) => {
    await ack();
    const { id: user } = body.user;
    await answered(context.log, answerIn(context, { user }), async () => {
      const caller = { user, via: 'shortcut', key: body.trigger_id };
      if (!(await context.requests.ledger.once(`shortcut:${body.trigger_id}`))) return;
      await mustBeOurs(context, caller, body, 'shortcut');
      return reading(context, caller, 'shortcut', (seen) => openStartForm(seen, caller, {}));
    });
  });

  app.shortcut({ type: 'message_action', callback_id: CALLBACK.reportProblem }, async ({ ack, body }) => {
    await ack();
    if (body.type !== 'message_action') return;
    const { user, channel, message, trigger_id: trigger } = body;
    const thread = (message['thread_ts'] as string | undefined) ?? message.ts;
    await answered(context.log, answerIn(context, { user: user.id, channel: channel.id }), async () => {
      const caller = { user: user.id, via: 'shortcut', key: trigger, channel: channel.id };
      if (!(await context.requests.ledger.once(`shortcut:${trigger}`))) return;
      await mustBeOurs(context, caller, body, 'shortcut');
      await reading(context, caller, 'shortcut', async ({ requests, client }, asking) => {
        const promotion = await requests.threads.byThread(channel.id, thread ?? '');
        if (promotion === null) throw new Refusal('report-nowhere');
        // Before the form is opened, so that nobody writes a report that is then refused.
        await maySteer(requests, asking, promotion, { kind: 'report', text: '' });
        const { thread_ts: root, ts, bot_id: bot, user: author } = message;
        // Only the words of a person in the thread: neither the card, which is its root, nor what Slipway says there.
        const isTheirs = root !== undefined && root !== ts && bot === undefined && author !== undefined;
        const quoted = isTheirs ? asWritten(message.text ?? '') : '';
        await client.views.open({ trigger_id: trigger, view: reportForm(promotion, quoted) });
      });
    });
  });
}
