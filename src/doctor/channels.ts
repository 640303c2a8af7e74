import { nearest } from '../domain/text/nearest.ts';
import { fine, type ProbeFinding, problem, warning } from './finding.ts';
import type { SlackApi, SlackChannel } from './slack-api.ts';

/** A channel as the config names it, `#ship` or its id, and the services whose cards are in it. */
export interface WantedChannel {
  readonly channel: string;
  readonly services: readonly string[];
}

/** The bot itself looks through as many channels: 20,000. */
const MOST_PAGES = 20;
const ID = /^[CG][A-Z0-9]{2,}$/;

/**
 * Whether each channel is there and has the bot in it, with the scopes of the manifest. `workspaces` are those of an
 * organisation in which the app is: there a channel is named by its id, and of a name the ids are said.
 */
export async function channelFindings(
  wanted: readonly WantedChannel[],
  workspaces: readonly string[] | null,
  api: SlackApi,
  token: string,
  signal: AbortSignal,
): Promise<ProbeFinding[]> {
  const byName = wanted.filter(({ channel }) => !ID.test(channel));
  const byId = wanted.filter(({ channel }) => ID.test(channel));
  const named = () =>
    workspaces === null
      ? findingsByName(byName, api, token, signal)
      : idsToWrite(byName, workspaces, api, token, signal);
  return [
    ...(byName.length === 0 ? [] : await named()),
    ...(await Promise.all(byId.map((one) => findingById(one, api, token, signal)))),
  ];
}

/** Channels by name: those that the bot is in, and only then all of the workspace. */
async function findingsByName(
  wanted: readonly WantedChannel[],
  api: SlackApi,
  token: string,
  signal: AbortSignal,
): Promise<ProbeFinding[]> {
  const seen = new Map<string, SlackChannel>();
  const isSeen = (one: WantedChannel) => seen.get(nameOf(one))?.isArchived === false;
  for (const list of ['users.conversations', 'conversations.list'] as const) {
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES && !wanted.every(isSeen); page += 1) {
      const answer = await api.call(list, token, signal, {
        types: 'public_channel,private_channel',
        limit: '1000',
        ...(cursor ? { cursor } : {}),
      });
      if (!answer.ok) return [notChecked(wanted, answer.error)];
      for (const channel of answer.channels ?? []) {
        // A name may belong to an archived channel and to another one that uses it again.
        const before = seen.get(channel.name);
        // Slack does not say of the bot's own channels that it is a member.
        const isMember = channel.isMember || list === 'users.conversations';
        if (before === undefined || before.isArchived) seen.set(channel.name, { ...channel, isMember });
      }
      cursor = answer.nextCursor;
      if (!cursor) break;
    }
  }
  return wanted.map((one) => {
    const found = seen.get(nameOf(one));
    return found ? stateOf(one, found) : missing(one, [...seen.keys()]);
  });
}

/** Of each name, the channels that have it in any workspace and the bot in them. */
async function idsToWrite(
  wanted: readonly WantedChannel[],
  workspaces: readonly string[],
  api: SlackApi,
  token: string,
  signal: AbortSignal,
): Promise<ProbeFinding[]> {
  const found: { readonly name: string; readonly words: string }[] = [];
  for (const workspace of workspaces) {
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const answer = await api.call('users.conversations', token, signal, {
        types: 'public_channel,private_channel',
        exclude_archived: 'true',
        limit: '1000',
        team_id: workspace,
        ...(cursor ? { cursor } : {}),
      });
      if (!answer.ok) return [notChecked(wanted, answer.error)];
      for (const { id, name } of answer.channels ?? [])
        found.push({ name, words: `${id} in the workspace ${workspace}` });
      cursor = answer.nextCursor;
      if (!cursor) break;
    }
  }
  return wanted.map((one) => {
    const ids = found.filter(({ name }) => name === nameOf(one)).map(({ words }) => words);
    return problem(
      `${one.channel} of ${one.services.join(', ')} is a name, which a channel of any workspace of the organisation may have: nothing appears there`,
      ids.length === 0
        ? 'Type /invite @Slipway in the channel that you mean, and write its id instead.'
        : `Write the id of the one that you mean instead: ${ids.join(', or ')}`,
    );
  });
}

function nameOf({ channel }: WantedChannel): string {
  return channel.replace(/^#/, '');
}

async function findingById(
  wanted: WantedChannel,
  api: SlackApi,
  token: string,
  signal: AbortSignal,
): Promise<ProbeFinding> {
  const answer = await api.call('conversations.info', token, signal, { channel: wanted.channel });
  if (answer.error === 'channel_not_found') return missing(wanted, []);
  const [channel] = answer.channels ?? [];
  return answer.ok && channel ? stateOf(wanted, channel) : notChecked([wanted], answer.error);
}

function stateOf({ channel, services }: WantedChannel, { isMember, isArchived }: SlackChannel): ProbeFinding {
  if (isArchived) {
    return problem(
      `the channel ${channel} of ${services.join(', ')} is archived`,
      'Unarchive it in Slack, or name another channel in slipway.yaml.',
    );
  }
  if (!isMember) {
    return problem(
      `the bot is not in the channel ${channel} of ${services.join(', ')}`,
      `Type /invite @Slipway in ${channel}: nothing appears there, and nothing is heard there, before.`,
    );
  }
  return fine(`the bot is in ${channel}`);
}

function missing({ channel, services }: WantedChannel, known: readonly string[]): ProbeFinding {
  const name = channel.replace(/^#/, '');
  const close = nearest(name, known);
  return problem(
    `there is no channel ${channel} of ${services.join(', ')}, or it is a private one that the bot is not in`,
    close === null
      ? `Create it and type /invite @Slipway in it, or name another channel in slipway.yaml.`
      : `Did you mean #${close}? Name it in slipway.yaml; or type /invite @Slipway in ${channel}.`,
  );
}

function notChecked(wanted: readonly WantedChannel[], why = 'no answer'): ProbeFinding {
  return warning(
    `nobody knows whether the bot is in ${wanted.map(({ channel }) => channel).join(', ')}: ${why}`,
    why === 'missing_scope'
      ? 'Give the bot token the scopes of manifest.yml, then run this again.'
      : 'Run this again in a minute.',
  );
}
