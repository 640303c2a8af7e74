import { idNow } from '../adapters/slack/channels.ts';
import { nearest } from '../domain/text/nearest.ts';
import { fine, type ProbeFinding, problem, warning } from './finding.ts';
import type { SlackCall, SlackChannel } from './slack-api.ts';

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
 * organisation in which the app is: there a channel is named by its id, and of a name the ids are said. `moved`: the ids
 * that channels got, by those that they had.
 */
export async function channelFindings(
  wanted: readonly WantedChannel[],
  workspaces: readonly string[] | null,
  call: SlackCall,
  moved: ReadonlyMap<string, string>,
): Promise<ProbeFinding[]> {
  const byName = wanted.filter(({ channel }) => !ID.test(channel));
  const byId = wanted.filter(({ channel }) => ID.test(channel));
  const named = () =>
    workspaces === null ? findingsByName(byName, call) : idsToWrite(byName, workspaces, call);
  return [
    ...(byName.length === 0 ? [] : await named()),
    ...(await Promise.all(byId.map((one) => findingById(one, call, moved)))),
  ];
}

/** The pages of a list of channels, one after the other; one that is not `ok` is the last. */
async function* pagesOf(
  call: SlackCall,
  list: 'users.conversations' | 'conversations.list',
  args: Readonly<Record<string, string>> = {},
) {
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await call(list, {
      types: 'public_channel,private_channel',
      limit: '1000',
      ...args,
      ...(cursor ? { cursor } : {}),
    });
    yield answer;
    cursor = answer.response_metadata?.next_cursor;
    if (!answer.ok || !cursor) return;
  }
}

/** Channels by name: those that the bot is in, and only then all of the workspace. */
async function findingsByName(wanted: readonly WantedChannel[], call: SlackCall): Promise<ProbeFinding[]> {
  const seen = new Map<string, SlackChannel>();
  const isSeen = (one: WantedChannel) => seen.get(nameOf(one))?.is_archived === false;
  for (const list of ['users.conversations', 'conversations.list'] as const) {
    if (wanted.every(isSeen)) break;
    for await (const { ok, error, channels = [] } of pagesOf(call, list)) {
      if (!ok) return [notChecked(wanted, error)];
      for (const channel of channels) {
        // A name may belong to an archived channel and to another one that uses it again.
        const before = seen.get(channel.name);
        // Slack does not say of the bot's own channels that it is a member.
        const is_member = channel.is_member || list === 'users.conversations';
        if (before === undefined || before.is_archived) seen.set(channel.name, { ...channel, is_member });
      }
      if (wanted.every(isSeen)) break;
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
  call: SlackCall,
): Promise<ProbeFinding[]> {
  const found: { readonly name: string; readonly words: string }[] = [];
  for (const workspace of workspaces) {
    const args = { exclude_archived: 'true', team_id: workspace };
    for await (const { ok, error, channels = [] } of pagesOf(call, 'users.conversations', args)) {
      if (!ok) return [notChecked(wanted, error)];
      for (const { id, name } of channels) found.push({ name, words: `${id} in the workspace ${workspace}` });
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
  call: SlackCall,
  moved: ReadonlyMap<string, string>,
): Promise<ProbeFinding> {
  const id = idNow(wanted.channel, moved);
  const { ok, error, channel } = await call('conversations.info', { channel: id });
  if (ok && id !== wanted.channel && channel?.is_member && !channel.is_archived) {
    return warning(
      `the channel ${wanted.channel} of ${wanted.services.join(', ')} has another id now: ${id}`,
      `Write ${id} in slipway.yaml; the bot follows it until then.`,
    );
  }
  if (error === 'channel_not_found') return missing(wanted, []);
  return ok && channel ? stateOf(wanted, channel) : notChecked([wanted], error);
}

function stateOf({ channel, services }: WantedChannel, found: SlackChannel): ProbeFinding {
  if (found.is_archived) {
    return problem(
      `the channel ${channel} of ${services.join(', ')} is archived`,
      'Unarchive it in Slack, or name another channel in slipway.yaml.',
    );
  }
  if (!found.is_member) {
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
