import type { PageGauge, PageLink, PageSwitch } from '../protocol/directory.ts';
import type { Delivery } from './delivery/delivery.ts';
import type { Journal } from './delivery/journal.ts';
import type { Faults } from './faults/faults.ts';
import type { RateLimits } from './faults/rate-limits.ts';
import type { Changes } from './state/changes.ts';
import type { Ids } from './state/ids.ts';
import type { AppManifest } from './state/manifest.ts';
import type { ResponseUrls } from './state/response-urls.ts';
import type { Store } from './state/store.ts';
import type { Triggers } from './state/triggers.ts';
import type { Views } from './state/views.ts';
import type { Strictness } from './strict/strictness.ts';

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
