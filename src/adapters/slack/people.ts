import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import { Channels } from './channels.ts';
import { failureOf, slackCode } from './errors.ts';
import { FreshCalls } from './fresh-calls.ts';
import { Workspaces } from './identity/workspaces.ts';
import type { Directory, Installation, People, Profile } from './port.ts';
import { RecentAnswers } from './recent-answers.ts';

const User = z.looseObject({
  user: z.looseObject({
    id: z.string(),
    team_id: z.string().optional(),
    name: z.string().optional(),
    real_name: z.string().optional(),
    deleted: z.boolean().optional(),
    is_bot: z.boolean().optional(),
    is_workflow_bot: z.boolean().optional(),
    is_restricted: z.boolean().optional(),
    is_ultra_restricted: z.boolean().optional(),
    is_stranger: z.boolean().optional(),
    tz: z.string().nullish(),
    /** In an Enterprise organisation people belong to several workspaces. */
    enterprise_user: z
      .looseObject({ enterprise_id: z.string().optional(), teams: z.array(z.string()).optional() })
      .optional(),
    profile: z.looseObject({ email: z.string().optional(), display_name: z.string().optional() }).optional(),
  }),
});

const Found = z.looseObject({ user: z.looseObject({ id: z.string() }) });

const Groups = z.looseObject({
  usergroups: z.array(
    z.looseObject({
      id: z.string(),
      /** When it was disabled, in seconds; 0 or absent while it is in use. */
      date_delete: z.number().optional(),
      users: z.array(z.string()).optional(),
    }),
  ),
});

const ChannelMembers = z.looseObject({
  members: z.array(z.string()),
  response_metadata: z.looseObject({ next_cursor: z.string().optional() }).optional(),
});
type Group = z.infer<typeof Groups>['usergroups'][number];
type Home = Pick<Installation, 'team' | 'enterprise'>;

/** Slack's own limit for a page. */
const MOST_MEMBERS = 1_000;
/** What Slack says of a channel that the bot cannot see into. */
const NOBODY_THERE = ['channel_not_found', 'not_in_channel', 'is_archived'];
/** Slack says of its own bot that it is none. */
const SLACKBOT = 'USLACKBOT';

/** How long an answer may be shown, ms. */
const KEEP_MS = 60_000;
/** Of a hundred questions in a minute, and twenty for all groups, half are left for counts. */
const MOST_CLICKS = { user: 50, channel: 50, groups: 10 };
type Kind = keyof typeof MOST_CLICKS;
/** So many channels are each asked who is in them once a minute, however many people look. */
const FEW_CHANNELS = 20;

/** People, user groups and channels of a Slack workspace. */
export class SlackPeople implements People {
  readonly forDisplay: Directory;
  readonly forClicks: Directory;
  readonly #client: WebClient;
  readonly #installation: () => Promise<Home>;
  readonly #channels: Channels;
  readonly #workspaces: Workspaces;
  readonly #calls: FreshCalls;
  readonly #addresses: RecentAnswers;
  /** Channels of services that were asked about for what is shown. */
  readonly #shown = new Set<string>();

  /** `installation` says to which workspace, or organisation, people have to belong. */
  constructor(
    client: WebClient,
    installation: () => Promise<Home>,
    now: () => number,
    moved?: () => Promise<ReadonlyMap<string, string>>,
  ) {
    this.#client = client;
    this.#installation = installation;
    this.#channels = new Channels(client, now, moved);
    this.#workspaces = new Workspaces(client, now);
    this.#addresses = new RecentAnswers(now, KEEP_MS);
    this.#calls = new FreshCalls(now);
    const recent = new RecentAnswers(now, KEEP_MS);
    this.forDisplay = {
      ...this.#directory((question, call) => recent.get(question, call)),
      isInChannel: (user, channel) => this.#isListed(user, channel, recent),
    };
    this.forClicks = this.#directory((question, call, kind) =>
      this.#calls.made(kind) > MOST_CLICKS[kind]
        ? recent.get(question, call, KEEP_MS)
        : recent.renew(question, call),
    );
  }

  #directory(ask: <T>(question: string, call: () => Promise<T>, kind: Kind) => Promise<T>): Directory {
    return {
      profile: (user) => ask(`user ${user}`, () => this.profile(user), 'user'),
      byEmail: (email) => this.byEmail(email),
      members: async (group) => membersIn(await ask('groups', () => this.#groups(), 'groups'), group),
      isInChannel: async (user, channel) =>
        (await ask(`channel ${channel}`, () => this.#membersOf(channel), 'channel')).has(user),
    };
  }

  profile(user: string): Promise<Profile> {
    return this.#calls.ask(`user ${user}`, async () => {
      try {
        const home = await this.#installation();
        return profileOf(User.parse(await this.#client.users.info({ user })).user, home);
      } catch (error) {
        const code = slackCode(error);
        if (code === 'user_not_found' || code === 'user_not_visible')
          throw new Refusal('person-unknown', { user });
        throw unavailable(error);
      }
    });
  }

  byEmail(email: string): Promise<string | null> {
    return this.#addresses.get(email, async () => {
      try {
        return Found.parse(await this.#client.users.lookupByEmail({ email })).user.id;
      } catch (error) {
        if (slackCode(error) === 'users_not_found') return null;
        throw unavailable(error);
      }
    });
  }

  async members(group: string): Promise<readonly string[]> {
    return membersIn(await this.#groups(), group);
  }

  async isInChannel(user: string, channel: string): Promise<boolean> {
    return (await this.#membersOf(channel)).has(user);
  }

  /**
   * The same, asked of the channel while there are few, once for all people; else by the list of the person's channels:
   * one question for all services. In an organisation each workspace has a list of its own, and a channel may be in
   * several: there it is always asked of the channel.
   */
  async #isListed(user: string, channel: string, recent: RecentAnswers): Promise<boolean> {
    this.#shown.add(channel);
    // All that are asked about at once are known from here on.
    const { enterprise } = await this.#answered(this.#installation());
    if (enterprise !== undefined || this.#shown.size <= FEW_CHANNELS)
      return (await recent.get(`channel ${channel}`, () => this.#membersOf(channel))).has(user);
    const id = await this.#answered(this.#channels.idOf(channel));
    if (id === null) return false;
    const listed = () => this.#calls.ask(`channels ${user}`, () => this.#answered(this.#channels.of(user)));
    return (await recent.get(`channels ${user}`, listed)).has(id);
  }

  /** All groups with their members: only this list tells which of them are in use. */
  #groups(): Promise<readonly Group[]> {
    return this.#calls.ask('groups', async () => {
      const lists = await this.#answered(
        this.#workspaces.all((of) => this.#client.usergroups.list({ include_users: true, ...of })),
      );
      return lists.flatMap((list) => Groups.parse(list).usergroups);
    });
  }

  async #answered<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      throw error instanceof Refusal ? error : unavailable(error);
    }
  }

  #membersOf(channel: string): Promise<ReadonlySet<string>> {
    return this.#calls.ask(`channel ${channel}`, () => this.#channelMembers(channel));
  }

  async #channelMembers(channel: string): Promise<ReadonlySet<string>> {
    const members = new Set<string>();
    try {
      const id = await this.#channels.idOf(channel);
      if (id === null) return members;
      for (let cursor = ''; ; ) {
        const page = { channel: id, limit: MOST_MEMBERS, ...(cursor === '' ? {} : { cursor }) };
        const answer = ChannelMembers.parse(await this.#client.conversations.members(page));
        for (const user of answer.members) members.add(user);
        cursor = answer.response_metadata?.next_cursor ?? '';
        if (cursor === '') return members;
      }
    } catch (error) {
      if (error instanceof Refusal) throw error;
      if (NOBODY_THERE.includes(slackCode(error) ?? '')) return new Set();
      throw unavailable(error);
    }
  }
}

function membersIn(groups: readonly Group[], group: string): readonly string[] {
  const found = groups.find((one) => one.id === group && !one.date_delete);
  if (!found) throw new Refusal('group-unknown', { group });
  return found.users ?? [];
}

/** Full members only: what Slack leaves out about somebody is not taken for a yes. */
function profileOf(user: z.infer<typeof User>['user'], home: Home): Profile {
  const email = user.profile?.email;
  const isStranger = user.is_stranger === true || !belongsTo(home, user);
  const isGuest = user.is_restricted !== false || user.is_ultra_restricted !== false;
  return {
    id: user.id,
    name: user.real_name || user.profile?.display_name || user.name || user.id,
    ...(email ? { email: email.toLowerCase() } : {}),
    ...(user.tz ? { zone: user.tz } : {}),
    deleted: user.deleted ?? false,
    bot: user.is_bot !== false || user.is_workflow_bot === true || user.id === SLACKBOT,
    restricted: isGuest || isStranger,
    stranger: isStranger,
    ...(home.enterprise === undefined ? {} : { ofOrganisation: true }),
  };
}

/** Where the app is installed in a whole organisation, its people are ours, whichever workspace they sit in. */
function belongsTo({ team, enterprise }: Home, user: z.infer<typeof User>['user']): boolean {
  const { team_id: own, enterprise_user: inOrganisation } = user;
  if (enterprise !== undefined && inOrganisation?.enterprise_id !== undefined)
    return inOrganisation.enterprise_id === enterprise;
  return inOrganisation?.teams === undefined ? own === team : inOrganisation.teams.includes(team);
}

function unavailable(error: unknown): Unavailable {
  const failure = failureOf(error);
  const wait = failure.kind === 'wait' ? { retryAfterMs: failure.ms } : {};
  return new Unavailable('Slack', failure.code, { cause: error, ...wait });
}
