import type { PageGauge, PageLink, PageSwitch } from '../protocol/what-there-is.ts';
import type { Changes } from './changes.ts';
import type { Delivery } from './delivery.ts';
import type { Faults } from './faults.ts';
import type { Ids } from './ids.ts';
import type { Journal } from './journal.ts';
import type { AppManifest } from './manifest.ts';
import type { RateLimits } from './rate-limits.ts';
import type { ResponseUrls } from './response-urls.ts';
import type { Store } from './store.ts';
import type { Triggers } from './triggers.ts';
import type { Views } from './views.ts';

/** How strict the workspace is where Slack only warns. */
export interface Strictness {
  /** Blocks without `text`: Slack warns, `refuse` answers `missing_text_in_message`. */
  readonly missingText: 'refuse' | 'allow';
  /** Arguments the method does not have: Slack ignores most of them, `refuse` answers `invalid_arguments`. */
  readonly unknownArguments: 'refuse' | 'allow';
  /** `slack` keeps Slack's own limits of calls; `off` leaves them to control.rateLimit. */
  readonly rateLimits: 'slack' | 'off';
}

/** All parts of one running workspace. */
export interface Core {
  readonly manifest: AppManifest;
  readonly strictness: Strictness;
  readonly tokens: { readonly bot: string; readonly app: string; readonly signingSecret: string };
  /** What the bot token may do; starts as the manifest says. */
  readonly scopes: Set<string>;
  readonly ids: Ids;
  readonly changes: Changes;
  readonly store: Store;
  readonly views: Views;
  readonly triggers: Triggers;
  readonly responseUrls: ResponseUrls;
  readonly faults: Faults;
  readonly rateLimits: RateLimits;
  readonly journal: Journal;
  readonly delivery: Delivery;
  /** `http://127.0.0.1:PORT`, known once it listens. */
  readonly address: { url: string };
  readonly panel: Panel;
  /** Id of the channel that pages begin in. */
  readonly start?: string;
}

/** What the demo shows beside Slack itself. */
export interface Panel {
  readonly links: readonly PageLink[];
  /** Status lines over the switches. Told to the pages together with the switches. */
  gauges?(): readonly PageGauge[];
  switches(): readonly PageSwitch[];
  /** Begins to say when gauges or switches changed by themselves; answers with what ends that. */
  watch?(changed: () => void): () => void;
  set(id: string, value: string): Promise<void>;
}
