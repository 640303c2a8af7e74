import type { Directory } from '../../adapters/slack/port.ts';
import { mayLookAtAll, seesWithoutChannel } from '../../domain/policy/visibility.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import type { Ledger, StoredAuditEntry } from '../run/ledger.ts';
import type { Ports } from '../run/ports.ts';
import type { Reader, Sight } from './reader.ts';
import type { RequestContext } from './request.ts';

/**
 * The same requests as one person may see them: every service, promotion and row of the audit that is asked for by its
 * name is refused where it is hidden from them, and lists leave it out. What they may do is decided as ever. Where Slack
 * does not answer for all services, what is asked of one promotion or service is asked of its channel alone; lists throw
 * Unavailable.
 */
export async function asSeenBy(requests: RequestContext, user: string): Promise<RequestContext> {
  const reader = await readerOf(requests, user);
  const services = [...requests.services.keys()];
  return {
    ...requests,
    reader,
    ledger: readersLedger(requests.ledger, reader, services),
    threads: readersThreads(requests.threads, reader),
  };
}

async function readerOf(requests: RequestContext, user: string): Promise<Reader> {
  const { services } = requests;
  // What somebody sees may be a minute old; what they may do never is.
  const people = requests.people.forDisplay;
  const names = [...services.keys()];
  const sights = new Map<string, Sight>();
  const lookWith = async (directory: Directory, name: string) => {
    const ports = services.get(name);
    if (ports) sights.set(name, await sightOf(directory, user, ports.service));
  };
  await Promise.all(names.map((name) => lookWith(people, name)));
  const sees = (name: string) => {
    const sight = sights.get(name);
    if (sight instanceof Unavailable) throw sight;
    return sight === 'all';
  };
  // What the configuration names no more is for those who see everything.
  const mayRead = (name: string) => (services.has(name) ? sees(name) : names.every(sees));
  const channelOf = (name: string) => services.get(name)?.service.channel ?? '';
  const hidden = (sight: Sight | undefined, otherwise: () => Refusal): Error => {
    if (sight instanceof Error) return sight;
    if (sight === 'barred') return new Refusal('person-not-full-member', { action: 'look' });
    return sight === 'nobody' ? new Refusal('person-unknown', { user }) : otherwise();
  };
  return {
    async look(name) {
      if (sights.get(name) instanceof Unavailable) await lookWith(requests.people.forClicks, name);
    },
    mayRead,
    reads: (name) => (sights.get(name) instanceof Unavailable ? null : mayRead(name)),
    mustRead(name) {
      if (mayRead(name)) return;
      const facts = { service: name, channel: channelOf(name) };
      throw hidden(sights.get(name), () => new Refusal('not-reader', facts));
    },
    mustBeInChannelOf(name) {
      const sight = sights.get(name) ?? 'not-in-channel';
      if (sight instanceof Error) throw sight;
      if (mayRead(name) || sight !== 'not-in-channel') return;
      throw new Refusal('not-reader', { service: name, channel: channelOf(name) });
    },
    mustReadSome() {
      if (names.length === 0 || names.some(sees)) return;
      const channels = [...new Set(names.map(channelOf))];
      throw hidden(sights.get(names[0] ?? ''), () => new Refusal('reads-nothing', { channels }));
    },
  };
}

async function sightOf(
  people: Directory,
  user: string,
  { channel, visibility }: Ports['service'],
): Promise<Sight> {
  try {
    const profile = await people.profile(user);
    if (!mayLookAtAll(profile)) return 'barred';
    if (seesWithoutChannel(visibility, profile)) return 'all';
    return (await people.isInChannel(user, channel)) ? 'all' : 'not-in-channel';
  } catch (error) {
    if (error instanceof Unavailable) return error;
    if (!(error instanceof Refusal)) throw error;
    return error.code === 'person-unknown' ? 'nobody' : error;
  }
}

/** The ledger as a reader may see it; what is not read but done goes to the ledger as it is. `services`: all of them. */
export function readersLedger(ledger: Ledger, reader: Reader, services: readonly string[]): Ledger {
  /** Of one service, or of all that may be seen, in this order. */
  const listed = async <T>(
    service: string | undefined,
    limit: number,
    read: (of: { readonly service?: string }) => Promise<readonly T[]>,
    newestFirst: (a: T, b: T) => number,
    keyOf: (one: T) => string | number,
  ): Promise<readonly T[]> => {
    if (service !== undefined) reader.mustRead(service);
    else reader.mustReadSome();
    if (service !== undefined) return read({ service });
    const readable = services.filter((name) => reader.mayRead(name));
    if (readable.length === services.length) return read({});
    const found = await Promise.all(readable.map((one) => read({ service: one })));
    // What is about everything is found with each of them.
    const all = new Map(found.flat().map((one) => [keyOf(one), one]));
    return [...all.values()].toSorted(newestFirst).slice(0, limit);
  };
  const seen: Partial<Ledger> = {
    async get(id) {
      const promotion = await ledger.get(id);
      await reader.look(promotion.service);
      reader.mustBeInChannelOf(promotion.service);
      return promotion;
    },
    recent: ({ service, ...filter }) =>
      listed<Promotion>(
        service,
        filter.limit,
        (of) => ledger.recent({ ...filter, ...of }),
        (a, b) => b.createdAt - a.createdAt,
        ({ id }) => id,
      ),
    auditTrail: ({ service, ...filter }) =>
      listed<StoredAuditEntry>(
        service,
        filter.limit,
        (of) => ledger.auditTrail({ ...filter, ...of }),
        (a, b) => b.seq - a.seq,
        ({ seq }) => seq,
      ),
    openDebts: async () => (await ledger.openDebts()).filter(({ service }) => reader.reads(service)),
  };
  return new Proxy(ledger, {
    get(target, name) {
      const own: unknown = Reflect.get(seen, name);
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

type Threads = RequestContext['threads'];

/** The threads of promotions, each for those who may see it. Refusal `not-reader`. */
function readersThreads(threads: Threads, reader: Reader): Threads {
  return {
    cardOf: (id) => threads.cardOf(id),
    messageGone: (channel, ts) => threads.messageGone(channel, ts),
    channelMoved: (from, to) => threads.channelMoved(from, to),
    async byThread(channel, ts) {
      const promotion = await threads.byThread(channel, ts);
      if (promotion === null) return null;
      await reader.look(promotion.service);
      reader.mustBeInChannelOf(promotion.service);
      return promotion;
    },
  };
}
