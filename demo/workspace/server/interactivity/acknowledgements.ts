import type { Core } from '../core.ts';
import type { Ack } from '../delivery/delivery.ts';
import type { View, ViewDefinition } from '../state/model.ts';
import { checkView } from '../strict/content.ts';
import type { JsonObject } from '../strict/json.ts';
import { isJsonObject } from '../strict/json.ts';
import { SlackError } from '../strict/slack-error.ts';

/** What became of a submitted modal. */
export type Submitted =
  | { readonly kind: 'closed' }
  | { readonly kind: 'errors'; readonly errors: Readonly<Record<string, string>> }
  | { readonly kind: 'updated' | 'pushed'; readonly view: View }
  | { readonly kind: 'cleared' };

/** The payload of an acknowledgement. Throws `operation_timeout` or `dispatch_failed` when there was none. */
export function accepted(ack: Ack): JsonObject {
  if (!ack.ok) throw new SlackError(ack.error);
  return ack.payload;
}

/** Does what the app answered to a submission. */
export function settleSubmission(core: Core, view: View, payload: JsonObject): Submitted {
  const { views, changes } = core;
  switch (payload['response_action']) {
    case undefined:
      views.close(view, false);
      return { kind: 'closed' };
    case 'clear':
      views.close(view, true);
      return { kind: 'cleared' };
    case 'errors': {
      const errors = viewErrors(core, view, payload['errors']);
      changes.emit({ kind: 'view-errors', user: view.user, viewId: view.id, errors });
      return { kind: 'errors', errors };
    }
    case 'update':
    case 'push': {
      checked(core, 'view_submission', () => checkView(payload['view'], 'modal'));
      const definition = payload['view'] as ViewDefinition;
      return payload['response_action'] === 'update'
        ? { kind: 'updated', view: views.update(view, definition) }
        : { kind: 'pushed', view: views.push(view.user, definition) };
    }
    default:
      throw violation(core, 'view_submission', new SlackError('invalid_response_action'));
  }
}

/** Errors must belong to input blocks of the view: Slack shows "trouble connecting" otherwise. */
function viewErrors(core: Core, view: View, errors: unknown): Record<string, string> {
  const inputs = view.definition.blocks
    .filter((block) => block.type === 'input')
    .map((block) => block.block_id);
  const valid =
    isJsonObject(errors) &&
    Object.entries(errors).length > 0 &&
    Object.entries(errors).every(([block, message]) => inputs.includes(block) && typeof message === 'string');
  if (!valid) throw violation(core, 'view_submission', new SlackError('invalid_view_errors', { errors }));
  return errors as Record<string, string>;
}

/** An acknowledgement that Slack would not take goes into the journal like a refused call. */
export function checked(core: Core, method: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    throw error instanceof SlackError ? violation(core, method, error) : error;
  }
}

function violation(core: Core, method: string, error: SlackError): SlackError {
  core.journal.add({
    at: new Date(core.ids.now()).toISOString(),
    direction: 'in',
    method: `ack:${method}`,
    args: {},
    response: { ok: false, error: error.code, ...error.more },
  });
  return error;
}
