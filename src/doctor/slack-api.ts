import { z } from 'zod';
import { webFetch } from '../adapters/shared/network/fetch.ts';
import { ProxyTrouble } from '../adapters/shared/network/tunnel.ts';
import { codesOf, networkTrouble } from '../adapters/shared/network-trouble.ts';
import { Unavailable } from '../domain/refusals/refusal.ts';

/** The part of Slack's Web API that the doctor uses. */
export interface SlackApi {
  /** Calls a method; errors of Slack are answers (`ok: false, error`). */
  call(
    method:
      | 'auth.test'
      | 'auth.teams.list'
      | 'apps.connections.open'
      | 'users.conversations'
      | 'conversations.list'
      | 'conversations.info'
      | 'files.getUploadURLExternal'
      | 'usergroups.list',
    token: string,
    signal: AbortSignal,
    args?: Readonly<Record<string, string>>,
  ): Promise<SlackAnswer>;
  /** Sends one byte to where Slack takes files; the status of the answer. */
  upload(address: string, signal: AbortSignal): Promise<number>;
}

/** The same with a token, for as long as it is looked. */
export type SlackCall = (
  method: Parameters<SlackApi['call']>[0],
  args?: Readonly<Record<string, string>>,
) => Promise<SlackAnswer>;

const Text = z.string().optional().catch(undefined);
const Channel = z.object({
  id: z.string().default(''),
  name: z.string().default(''),
  is_member: z.boolean().default(false),
  is_archived: z.boolean().default(false),
});
export type SlackChannel = z.infer<typeof Channel>;
const Group = z.object({
  id: z.string(),
  handle: z.string().default(''),
  user_count: z.coerce.number().catch(0),
  /** When it was disabled; 0: it is in use. */
  date_delete: z.number().default(0),
});
export type SlackGroup = z.infer<typeof Group>;
const Body = z.object({
  ok: z.boolean().catch(false),
  error: Text,
  team: Text,
  user: Text,
  /** The app is installed in a whole organisation. */
  is_enterprise_install: z.boolean().nullish().catch(null),
  /** The workspaces in which it is. */
  teams: z
    .array(z.object({ id: z.string() }))
    .optional()
    .catch(undefined),
  channel: Channel.optional().catch(undefined),
  /** One page of them. */
  channels: z.array(Channel).optional().catch(undefined),
  usergroups: z.array(Group).optional().catch(undefined),
  upload_url: Text,
  response_metadata: z.object({ next_cursor: Text }).optional().catch(undefined),
});
interface SlackAnswer extends z.infer<typeof Body> {
  /** From the header x-oauth-scopes; null when it was not sent. */
  readonly scopes: readonly string[] | null;
  /** Slack's clock, ms since the epoch; null when it was not sent. */
  readonly at: number | null;
}

/** Slack's Web API, or another server that speaks it at `url`. Calls are not repeated. */
export function slackApi(url: string | undefined): SlackApi {
  return {
    call: async (method, token, signal, args = {}) => {
      const address = new URL(method, url ? url.replace(/\/?$/, '/') : 'https://slack.com/api/');
      const response = await fetchedFrom(address, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(args).toString(),
        signal,
      });
      const body = Body.catch({ ok: false }).parse(await response.json().catch(() => ({})));
      const date = Date.parse(response.headers.get('date') ?? '');
      return {
        ...body,
        ...(body.ok ? {} : { error: body.error ?? `HTTP ${response.status}` }),
        scopes:
          response.headers
            .get('x-oauth-scopes')
            ?.split(',')
            .map((scope) => scope.trim())
            .filter(Boolean) ?? null,
        at: Number.isFinite(date) ? date : null,
      };
    },
    upload: async (address, signal) =>
      (await fetchedFrom(new URL(address), { method: 'POST', body: '.', signal })).status,
  };
}

/** Unavailable when Slack does not answer; an abort stays one. */
async function fetchedFrom(address: URL, init: RequestInit): Promise<Response> {
  try {
    return await webFetch(address, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    const words = error instanceof ProxyTrouble ? error.message : networkTrouble(codesOf(error), address);
    throw new Unavailable('Slack', `cannot be reached: ${words}`);
  }
}
