/**
 * What the page and the server of the local workspace say to each other.
 *
 * One WebSocket, `/page/socket?as=USER`, JSON in both directions. The page sends `PageRequest`s, each answered
 * by one `PageReply` with the same id; everything else arrives as a `PageEvent`. A tab acts as one user at a
 * time; whatever it receives is what that user may see (public and own channels, own ephemeral messages and
 * modals). After a reconnect the page gets a new snapshot and may forget all it knew.
 *
 * HTTP beside it, same origin: `GET /files/FILE_ID/NAME` (the bytes; images too; `?download=1` for an
 * attachment header). Addresses in `PageFile` are relative to the page's origin.
 *
 * Types only: nothing of this folder exists at run time.
 */

import type {
  PageApp,
  PageChannel,
  PageGauge,
  PageLink,
  PageSwitch,
  PageTeam,
  PageUser,
  PageUserGroup,
} from './directory.ts';
import type { PageMessage } from './messages.ts';
import type { PageView } from './views.ts';

export type PageReply =
  | { readonly type: 'reply'; readonly id: number; readonly ok: true; readonly result: unknown }
  | {
      readonly type: 'reply';
      readonly id: number;
      readonly ok: false;
      /** Stable: `dispatch_failed`, `operation_timeout`, `unknown_command`, `not_in_channel`, … */
      readonly error: string;
      /** To show, e.g. `/ship-prod failed with the error "operation_timeout"`. */
      readonly text: string;
    };

export interface PageUnread {
  /** Messages not seen. */
  readonly count: number;
  /** Of those, the ones that mention the acting user or are direct. */
  readonly mentions: number;
}

export interface PageSnapshot {
  readonly type: 'snapshot';
  readonly team: PageTeam;
  /** Who this tab acts as. */
  readonly me: string;
  readonly users: readonly PageUser[];
  readonly userGroups: readonly PageUserGroup[];
  readonly channels: readonly PageChannel[];
  /** Id of the channel to begin in; absent means the first. */
  readonly start?: string;
  /** By channel id; channels without unread messages are left out. */
  readonly unread: Readonly<Record<string, PageUnread>>;
  readonly app: PageApp;
  readonly botOnline: boolean;
  /** Modals open for this user, bottom of the stack first. */
  readonly views: readonly PageView[];
  readonly home: PageView | null;
  readonly switches: readonly PageSwitch[];
  readonly links: readonly PageLink[];
  /** Shown above the switches; absent means none. */
  readonly gauges?: readonly PageGauge[];
}

export type PageEvent =
  | PageSnapshot
  /** New or changed, replace by channel and ts. Thread replies too; their parent follows with new counts. */
  | { readonly type: 'message'; readonly message: PageMessage }
  | { readonly type: 'message_deleted'; readonly channel: string; readonly ts: string }
  /** The whole stack of modals of the acting user, bottom first; empty when the last one closed. */
  | { readonly type: 'views'; readonly views: readonly PageView[] }
  /** Show the errors at the blocks; the modal stays. */
  | {
      readonly type: 'view_errors';
      readonly viewId: string;
      readonly errors: Readonly<Record<string, string>>;
    }
  | { readonly type: 'home'; readonly view: PageView | null }
  | { readonly type: 'unread'; readonly channel: string; readonly unread: PageUnread }
  | { readonly type: 'channel'; readonly channel: PageChannel }
  | { readonly type: 'user'; readonly user: PageUser }
  | { readonly type: 'user_group'; readonly userGroup: PageUserGroup }
  | { readonly type: 'bot'; readonly online: boolean }
  | { readonly type: 'switches'; readonly switches: readonly PageSwitch[] }
  | { readonly type: 'gauges'; readonly gauges: readonly PageGauge[] }
  /** "Slipway did not respond in time", an expired trigger, … */
  | {
      readonly type: 'toast';
      readonly kind: 'error' | 'info';
      readonly error: string;
      readonly text: string;
    };

export type ServerMessage = PageEvent | PageReply;
