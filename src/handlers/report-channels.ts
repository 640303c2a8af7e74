import type { App } from '@slack/bolt';
import { Refusal, Unavailable } from '../domain/refusals/refusal.ts';
import { shortQuote, wordSaidIn } from '../domain/reports/words.ts';
import { asWritten } from '../domain/text/typed.ts';
import { countReport } from '../flows/requests/report.ts';
import type { Caller } from '../flows/requests/request.ts';
import type { Ports } from '../flows/run/ports.ts';
import type { HandlerContext } from './support/context.ts';
import { linkTo } from './support/links.ts';
import { mustBeOurs } from './support/verify-origin.ts';

/** Names of so many channels are remembered, each for so long, in ms. */
const MOST_CHANNELS = 500;
const NAME_KEPT_MS = 10 * 60_000;

/** What somebody wrote in a channel, not in a thread. */
interface Written {
  readonly channel: string;
  readonly ts: string;
  /** Slack user id, or that of a bot. */
  readonly by: string;
  /** Ids of the bot and the app that wrote it; none for people. */
  readonly bots: readonly string[];
  readonly text: string;
  readonly isPrivate: boolean;
}

/**
 * Problems that people, and the bots that the config names, report in channels for support. Nobody is answered there: what
 * counts is said in the thread of the release.
 */
export function onReportChannels(app: App, context: HandlerContext): void {
  const names = new ChannelNames(context);
  app.event('message', async ({ event, body }) => {
    const services = [...context.requests.services.values()].filter(
      ({ service }) => (service.reports?.channels.length ?? 0) > 0,
    );
    const written = services.length === 0 ? null : writtenIn(event);
    if (written === null) return;
    try {
      for (const ports of services) await hear(context, names, ports, written, body);
    } catch (error) {
      if (error instanceof Refusal) return;
      const level = error instanceof Unavailable ? 'debug' : 'warn';
      context.log[level]({ err: error, channel: written.channel }, 'a report in a channel was not counted');
    }
  });
}

async function hear(
  context: HandlerContext,
  names: ChannelNames,
  { service }: Ports,
  written: Written,
  body: { readonly event_id: string },
): Promise<void> {
  const { channel, ts, by, bots, text, isPrivate } = written;
  const { reports } = service;
  if (reports === undefined || (bots.length > 0 && !bots.some((id) => reports.bots.includes(id)))) return;
  if (wordSaidIn(text, reports.words) === null) return;
  if (!(await names.isOneOf(channel, reports.channels))) return;
  const { url } = await context.installation();
  const link = linkTo(url, channel, ts, undefined);
  const caller: Caller = { user: by, via: 'channel', key: body.event_id, channel, ts, link };
  await mustBeOurs(context, caller, body, 'promotion.report');
  await countReport(context.requests, service.name, {
    key: `${channel}:${ts}`,
    place: 'channel',
    by,
    isPerson: bots.length === 0,
    text,
    // What was written among few is not repeated among many.
    ...(isPrivate ? {} : { quote: shortQuote(text) }),
    link,
    source: { via: 'channel', channel, ts, link },
  });
}

/** New messages only: no edits, no replies, and none of the kinds that say that something happened in the channel. */
function writtenIn(event: object): Written | null {
  const message = event as Readonly<Record<string, unknown>>;
  const { subtype, channel, ts, text, thread_ts: thread, channel_type: type } = message;
  const isWords = subtype === undefined || subtype === 'file_share' || subtype === 'bot_message';
  if (!isWords || message['edited'] !== undefined || message['hidden'] === true) return null;
  if (thread !== undefined && thread !== ts) return null;
  if (typeof channel !== 'string' || typeof ts !== 'string' || typeof text !== 'string') return null;
  const bots = [message['bot_id'], message['app_id']].filter((id) => typeof id === 'string');
  const by = bots[0] ?? message['user'];
  if (typeof by !== 'string' || (subtype === 'bot_message' && bots.length === 0)) return null;
  return { channel, ts, by, bots, text: asWritten(text), isPrivate: type !== 'channel' };
}

type ChannelContext = Pick<HandlerContext, 'client' | 'requests' | 'installation' | 'channelId'>;

/**
 * Whether a channel, given by its id, is one that the config names. Asks Slack once in ten minutes for a name. In an
 * organisation no name counts: each of its workspaces may have a channel of it.
 */
class ChannelNames {
  readonly #context: ChannelContext;
  readonly #names = new Map<string, { readonly name: string; readonly until: number }>();

  constructor(context: ChannelContext) {
    this.#context = context;
  }

  async isOneOf(channel: string, wanted: readonly string[]): Promise<boolean> {
    if (wanted.includes(channel)) return true;
    // Slack may have given one another id.
    for (const id of wanted.filter((one) => !one.startsWith('#')))
      if ((await this.#context.channelId(id)) === channel) return true;
    if (!wanted.some((one) => one.startsWith('#'))) return false;
    if ((await this.#context.installation()).enterprise !== undefined) return false;
    return wanted.includes(`#${await this.#nameOf(channel)}`);
  }

  async #nameOf(channel: string): Promise<string> {
    const { client, requests } = this.#context;
    const now = requests.now();
    const known = this.#names.get(channel);
    if (known !== undefined && known.until > now) return known.name;
    const answer = await client.conversations.info({ channel });
    const name = answer.channel?.name ?? '';
    this.#names.delete(channel);
    this.#names.set(channel, { name, until: now + NAME_KEPT_MS });
    const [oldest] = this.#names.keys();
    if (this.#names.size > MOST_CHANNELS && oldest !== undefined) this.#names.delete(oldest);
    return name;
  }
}
