import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Workspace } from './workspace/server/start.ts';

const PATIENCE_MS = 30_000;

/** How events reach the bot. */
interface WorldConnection {
  /** What the bot has to be told of it. */
  readonly env: Readonly<Record<string, string>>;
  /** Resolves once a bot is connected. */
  made(): Promise<void>;
}

/** Over a socket that the bot opens, or over signed requests to a free port of this machine. */
export async function connectionOf(workspace: Workspace, overHttp: boolean): Promise<WorldConnection> {
  if (!overHttp)
    return {
      env: { SLACK_APP_TOKEN: workspace.appToken },
      made: () => workspace.waitForConnection(PATIENCE_MS),
    };
  const port = await freePort();
  workspace.control.setRequestUrl(`http://127.0.0.1:${port}/slack/events`);
  return {
    env: { SLACK_SIGNING_SECRET: workspace.signingSecret, PORT: `${port}` },
    made: () => listening(port),
  };
}

async function listening(port: number): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  while (!(await answers(port))) {
    if (Date.now() > until) throw new Error(`nobody listens on ${port}`);
    await pause(50);
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
