import { join } from 'node:path';
import { projectRoot } from '../../project-root.ts';
import type { Core, Panel } from './core.ts';
import { Delivery, type DeliveryTimes } from './delivery/delivery.ts';
import { HttpMode } from './delivery/http-mode.ts';
import { Journal } from './delivery/journal.ts';
import { SocketMode } from './delivery/socket-mode.ts';
import type { Transport } from './delivery/transport.ts';
import { Faults } from './faults/faults.ts';
import { RateLimits } from './faults/rate-limits.ts';
import type { WorkspaceOptions } from './options.ts';
import { Changes } from './state/changes.ts';
import { APP_ID, BOT_ID, BOT_USER, DEFAULT_TEAM } from './state/defaults.ts';
import { Ids } from './state/ids.ts';
import { readManifest } from './state/manifest.ts';
import { ResponseUrls } from './state/response-urls.ts';
import { Store } from './state/store.ts';
import { Triggers } from './state/triggers.ts';
import { Views } from './state/views.ts';

const NO_PANEL: Panel = { links: [], switches: () => [], set: async () => {} };
const TIMES: DeliveryTimes = { ackDeadlineMs: 3_000, eventRetryMs: [1_000, 60_000, 300_000] };

interface CreatedCore {
  readonly core: Core;
  readonly socketMode: SocketMode;
  /** Events go to this address from now on; undefined: over Socket Mode. */
  setRequestUrl(url: string | undefined): void;
}

/** All parts of a workspace, with nobody in it yet and no address. */
export function createCore(options: WorkspaceOptions): CreatedCore {
  const now = options.now ?? Date.now;
  const ids = new Ids(now);
  const changes = new Changes();
  const manifest = readManifest(options.manifest ?? join(projectRoot, 'manifest.yml'));
  const identity = {
    team: options.team ?? DEFAULT_TEAM,
    ...(options.organisation === undefined ? {} : { organisation: options.organisation }),
    appId: APP_ID,
    botId: BOT_ID,
    botUser: BOT_USER,
  };
  const tokens = {
    bot: `xoxb-local-${ids.secret(12)}`,
    app: `xapp-1-${APP_ID}-${ids.secret(12)}`,
    signingSecret: ids.secret(16),
  };
  const address = { url: '' };
  const journal = new Journal(options.record);
  const store = new Store(identity, ids, changes);
  const socketMode = new SocketMode(APP_ID, (online) => {
    if (online) delivery.appConnected();
    changes.emit({ kind: 'bot', online });
  });
  let transport: Transport = socketMode;
  const setRequestUrl = (url: string | undefined) => {
    transport = url === undefined ? socketMode : new HttpMode(url, tokens.signingSecret, now);
    changes.emit({ kind: 'bot', online: transport.online });
  };
  if (options.requestUrl !== undefined) setRequestUrl(options.requestUrl);
  const delivery = new Delivery(journal, () => transport, { ...TIMES, ...options.times }, now);
  const core: Core = {
    manifest,
    strictness: {
      missingText: 'refuse',
      unknownArguments: 'refuse',
      rateLimits: 'off',
      ...options.strictness,
    },
    tokens,
    scopes: new Set(manifest.scopes),
    ids,
    changes,
    store,
    views: new Views(ids, changes),
    triggers: new Triggers(ids),
    responseUrls: new ResponseUrls(ids, () => address.url),
    faults: new Faults(),
    rateLimits: new RateLimits(now),
    journal,
    delivery,
    address,
    panel: options.panel ?? NO_PANEL,
    ...(options.start === undefined ? {} : { start: options.start }),
  };
  return { core, socketMode, setRequestUrl };
}
