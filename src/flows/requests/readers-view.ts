import type { Outbox } from '../../adapters/slack/port.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import type { Ledger, StoredAuditEntry } from '../run/ledger.ts';
import type { Reader } from './reader.ts';

/** The ledger as a reader may see it; what is not read but done goes to the ledger as it is. `services`: all of them. */
export function readersLedger(ledger: Ledger, reader: Reader, services: readonly string[]): Ledger {
  const readable = services.filter((name) => reader.mayRead(name));
  const seesAll = readable.length === services.length;
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
    if (seesAll) return read({});
    const found = await Promise.all(readable.map((one) => read({ service: one })));
    // What is about everything is found with each of them.
    const all = new Map(found.flat().map((one) => [keyOf(one), one]));
    return [...all.values()].toSorted(newestFirst).slice(0, limit);
  };
  const seen: Partial<Ledger> = {
    async get(id) {
      const promotion = await ledger.get(id);
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
    openDebts: async () => (await ledger.openDebts()).filter(({ service }) => reader.mayRead(service)),
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

type Threads = Pick<Outbox, 'byThread' | 'cardOf' | 'messageGone'>;

/** The threads of promotions, each for those who may see it. Refusal `not-reader`. */
export function readersThreads(threads: Threads, reader: Reader): Threads {
  return {
    cardOf: (id) => threads.cardOf(id),
    messageGone: (channel, ts) => threads.messageGone(channel, ts),
    async byThread(channel, ts) {
      const promotion = await threads.byThread(channel, ts);
      if (promotion !== null) reader.mustBeInChannelOf(promotion.service);
      return promotion;
    },
  };
}
