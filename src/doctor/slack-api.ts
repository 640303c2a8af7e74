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
      | 'usergroups.list',
    token: string,
    signal: AbortSignal,
    args?: Readonly<Record<string, string>>,
  ): Promise<SlackAnswer>;
}

export interface SlackChannel {
  readonly id: string;
  readonly name: string;
  readonly isMember: boolean;
  readonly isArchived: boolean;
}

export interface SlackGroup {
  readonly id: string;
  readonly handle: string;
  readonly members: number;
  readonly isDisabled: boolean;
}

interface SlackAnswer {
  readonly ok: boolean;
  readonly error?: string;
  readonly team?: string;
  readonly user?: string;
  /** The app is installed in a whole organisation. */
  readonly isOrgWide?: boolean;
  /** Ids of the workspaces in which it is. */
  readonly workspaces?: readonly string[];
  /** One page of the list, or the one that was asked about. */
  readonly channels?: readonly SlackChannel[];
  readonly groups?: readonly SlackGroup[];
  readonly nextCursor?: string;
  /** From the header x-oauth-scopes; null when it was not sent. */
  readonly scopes: readonly string[] | null;
  /** Slack's clock, ms since the epoch; null when it was not sent. */
  readonly at: number | null;
}

const Text = z.string().optional().catch(undefined);
const Channel = z.looseObject({
  id: z.string().default(''),
  name: z.string().default(''),
  is_member: z.boolean().default(false),
  is_archived: z.boolean().default(false),
});
const Group = z.looseObject({
  id: z.string(),
  handle: z.string().default(''),
  user_count: z.coerce.number().catch(0),
  date_delete: z.number().default(0),
});
const Body = z.looseObject({
  ok: z.boolean().catch(false),
  error: Text,
  team: Text,
  user: Text,
  is_enterprise_install: z.boolean().nullish().catch(null),
  teams: z
    .array(z.looseObject({ id: z.string() }))
    .optional()
    .catch(undefined),
  channel: Channel.optional().catch(undefined),
  channels: z.array(Channel).optional().catch(undefined),
  usergroups: z.array(Group).optional().catch(undefined),
  response_metadata: z.looseObject({ next_cursor: Text }).optional().catch(undefined),
});

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
      const channels = (body.channels ?? (body.channel ? [body.channel] : [])).map((one) => ({
        id: one.id,
        name: one.name,
        isMember: one.is_member,
        isArchived: one.is_archived,
      }));
      return {
        ok: body.ok,
        ...(body.ok ? {} : { error: body.error ?? `HTTP ${response.status}` }),
        ...(body.team === undefined ? {} : { team: body.team }),
        ...(body.user === undefined ? {} : { user: body.user }),
        ...(body.is_enterprise_install ? { isOrgWide: true } : {}),
        ...(body.teams === undefined ? {} : { workspaces: body.teams.map(({ id }) => id) }),
        channels,
        groups: (body.usergroups ?? []).map((one) => ({
          id: one.id,
          handle: one.handle,
          members: one.user_count,
          isDisabled: one.date_delete > 0,
        })),
        ...(body.response_metadata?.next_cursor ? { nextCursor: body.response_metadata.next_cursor } : {}),
        scopes:
          response.headers
            .get('x-oauth-scopes')
            ?.split(',')
            .map((scope) => scope.trim())
            .filter(Boolean) ?? null,
        at: Number.isFinite(date) ? date : null,
      };
    },
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
