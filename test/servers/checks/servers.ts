import { type ChildProcess, execFile, spawn } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Servers that refuse to run as root run as this user, who owns nothing. */
const NOBODY = 65_534;

/** A folder that servers may write to, also those that do not run as root. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'checks-'));

  constructor() {
    this.give(this.path);
  }

  at(name: string): string {
    return join(this.path, name);
  }

  write(name: string, text: string | Buffer, mode = 0o600): string {
    writeFileSync(this.at(name), text, { mode });
    this.give(this.at(name));
    return this.at(name);
  }

  make(name: string): string {
    mkdirSync(this.at(name), { recursive: true, mode: 0o700 });
    this.give(this.at(name));
    return this.at(name);
  }

  give(path: string): void {
    if (process.getuid?.() === 0) chownSync(path, NOBODY, NOBODY);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

const asNobody = () => (process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {});

/** A program that is waited for. */
export async function once(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const { stdout } = await run(program, [...args], {
    ...asNobody(),
    cwd: tmpdir(),
    env: { ...process.env, ...env },
  });
  return stdout;
}

/** A program that goes on, and can be stopped, or be made to hang: the system takes connections, and nobody answers. */
export class Program {
  readonly #child: ChildProcess;
  readonly #gone: Promise<unknown>;
  #said = '';

  constructor(program: string, args: readonly string[]) {
    this.#child = spawn(program, [...args], {
      ...asNobody(),
      cwd: tmpdir(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk) => {
        this.#said = (this.#said + chunk).slice(-2_000);
      });
    }
    this.#gone = new Promise((resolve) => this.#child.once('exit', resolve).once('error', resolve));
  }

  hang(): void {
    this.#child.kill('SIGSTOP');
  }

  goOn(): void {
    this.#child.kill('SIGCONT');
  }

  /** Waits until `ask` throws no more. */
  async ready(ask: () => Promise<unknown>): Promise<void> {
    for (let tried = 0; ; tried++) {
      try {
        await ask();
        return;
      } catch (error) {
        if (tried > 300 || this.#child.exitCode !== null) throw new Error(`${error}: ${this.#said}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  async stop(signal: 'SIGQUIT' | 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    this.goOn();
    this.#child.kill(signal);
    await this.#gone;
  }
}

/** Throws unless something takes connections there. */
export function listens(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve();
    }).once('error', reject);
  });
}

/** Where Debian keeps the programs of PostgreSQL, which are not on the PATH. */
export function postgresPrograms(): string {
  const home = '/usr/lib/postgresql';
  const versions = existsSync(home) ? readdirSync(home).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.length === 0 ? '' : join(home, versions[0] ?? '', 'bin');
}

export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** A certificate for these names, signed by an authority of its own, for `days`. */
export async function certificatesFor(folder: Folder, names: string, days = 30): Promise<Certificates> {
  const id = readdirSync(folder.path).length;
  const at = (name: string) => folder.at(`${id}-${name}`);
  const [ca, caKey, cert, key, request] = ['ca.pem', 'ca.key', 'cert.pem', 'key.pem', 'request.pem'].map(
    at,
  ) as [string, string, string, string, string];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await once('openssl', [
    'req',
    '-x509',
    ...kind,
    '-days',
    '400',
    '-subj',
    `/CN=Test CA ${id}`,
    '-keyout',
    caKey,
    '-out',
    ca,
  ]);
  await once('openssl', ['req', ...kind, '-subj', '/CN=shop', '-keyout', key, '-out', request]);
  const extensions = folder.write(`${id}-san.cnf`, `subjectAltName=${names}`);
  const signed = [
    '-CA',
    ca,
    '-CAkey',
    caKey,
    '-CAcreateserial',
    '-extfile',
    extensions,
    '-days',
    String(days),
  ];
  await once('openssl', ['x509', '-req', '-in', request, ...signed, '-out', cert]);
  return { ca, cert, key };
}

/** Passes bytes on to a server, later or only in part: a network that is bad. */
export class Relay {
  delayMs = 0;
  /** Bytes from the server after which the connection is closed. */
  cutAfter = Number.POSITIVE_INFINITY;
  readonly #server: Server;

  constructor(to: number) {
    this.#server = createServer((client) => {
      const upstream = connect(to, '127.0.0.1');
      let passed = 0;
      client.on('data', (chunk) => setTimeout(() => upstream.write(chunk), this.delayMs));
      upstream.on('data', (chunk) => {
        client.write(chunk.subarray(0, this.cutAfter - passed));
        passed += chunk.length;
        if (passed >= this.cutAfter) client.destroySoon();
      });
      for (const [one, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        one.on('error', () => other.destroy()).on('close', () => other.destroy());
      }
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
  }
}

/** Takes connections and never answers; counts those that are open. */
export async function silentServer(): Promise<{ port: number; open: () => number; close: () => void }> {
  let open = 0;
  const server = createServer((socket) => {
    open++;
    socket
      .on('error', () => undefined)
      .on('close', () => {
        open--;
      });
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, open: () => open, close: () => server.close() };
}

export const textOf = (path: string) => readFileSync(path, 'utf8');
