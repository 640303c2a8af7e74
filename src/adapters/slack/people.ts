import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import { Channels } from './channels.ts';
import { failureOf, slackCode } from './errors.ts';
import type { People, Profile } from './port.ts';

/** A dismissed approver must not approve for long; a click must not ask Slack for every name. */
const KEEP_MS = 60_000;

const User = z.looseObject({
  user: z.looseObject({
    id: z.string(),
    team_id: z.string().optional(),
    name: z.string().optional(),
    real_name: z.string().optional(),
    deleted: z.boolean().optional(),
    is_bot: z.boolean().optional(),
    is_restricted: z.boolean().optional(),
    is_ultra_restricted: z.boolean().optional(),
    is_stranger: z.boolean().optional(),
    /** In an Enterprise organisation people belong to several workspaces. */
    enterprise_user: z.looseObject({ teams: z.array(z.string()).optional() }).optional(),
    profile: z.looseObject({ email: z.string().optional(), display_name: z.string().optional() }).optional(),
  }),
});

const Groups = z.looseObject({
  usergroups: z.array(
    z.looseObject({ id: z.string(), handle: z.string().optional(), date_delete: z.number().optional() }),
  ),
});

const Members = z.looseObject({ users: z.array(z.string()) });

const ChannelMembers = z.looseObject({
  members: z.array(z.string()),
  response_metadata: z.looseObject({ next_cursor: z.string().optional() }).optional(),
});
/** Slack's own limit for a page. */
const MOST_MEMBERS = 1_000;
/** What Slack says of a channel that the bot cannot see into. */
const NOBODY_THERE = ['channel_not_found', 'not_in_channel', 'is_archived'];

/** People and groups of a Slack workspace. What was read is kept for a minute; failures are not kept. */
export class SlackPeople implements People {
  readonly #client: WebClient;
  readonly #team: () => Promise<string>;
  readonly #now: () => number;
  readonly #channels: Channels;
  readonly #kept = new Map<string, { readonly until: number; readonly value: Promise<unknown> }>();

  /** `team` is the id of the workspace that people have to belong to. */
  constructor(client: WebClient, team: () => Promise<string>, now: () => number) {
    this.#client = client;
    this.#team = team;
    this.#now = now;
    this.#channels = new Channels(client);
  }

  profile(user: string): Promise<Profile> {
    return this.#keep(`user ${user}`, async () => {
      try {
        const team = await this.#team();
        return profileOf(User.parse(await this.#client.users.info({ user })).user, team);
      } catch (error) {
        const code = slackCode(error);
        if (code === 'user_not_found' || code === 'user_not_visible')
          throw new Refusal('person-unknown', { user });
        throw unavailable(error);
      }
    });
  }

  members(group: string): Promise<readonly string[]> {
    return this.#keep(`group ${group}`, async () => {
      try {
        const usergroup = await this.#groupId(group);
        return Members.parse(await this.#client.usergroups.users.list({ usergroup })).users;
      } catch (error) {
        if (error instanceof Refusal) throw error;
        const code = slackCode(error);
        if (code === 'no_such_subteam' || code === 'subteam_not_found')
          throw new Refusal('group-unknown', { group });
        throw unavailable(error);
      }
    });
  }

  isInChannel(user: string, channel: string): Promise<boolean> {
    return this.#keep(`channel ${channel} ${user}`, async () => {
      try {
        const id = await this.#channels.idOf(channel);
        if (id === null) return false;
        for (let cursor = ''; ; ) {
          const page = { channel: id, limit: MOST_MEMBERS, ...(cursor === '' ? {} : { cursor }) };
          const answer = ChannelMembers.parse(await this.#client.conversations.members(page));
          if (answer.members.includes(user)) return true;
          cursor = answer.response_metadata?.next_cursor ?? '';
          if (cursor === '') return false;
        }
      } catch (error) {
        if (NOBODY_THERE.includes(slackCode(error) ?? '')) return false;
        throw unavailable(error);
      }
    });
  }

  /** By id or handle; a disabled group is none. */
  async #groupId(group: string): Promise<string> {
    const groups = await this.#keep(
      'groups',
      async () => Groups.parse(await this.#client.usergroups.list()).usergroups,
    );
    const handle = group.replace(/^@/, '');
    const found = groups.find((one) => (one.id === group || one.handle === handle) && !one.date_delete);
    if (!found) throw new Refusal('group-unknown', { group });
    return found.id;
  }

  /** Calls that come while one is under way share its answer. */
  #keep<T>(key: string, read: () => Promise<T>): Promise<T> {
    const now = this.#now();
    const kept = this.#kept.get(key);
    if (kept && kept.until > now) return kept.value as Promise<T>;
    if (this.#kept.size > 5_000) this.#kept.clear();
    const value = read();
    this.#kept.set(key, { until: now + KEEP_MS, value });
    value.catch(() => this.#kept.delete(key));
    return value;
  }
}

function profileOf(user: z.infer<typeof User>['user'], team: string): Profile {
  const teams = [user.team_id ?? team, ...(user.enterprise_user?.teams ?? [])];
  const email = user.profile?.email;
  return {
    id: user.id,
    name: user.real_name || user.profile?.display_name || user.name || user.id,
    ...(email ? { email: email.toLowerCase() } : {}),
    deleted: user.deleted ?? false,
    bot: user.is_bot ?? false,
    restricted: Boolean(
      user.is_restricted || user.is_ultra_restricted || user.is_stranger || !teams.includes(team),
    ),
  };
}

function unavailable(error: unknown): Unavailable {
  const failure = failureOf(error);
  const wait = failure.kind === 'wait' ? { retryAfterMs: failure.ms } : {};
  return new Unavailable('Slack', failure.code, { cause: error, ...wait });
}
