import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Installation } from '../../adapters/slack/port.ts';
import type { ServiceView } from '../../blocks/kit/views.ts';
import type { Seal } from '../../domain/text/seal.ts';
import type { RequestContext } from '../../flows/requests/request.ts';
import type { Pictures } from './pictures.ts';
import type { Prompts } from './prompts.ts';

/** What every handler works with. */
export interface HandlerContext {
  readonly requests: RequestContext;
  /** Seals what it sends; Bolt's own client does not, so handlers use this one. */
  readonly client: WebClient;
  /** Opens what came back. */
  readonly seal: () => Promise<Seal>;
  readonly installation: () => Promise<Installation>;
  readonly log: Logger;
  readonly serviceView: (name: string) => ServiceView | undefined;
  readonly homeTabs: HomeTabs;
  readonly pictures: Pictures;
  /** Messages with buttons outside of threads: stored in the ledger, and delivered by this. */
  readonly prompts: Pick<Prompts, 'ask' | 'look' | 'idle'>;
  /** The id of a channel that the config names; null where the bot is not in it. */
  readonly channelId: (name: string) => Promise<string | null>;
}

/** What lists with links to threads are made from. */
export type LinkContext = Pick<HandlerContext, 'requests' | 'installation' | 'log'>;

/** The Home tabs of people. */
export interface HomeTabs {
  /** Shows a person their Home tab as things stand, and keeps it up to date while they may be reading. Never throws. */
  show(user: string): Promise<void>;
  /** Shows readers within a second or so what has changed besides promotions, such as locks. */
  refreshSoon(): void;
}
