import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api';
import { failureOf } from '../../adapters/slack/port.ts';
import { Unavailable } from '../../domain/refusals/refusal.ts';
import type { RefusalText } from '../../domain/refusals/sentence.ts';
import { durationInWords } from '../../domain/text/duration.ts';

const CLASSES = [WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError];

/** Whether a call to Slack threw it. */
export function isOfSlack(error: unknown): boolean {
  return CLASSES.some((one) => error instanceof one);
}

/** Why a call of Slack's did not do what it was made for, as far as whoever asked can do something about it. */
type Trouble = 'trigger' | 'form-changed' | 'locked-out' | 'not-allowed' | 'channel' | 'person';

const BY_CODE: Readonly<Record<Trouble, readonly string[]>> = {
  trigger: [
    'expired_trigger_id',
    'trigger_expired',
    'exchanged_trigger_id',
    'trigger_exchanged',
    'invalid_trigger_id',
  ],
  'form-changed': ['hash_conflict', 'not_found', 'view_not_found'],
  'locked-out': [
    'invalid_auth',
    'not_authed',
    'account_inactive',
    'token_revoked',
    'token_expired',
    'org_login_required',
    'two_factor_setup_required',
  ],
  'not-allowed': [
    'missing_scope',
    'no_permission',
    'not_allowed_token_type',
    'access_denied',
    'ekm_access_denied',
    'enterprise_is_restricted',
    'team_access_not_granted',
    'restricted_action',
    'method_deprecated',
    'app_missing_action_url',
    'not_enabled',
    'feature_not_enabled',
  ],
  channel: [
    'channel_not_found',
    'not_in_channel',
    'is_archived',
    'channel_is_limited_access',
    'restricted_action_read_only_channel',
    'restricted_action_thread_only_channel',
    'restricted_action_non_threadable_channel',
    'restricted_action_thread_locked',
  ],
  person: ['user_not_found', 'user_not_visible', 'user_not_in_channel', 'user_disabled', 'cannot_dm_bot'],
};

const SENTENCES: Readonly<Record<Trouble, RefusalText>> = {
  trigger: {
    text: 'Slack opens a form only within three seconds, and this one came too late. Nothing was changed.',
    hint: 'Press it again, or type it again.',
  },
  'form-changed': {
    text: 'The form has changed, or was closed, while Slipway worked on it. Nothing was changed.',
    hint: 'Choose again in the form, or open it anew.',
  },
  'locked-out': {
    text: 'Slack does not let Slipway in any more. Nothing was changed.',
    hint: 'Tell those who run Slipway: slipway doctor says what is wrong.',
  },
  'not-allowed': {
    text: 'Slack does not allow Slipway to do this. Nothing was changed.',
    hint: 'Tell those who run Slipway: slipway doctor says what the app lacks.',
  },
  channel: {
    text: 'Slipway cannot see or post in this channel: it was not invited, or the channel is archived. Nothing was changed.',
    hint: 'Type /invite @Slipway in the channel, then try again.',
  },
  person: {
    text: 'Slack does not show this person to Slipway. Nothing was changed.',
    hint: 'Ask a full member of the workspace that Slipway serves.',
  },
};

/**
 * What a person reads when Slack did not do what Slipway asked of it for them: what it means and what to do, nothing of
 * what is inside. Null for an error that is none of Slack's, or one that is our own fault.
 */
export function slackTrouble(error: unknown): RefusalText | null {
  if (error instanceof Unavailable) {
    if (error.what !== 'Slack') return null;
    return slackTrouble(error.cause) ?? away(error.retryAfterMs);
  }
  if (!isOfSlack(error)) return null;
  const failure = failureOf(error);
  if (failure.kind === 'wait') return away(failure.ms);
  if (failure.kind === 'down') return away(undefined);
  const [trouble] = Object.entries(BY_CODE).find(([, codes]) => codes.includes(failure.code)) ?? [];
  return trouble === undefined ? null : SENTENCES[trouble as Trouble];
}

/** @param ms how long Slack says to wait; undefined when it is not that it limits us */
function away(ms: number | undefined): RefusalText {
  return ms === undefined
    ? {
        text: 'Slack does not answer Slipway as it should. Nothing was changed.',
        hint: 'Press it again, or type it again, in a moment.',
      }
    : {
        text: 'Slack limits how much Slipway may ask of it at a time, and this was too much. Nothing was changed.',
        hint: `Press it again, or type it again, in ${durationInWords(Math.ceil(ms / 1_000) * 1_000)}.`,
      };
}
