import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { projectRoot } from '../../project-root.ts';
import { WebApi } from './api/router.ts';
import { Actor } from './control/actor.ts';
import { Control } from './control/control.ts';
import { ControlEndpoint } from './control/endpoint.ts';
import { Watcher } from './control/watcher.ts';
import type { Core, Panel } from './core.ts';
import type { DeliveryTimes } from './delivery/delivery.ts';
import { Delivery } from './delivery/delivery.ts';
import { HttpTransport } from './delivery/http-mode.ts';
import { Journal } from './delivery/journal.ts';
import { MAX_CONNECTIONS, SocketGateway } from './delivery/socket-mode.ts';
import type { Transport } from './delivery/transport.ts';
import { Faults } from './faults/faults.ts';
import { RateLimits } from './faults/rate-limits.ts';
import { createWorkspaceServer } from './http/server.ts';
import { Interactions } from './interactivity/interactions.ts';
import { Events } from './payloads/events.ts';
import { Changes } from './state/changes.ts';
import type { ChannelOption, GroupOption, UserOption } from './state/defaults.ts';
import {
  APP_ID,
  BOT_ID,
  BOT_USER,
  DEFAULT_CHANNELS,
  DEFAULT_GROUPS,
  DEFAULT_TEAM,
  DEFAULT_USERS,
} from './state/defaults.ts';
import { Ids } from './state/ids.ts';
import { readManifest } from './state/manifest.ts';
import { ResponseUrls } from './state/response-urls.ts';
import { Store } from './state/store.ts';
import { Triggers } from './state/triggers.ts';
import { Views } from './state/views.ts';
import { prepareBlockTypes } from './strict/block-types.ts';
import type { Strictness } from './strict/strictness.ts';

export interface WorkspaceOptions {
  /** The app's manifest: path or parsed. The project's manifest.yml by default. */
  readonly manifest?: string | object;
  /** 0, the default, lets the system choose. */
  readonly port?: number;
  /** When the port is taken, any free one will do. */
  readonly otherPort?: boolean;
  readonly team?: { readonly id: string; readonly name: string; readonly domain: string };
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

/** A running workspace. Its state lives in memory and ends with it; apps may come and go. */
export interface Workspace extends Pick<Watcher, WatcherMethod> {
  /** The page, `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** For `slackApiUrl` or SLACK_API_URL, with the slash at the end. */
  readonly apiUrl: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  /** The user id of the app, for mentions. */
  readonly botUser: string;
  readonly control: Control;
  /** Somebody, by id or handle. */
  as(user: string): Actor;
  close(): Promise<void>;
}

type WatcherMethod =
  | 'messages'
  | 'thread'
  | 'ephemerals'
  | 'views'
  | 'home'
  | 'message'
  | 'waitForMessage'
  | 'waitForEphemeral'
  | 'waitForView'
  | 'waitForConnection'
  | 'quiet';

const NO_PANEL: Panel = { links: [], switches: () => [], set: async () => {} };
const TIMES: DeliveryTimes = { ackDeadlineMs: 3_000, eventRetryMs: [1_000, 60_000, 300_000] };

export async function startWorkspace(options: WorkspaceOptions = {}): Promise<Workspace> {
  prepareBlockTypes();
  const now = options.now ?? Date.now;
  const ids = new Ids(now);
  const changes = new Changes();
  const manifest = readManifest(options.manifest ?? join(projectRoot, 'manifest.yml'));
  const identity = { team: options.team ?? DEFAULT_TEAM, appId: APP_ID, botId: BOT_ID, botUser: BOT_USER };
  const tokens = {
    bot: `xoxb-local-${ids.secret(12)}`,
    app: `xapp-1-${APP_ID}-${ids.secret(12)}`,
    signingSecret: ids.secret(16),
  };
  const address = { url: '' };
  const journal = new Journal(options.record);
  const store = new Store(identity, ids, changes);
  const gateway = new SocketGateway(APP_ID, (online) => {
    if (online) delivery.appConnected();
    changes.emit({ kind: 'bot', online });
  });
  let transport: Transport = gateway;
  const setRequestUrl = (url: string | undefined) => {
    transport = url === undefined ? gateway : new HttpTransport(url, tokens.signingSecret, now);
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
  const control = new Control(core, gateway, setRequestUrl);
  populate(core, control, options);
  const events = new Events(core);
  const interactions = new Interactions(core);
  const watcher = new Watcher(core, control);
  const api = new WebApi(core, () =>
    gateway.connections >= MAX_CONNECTIONS
      ? undefined
      : `${address.url.replace('http:', 'ws:')}/link/?ticket=${gateway.ticket()}&app_id=${APP_ID}`,
  );
  const server = createWorkspaceServer({
    core,
    api,
    gateway,
    interactions,
    events,
    control: new ControlEndpoint(control),
  });
  // Pages hold sockets that the server, once upgraded, counts as open but no longer closes.
  const upgraded = new Set<Duplex>();
  server.on('upgrade', (_request, socket) => {
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
  });
  await listen(server, options.port ?? 0).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE' || !options.otherPort) throw error;
    return listen(server, 0);
  });
  const unwatch = core.panel.watch?.(() => control.switchesChanged());
  address.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url: address.url,
    apiUrl: `${address.url}/api/`,
    botToken: tokens.bot,
    appToken: tokens.app,
    signingSecret: tokens.signingSecret,
    botUser: BOT_USER,
    control,
    as: (user) => new Actor(control.user(user).id, core, interactions, events),
    messages: watcher.messages.bind(watcher),
    thread: watcher.thread.bind(watcher),
    ephemerals: watcher.ephemerals.bind(watcher),
    views: watcher.views.bind(watcher),
    home: watcher.home.bind(watcher),
    message: watcher.message.bind(watcher),
    waitForMessage: watcher.waitForMessage.bind(watcher),
    waitForEphemeral: watcher.waitForEphemeral.bind(watcher),
    waitForView: watcher.waitForView.bind(watcher),
    waitForConnection: watcher.waitForConnection.bind(watcher),
    quiet: watcher.quiet.bind(watcher),
    close: async () => {
      unwatch?.();
      delivery.close();
      await gateway.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      for (const socket of upgraded) socket.destroy();
      await closed;
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function populate(core: Core, control: Control, options: WorkspaceOptions): void {
  core.store.addUser({
    id: core.store.identity.botUser,
    name: core.manifest.botName.toLowerCase().replaceAll(/\W+/g, '-'),
    realName: core.manifest.botName,
    title: '',
    email: '',
    color: core.manifest.color,
    kind: 'bot',
    deleted: false,
    timeZone: 'UTC',
  });
  for (const user of options.users ?? DEFAULT_USERS) control.addUser(user);
  for (const channel of options.channels ?? DEFAULT_CHANNELS) control.addChannel(channel);
  for (const group of options.groups ?? (options.users === undefined ? DEFAULT_GROUPS : [])) {
    control.setGroup(group);
  }
}
