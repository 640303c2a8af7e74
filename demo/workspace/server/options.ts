import type { Panel } from './core.ts';
import type { DeliveryTimes } from './delivery/delivery.ts';
import type { ChannelOption, GroupOption, UserOption } from './state/defaults.ts';
import type { Organisation } from './state/store.ts';
import type { Strictness } from './strict/strictness.ts';

export interface WorkspaceOptions {
  /** The app's manifest: path or parsed. The project's manifest.yml by default. */
  readonly manifest?: string | object;
  /** 0, the default, lets the system choose. */
  readonly port?: number;
  /** Where bots reach it, when that is not its port of this machine: `https://slack.test`. */
  readonly publicUrl?: string;
  /** When the port is taken, any free one will do. */
  readonly otherPort?: boolean;
  readonly team?: { readonly id: string; readonly name: string; readonly domain: string };
  /** The app is installed in this whole organisation, of which the workspace is one. */
  readonly organisation?: Organisation;
  readonly users?: readonly UserOption[];
  readonly channels?: readonly ChannelOption[];
  readonly groups?: readonly GroupOption[];
  readonly strictness?: Partial<Strictness>;
  readonly times?: Partial<DeliveryTimes>;
  /** Events go there as signed HTTP requests instead of over Socket Mode. */
  readonly requestUrl?: string;
  /** Every exchange goes to this file as NDJSON, tokens masked. */
  readonly record?: string;
  readonly panel?: Panel;
  /** Id of the channel that the page begins in; the first one by default. */
  readonly start?: string;
  /** ms since 1970. */
  readonly now?: () => number;
}
