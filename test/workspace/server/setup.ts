import { App, LogLevel, SocketModeReceiver } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import { onTestFinished } from 'vitest';
import type { WorkspaceOptions } from '../../../demo/workspace/server/options.ts';
import type { Workspace } from '../../../demo/workspace/server/start.ts';
import { startWorkspace } from '../../../demo/workspace/server/start.ts';

/** An app that may and hears everything the tests need. */
export const MANIFEST = {
  display_information: { name: 'Slipway', description: 'Ships' },
  features: {
    app_home: { home_tab_enabled: true },
    bot_user: { display_name: 'Slipway' },
    slash_commands: [{ command: '/ship-prod', description: 'Ship', usage_hint: '[service] [bump]' }],
    shortcuts: [
      { name: 'Ship to production', type: 'global', callback_id: 'ship', description: 'Ship' },
      { name: 'Report a problem', type: 'message', callback_id: 'report', description: 'Report' },
    ],
  },
  oauth_config: {
    scopes: {
      bot: [
        'commands',
        'chat:write',
        'app_mentions:read',
        'channels:history',
        'groups:history',
        'files:write',
        'usergroups:read',
        'users:read',
        'users:read.email',
        'pins:write',
        'bookmarks:write',
        'reactions:write',
        'im:write',
      ],
    },
  },
  settings: {
    event_subscriptions: {
      bot_events: ['app_mention', 'message.channels', 'message.groups', 'message.im', 'app_home_opened'],
    },
  },
};

/** A workspace that ends with the test. */
export async function workspace(options: WorkspaceOptions = {}): Promise<Workspace> {
  const started = await startWorkspace({ manifest: MANIFEST, ...options });
  onTestFinished(() => started.close());
  return started;
}

/** A client that neither waits nor tries again by itself. */
export function client(slack: Workspace, token = slack.botToken): WebClient {
  return new WebClient(token, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logLevel: LogLevel.ERROR,
  });
}

/** The Web API without a client: form fields in, the whole answer out. */
export async function call(
  slack: Workspace,
  method: string,
  args: Readonly<Record<string, unknown>> = {},
  token: string | null = slack.botToken,
): Promise<Record<string, unknown> & { ok: boolean; error?: string }> {
  const response = await fetch(`${slack.apiUrl}${method}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json; charset=utf-8',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(args),
  });
  return (await response.json()) as Record<string, unknown> & { ok: boolean };
}

/** A real Bolt app in Socket Mode, connected; `prepare` registers its listeners. */
export async function boltApp(slack: Workspace, prepare: (app: App) => void): Promise<App> {
  const clientOptions = { slackApiUrl: slack.apiUrl, retryConfig: { retries: 2, minTimeout: 10 } };
  const receiver = new SocketModeReceiver({
    appToken: slack.appToken,
    // The wait before a reconnect; much less, and a busy machine looks like a dead connection.
    clientPingTimeout: 600,
    logLevel: LogLevel.ERROR,
    installerOptions: { clientOptions },
  });
  const app = new App({ token: slack.botToken, receiver, clientOptions, logLevel: LogLevel.ERROR });
  prepare(app);
  await app.start();
  onTestFinished(async () => {
    await app.stop();
  });
  return app;
}
