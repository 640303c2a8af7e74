import { randomBytes } from 'node:crypto';
import { lstatSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';

/** Longer paths of sockets are cut off by some systems. */
const LONGEST_PATH = 90;

/**
 * A socket in the folder of a server that the server inherits. Nothing is said over it: it can be connected to for as long as
 * some process of the server lives, from any container of the machine.
 */
export interface HeldSocket {
  readonly fd: number;
  /** For the end of a start: the server has it by then. */
  letGo(): void;
}

/**
 * For a server that is about to start, in place of what the last one held. Null where there can be none: a path that is too
 * long, or a disk without sockets.
 */
export async function holdSocket(home: string): Promise<HeldSocket | null> {
  const path = pathIn(home);
  if (path.length > LONGEST_PATH || process.platform === 'win32') return null;
  rmSync(path, { force: true });
  // Node removes the name that it has listened on.
  const fresh = `${path}.${randomBytes(3).toString('hex')}`;
  const server = createServer((socket) => socket.destroy());
  const isListening = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(fresh, () => resolve(true));
  });
  const fd = (server as Server & { readonly _handle?: { readonly fd: number } })._handle?.fd ?? -1;
  if (!isListening || fd < 0) return null;
  try {
    renameSync(fresh, path);
  } catch {
    server.close();
    return null;
  }
  return { fd, letGo: () => server.close() };
}

/** Whether some process holds it; null when there is none. */
export async function isHeld(home: string): Promise<boolean | null> {
  const path = pathIn(home);
  if (path.length > LONGEST_PATH || !lstatSync(path, { throwIfNoEntry: false })?.isSocket()) return null;
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (isThere: boolean | null) => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', () => end(true));
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      // Nobody takes what waits there, so that it may be full.
      end(code === 'EAGAIN' ? true : code === 'ECONNREFUSED' ? false : null),
    );
  });
}

/** For a server that was stopped: who copies the folder then should find files only. */
export function dropSocket(home: string): void {
  rmSync(pathIn(home), { force: true });
}

function pathIn(home: string): string {
  return join(home, 'owner.sock');
}
