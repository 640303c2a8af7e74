import { z } from 'zod';
import type { Core } from '../core.ts';
import { checkContent, refusal } from '../strict/content.ts';
import type { JsonObject } from '../strict/json.ts';
import { SlackError } from '../strict/slack-error.ts';

const Body = z.strictObject({
  text: z.string().optional(),
  blocks: z.unknown().optional(),
  attachments: z.unknown().optional(),
  metadata: z.unknown().optional(),
  response_type: z.enum(['ephemeral', 'in_channel']).optional(),
  replace_original: z.boolean().optional(),
  delete_original: z.boolean().optional(),
  thread_ts: z.string().optional(),
  mrkdwn: z.boolean().optional(),
  unfurl_links: z.boolean().optional(),
  unfurl_media: z.boolean().optional(),
});

/** A POST to a response_url. Slack answers `ok` as text, or an error with status 404 or 500. */
export function answerResponseUrl(
  core: Core,
  key: string,
  body: JsonObject,
): { status: number; text: string } {
  const at = new Date(core.ids.now()).toISOString();
  const outcome = attempt(core, key, body);
  core.journal.add({
    at,
    direction: 'in',
    method: 'response_url',
    args: body,
    response: outcome === undefined ? { ok: true } : { ok: false, error: outcome.code, ...outcome.more },
  });
  if (outcome === undefined) return { status: 200, text: 'ok' };
  const gone = ['invalid_url', 'expired_url', 'used_url'].includes(outcome.code);
  return {
    status: gone ? 404 : 400,
    text: JSON.stringify({ ok: false, error: outcome.code, ...outcome.more }),
  };
}

function attempt(core: Core, key: string, body: JsonObject): SlackError | undefined {
  try {
    respond(core, key, body);
    return undefined;
  } catch (error) {
    if (error instanceof SlackError) return error;
    throw error;
  }
}

function respond(core: Core, key: string, body: JsonObject): void {
  const target = core.responseUrls.use(key);
  const parsed = Body.safeParse(body);
  if (!parsed.success) {
    throw refusal(
      'invalid_payload',
      parsed.error.issues.map((issue) => ({ message: issue.message, pointer: `/${issue.path.join('/')}` })),
    );
  }
  const { store } = core;
  const given = parsed.data;
  const channel = store.channel(target.channel);
  const original = target.messageTs === undefined ? undefined : store.message(channel.id, target.messageTs);
  if (given.delete_original === true) {
    if (original !== undefined) store.delete(original);
    if (given.text === undefined && given.blocks === undefined) return;
  }
  checkContent(given, 'post', core.strictness);
  const content = {
    blocks: given.blocks as readonly unknown[] | undefined,
    attachments: given.attachments as readonly unknown[] | undefined,
  };
  if (given.replace_original === true && original !== undefined) {
    store.edit(original, { text: given.text ?? '', ...content });
    return;
  }
  store.post({
    channel: channel.id,
    user: store.identity.botUser,
    text: given.text ?? '',
    ...content,
    threadTs: given.thread_ts,
    ...(given.response_type === 'in_channel' ? {} : { ephemeralTo: target.user }),
  });
}
