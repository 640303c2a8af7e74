import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bot } from './bot.ts';
import { createBots } from './bots.ts';
import { demoConfig } from './config.ts';
import { connectionOf } from './connection.ts';
import type { Github } from './github/server.ts';
import { type ShopOnGithub, type ShopOnGithubOptions, startShopOnGithub } from './github/shop.ts';
import type { FakeGitlab } from './gitlab/gitlab.ts';
import { type ShopOnGitlabOptions, startShopOnGitlab } from './gitlab/shop.ts';
import { shopPanel } from './panel.ts';
import { createShopRemote, type ShopRemote, type ShopRemoteOptions } from './shop/remote.ts';
import { type Shop, startShop } from './shop/shop.ts';
import type { WorkspaceOptions } from './workspace/server/options.ts';
import { startWorkspace, type Workspace } from './workspace/server/start.ts';

type Settings = Readonly<Record<string, unknown>>;

export interface WorldOptions {
  /** Empty or new folder that keeps everything. */
  readonly dir: string;
  /** Port of the page; 0: any free one. */
  readonly port?: number;
  /** When the port is taken, any free one will do. */
  readonly otherPort?: boolean;
  readonly record?: string;
  /** Length of the monitor's window: `3m`, `5s`. */
  readonly window?: string;
  readonly approvals?: number;
  readonly remote?: ShopRemoteOptions;
  /** Instead of a plain git remote. */
  readonly github?: ShopOnGithubOptions;
  readonly gitlab?: ShopOnGitlabOptions;
  /** Settings of the shop in slipway.yaml, merged over the demo's; a function gets its address. */
  readonly overrides?: Settings | ((shop: string) => Settings);
  /** The target of the shop, instead of its production branch. */
  readonly target?: Readonly<Record<string, unknown>>;
  /** The app is installed in this whole organisation. */
  readonly organisation?: WorkspaceOptions['organisation'];
  /** How strict the workspace is where Slack is strict only at times. */
  readonly strictness?: WorkspaceOptions['strictness'];
  /** Another Slack, started already, instead of the local workspace. */
  readonly workspace?: Workspace;
  /** Slack sends signed requests instead of using the socket that the bot opens. */
  readonly overHttp?: boolean;
  /** More variables of the bot's environment, such as secrets that its config names. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where the bot reaches Slack, when that is not the workspace's own port. */
  readonly slackUrl?: string;
  /** The Node that runs the bot; that of this process by default. */
  readonly node?: string;
  /** The compiled `cli.js` of the next bot that is started; that of this project by default. */
  readonly cli?: () => string;
  /** Instead of the embedded database. */
  readonly databaseUrl?: string;
}

/** A whole small world on this machine: Slack, a git remote, a production, and the bot. */
export interface World {
  readonly dir: string;
  readonly workspace: Workspace;
  readonly remote: ShopRemote;
  readonly shop: Shop;
  /** Null when the shop is elsewhere. */
  readonly github: Github | null;
  readonly gitlab: FakeGitlab | null;
  /** The bot that runs now. */
  readonly bot: Bot;
  readonly logFile: string;
  /** Starts the bot again after it was stopped or killed, and waits until it is connected. */
  startBot(): Promise<Bot>;
  /** Another bot on the same database. */
  startReplica(): Bot;
  close(): Promise<void>;
}

/** When it cannot start, everything that it began is closed again; the folder stays. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) await closer();
  };
  try {
    return await begin(options, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

/** What it starts it says in `closers`, last started first closed. */
async function begin(
  options: WorldOptions,
  closers: (() => Promise<unknown>)[],
  close: () => Promise<void>,
): Promise<World> {
  const { dir } = options;
  await mkdir(dir, { recursive: true });
  const remote = await createShopRemote(dir, {
    hostile: true,
    workflow: options.github !== undefined,
    ...options.remote,
  });
  const shop = await startShop({ remote: remote.path });
  closers.push(shop.close);
  const onGithub = options.github && (await startShopOnGithub(remote, shop.url, options.github));
  if (onGithub) closers.push(() => onGithub.github.close());
  const onGitlab = options.gitlab && (await startShopOnGitlab(remote, shop.url, options.gitlab));
  if (onGitlab) closers.push(() => onGitlab.gitlab.close());
  const host = onGithub ?? onGitlab;
  const workspace = options.workspace ?? (await openWorkspace(options, shop));
  closers.push(() => workspace.close());
  const config = join(dir, 'slipway.yaml');
  await writeFile(config, configOf(options, shop.url, host ?? onPlainGit(remote, shop.url)));

  const connection = await connectionOf(workspace, options.overHttp ?? false);
  const logFile = join(dir, 'bot.log');
  const env = {
    SLIPWAY_CONFIG: config,
    SLACK_API_URL: workspace.apiUrl,
    SLACK_BOT_TOKEN: workspace.botToken,
    ...connection.env,
    ...host?.env,
    ...options.env,
    ...(options.databaseUrl === undefined ? {} : { DATABASE_URL: options.databaseUrl }),
  };
  const bots = createBots(
    {
      env,
      logFile,
      ...(options.node === undefined ? {} : { node: options.node }),
      ...(options.cli === undefined ? {} : { cli: options.cli }),
    },
    connection.made,
  );
  closers.push(bots.stop);
  await bots.start();
  return {
    dir,
    workspace,
    remote,
    shop,
    github: onGithub?.github ?? null,
    gitlab: onGitlab?.gitlab ?? null,
    logFile,
    get bot() {
      return bots.current;
    },
    startBot: bots.start,
    startReplica: bots.startReplica,
    close,
  };
}

function openWorkspace(options: WorldOptions, shop: Shop): Promise<Workspace> {
  const { port, otherPort, record, organisation, strictness, slackUrl } = options;
  return startWorkspace({
    ...(port === undefined ? {} : { port }),
    ...(otherPort === undefined ? {} : { otherPort }),
    ...(record === undefined ? {} : { record }),
    ...(organisation === undefined ? {} : { organisation }),
    ...(strictness === undefined ? {} : { strictness }),
    ...(slackUrl === undefined ? {} : { publicUrl: slackUrl }),
    // What a bot missed that was killed comes again while a test still waits; Slack waits a minute.
    ...(options.overHttp ? { times: { eventRetryMs: [1_000, 2_000, 4_000] } } : {}),
    panel: shopPanel(shop),
    start: 'C0SHIP',
  });
}

/** `repository` and `target` of slipway.yaml, without a host. */
function onPlainGit(remote: ShopRemote, shop: string): Pick<ShopOnGithub, 'repository' | 'target'> {
  return {
    repository: { use: 'git', url: remote.url, branch: 'main' },
    target: { use: 'git-branch', branch: 'production', url: shop },
  };
}

function configOf(
  options: WorldOptions,
  shop: string,
  { repository, target }: Pick<ShopOnGithub, 'repository' | 'target'>,
): string {
  const { window = '3m', approvals = 1, overrides = {} } = options;
  return demoConfig({
    repository,
    target: options.target ?? target,
    shop,
    window,
    approvals,
    ...(options.organisation === undefined ? {} : { channel: 'C0SHIP' }),
    overrides: typeof overrides === 'function' ? overrides(shop) : overrides,
  });
}
