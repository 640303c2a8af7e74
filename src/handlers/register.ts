import type { App } from '@slack/bolt';
import { CALLBACK } from '../blocks/kit/ids.ts';
import { explain } from '../domain/refusals/explain.ts';
import { Refusal } from '../domain/refusals/refusal.ts';
import { onButtons } from './buttons.ts';
import { onCommand } from './command.ts';
import { onForms } from './forms.ts';
import { onMention } from './mention.ts';
import { onMessages, onMovedChannels } from './messages.ts';
import { onReportChannels } from './report-channels.ts';
import { onShortcuts } from './shortcuts.ts';
import { noteUnexpected } from './support/answer-errors.ts';
import type { HandlerContext } from './support/context.ts';
import { mustBeOurs } from './support/verify-origin.ts';

/** Handles everything that Slack may send; what no handler knows is acknowledged all the same. */
export function registerHandlers(app: App, context: HandlerContext): void {
  onCommand(app, context);
  onButtons(app, context);
  onForms(app, context);
  onShortcuts(app, context);
  onMention(app, context);
  onMessages(app, context);
  onMovedChannels(app, context);
  onReportChannels(app, context);
  app.event('app_home_opened', async ({ event, body }) => {
    const { user, tab } = event;
    if (tab !== 'home') return;
    try {
      await mustBeOurs(context, { user, via: 'home', key: body.event_id }, body, 'home.seen');
    } catch (error) {
      // There is no tab of ours in which it could be said.
      context.log.warn({ err: error, user }, 'a Home tab that was opened elsewhere');
      if (error instanceof Refusal) return;
    }
    await context.homeTabs.show(user);
  });
  // A form of an older version still has to close.
  app.view(new RegExp(`^(?!(${Object.values(CALLBACK).join('|')})$)`), async ({ ack }) => ack());
  app.error(async (error) => {
    const cause = (error as { original?: unknown }).original;
    // A token that was revoked while the bot runs is logged as its sentence, not as a stack for each event.
    if (cause instanceof Refusal)
      context.log.error({ code: cause.code, ...cause.facts }, explain(cause).text);
    else noteUnexpected(context.log, error, 'a listener failed');
  });
}
