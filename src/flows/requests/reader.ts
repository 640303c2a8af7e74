import type { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import type { Ports } from '../run/ports.ts';

/**
 * What one person sees of a service: all of it; nothing, because they are not in its channel; nothing wherever they
 * are, because of who they are; or nothing for anybody, because of what the config says, which the Refusal tells. Unavailable
 * while Slack does not say.
 */
export type Sight = 'all' | 'not-in-channel' | 'barred' | 'nobody' | Refusal | Unavailable;

/** What one person may see. All but `look` and `reads` throw Unavailable where it depends on what Slack does not say now. */
export interface Reader {
  /** Asks about this service alone, where the question about all of them was not answered. */
  look(service: string): Promise<void>;
  mayRead(service: string): boolean;
  /** The same as far as Slack says it now, else null: for what comes along with something else, and never for a list. */
  reads(service: string): boolean | null;
  /** Refusals: `not-reader`, `channel-by-name`; `person-not-full-member` and `person-unknown` for those who may not look at all. */
  mustRead(service: string): void;
  /**
   * Refusal `not-reader` or `channel-by-name` only for those whom joining the channel would help. Whoever may not look at all is refused by what
   * they ask for, or by `mustRead` before anything is shown.
   */
  mustBeInChannelOf(service: string): void;
  /** The same for whom every service is hidden from; Refusal `reads-nothing` where joining a channel would help. */
  mustReadSome(): void;
}

interface Sights {
  readonly services: ReadonlyMap<string, Ports>;
  readonly reader?: Reader;
}

/** Services that may be shown to whoever asks, by name; all of them where nobody asks. */
export function readableServices({ services, reader }: Sights): ReadonlyMap<string, Ports> {
  return reader ? new Map([...services].filter(([name]) => reader.mayRead(name))) : services;
}

/** Those of them of which Slack says it now: for what comes along with something else. */
export function servicesSeenNow({ services, reader }: Sights): ReadonlyMap<string, Ports> {
  return reader ? new Map([...services].filter(([name]) => reader.reads(name))) : services;
}
