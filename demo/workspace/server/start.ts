import { WebApi } from './api/router.ts';
import { Actor } from './control/actor.ts';
import { Control } from './control/control.ts';
import { ControlEndpoint } from './control/endpoint.ts';
import { Watcher } from './control/watcher.ts';
import { createCore } from './create-core.ts';
import { MAX_CONNECTIONS } from './delivery/socket-mode.ts';
import { listen } from './http/listen.ts';
import { createWorkspaceServer } from './http/server.ts';
import { Interactions } from './interactivity/interactions.ts';
import type { WorkspaceOptions } from './options.ts';
import { Events } from './payloads/events.ts';
import { populate } from './populate.ts';
import { APP_ID, BOT_USER } from './state/defaults.ts';
import { prepareBlockTypes } from './strict/block-types.ts';

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

export async function startWorkspace(options: WorkspaceOptions = {}): Promise<Workspace> {
  prepareBlockTypes();
  const { core, socketMode, setRequestUrl } = createCore(options);
  const control = new Control(core, socketMode, setRequestUrl);
  populate(core, control, options);
  const events = new Events(core);
  const interactions = new Interactions(core);
  const watcher = new Watcher(core, control);
  const api = new WebApi(core, () =>
    socketMode.connections >= MAX_CONNECTIONS
      ? undefined
      : `${core.address.url.replace(/^http/, 'ws')}/link/?ticket=${socketMode.ticket()}&app_id=${APP_ID}`,
  );
  const server = createWorkspaceServer({
    core,
    api,
    socketMode,
    interactions,
    events,
    control: new ControlEndpoint(control),
  });
  const listening = await listen(server, options);
  const unwatch = core.panel.watch?.(() => control.switchesChanged());
  core.address.url = options.publicUrl ?? listening.url;

  return {
    url: listening.url,
    apiUrl: `${core.address.url}/api/`,
    botToken: core.tokens.bot,
    appToken: core.tokens.app,
    signingSecret: core.tokens.signingSecret,
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
      core.delivery.close();
      await socketMode.close();
      await listening.close();
    },
  };
}
