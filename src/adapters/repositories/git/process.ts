import { type ChildProcess, spawn } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { measured, resulted, spanned } from '../../../domain/operations/measures.ts';
import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import { proxyVariables } from '../../shared/network/web-proxy.ts';
import { redirectLine } from './failure.ts';
import { guardProcess } from './process-guard.ts';
import type { Remote } from './remote.ts';
import { spawnTurn } from './spawn-turns.ts';

export interface Outcome {
  readonly code: number;
  readonly stdout: Buffer;
  /** Without secrets. */
  readonly stderr: string;
  /** What was traced, its end when it is long: headers of answers over http, packets where that was asked for. */
  readonly trace: string;
}

export interface GitOptions {
  /** Written to the command, then its input is closed. */
  readonly input?: string;
  /** The caller writes to `stdin`; else the command has no input. */
  readonly interactive?: boolean;
  /** The remote that the command talks to: brings its credentials and time limit. */
  readonly remote?: Remote;
  /** Overrides the time limit, in ms. Commands without a remote get ten minutes. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** More variables, for this command alone. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Traces what the two ends say to each other. */
  readonly packets?: boolean;
}

/** A running command. `done` never rejects for an exit code. */
export interface GitProcess {
  /** Only for interactive commands. */
  readonly stdin: Writable | null;
  readonly stdout: Readable;
  /** Extra pipe, file descriptor 3 of the command; only for interactive ones. */
  readonly replies: Readable | null;
  readonly done: Promise<Omit<Outcome, 'stdout'>>;
  stop(): void;
}

/** Environment variables of ours that git and ssh may see; everything else, above all GIT_*, stays out. */
const PASSED_ON = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'TMP',
  'TEMP',
  'SystemRoot',
  'USERPROFILE',
  'APPDATA',
  'SSH_AUTH_SOCK',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'GIT_SSL_CAINFO',
];

/** Credentials are for one host. Git itself would send them to whatever host the answer to its first request names. */
const ALWAYS = [['http.followRedirects', 'false']] as const;
/** The headers of answers, to file descriptor 4: git's own words do not tell where a redirect leads. */
const HEADERS_TO_4 = { GIT_TRACE_CURL: '4', GIT_TRACE_CURL_NO_DATA: '1', GIT_TRACE_REDACT: '1' };

const LOCAL_TIMEOUT_MS = 600_000;
const MOST_STDERR = 64_000;
/** Added to what git said when the disk is full: its own words do not always tell why it could not write. */
const FULL = '\nslipway: no space left on device';
/** With less room than this git can write nothing, bytes. */
const LEAST_ROOM = 65_536;

/** Runs git on one bare repository, cut off from the settings, hooks and prompts of whoever runs Slipway. */
export class Git {
  readonly gitDir: string;
  readonly #globalConfig: string;
  readonly #config: readonly (readonly [string, string])[];
  #base: Readonly<Record<string, string>> | null = null;

  /** `globalConfig` is a file that also the other end of a local remote reads; `config` only this end. */
  constructor(gitDir: string, globalConfig: string, config: readonly (readonly [string, string])[]) {
    this.gitDir = gitDir;
    this.#globalConfig = globalConfig;
    this.#config = config;
  }

  /**
   * Runs to the end. Whatever the exit code, that is an answer; Unavailable when it takes too long or the
   * signal fires, Refusal `git-missing` when there is no git.
   */
  async run(args: readonly string[], options: GitOptions = {}): Promise<Outcome> {
    const { input } = options;
    await spawnTurn();
    const child = this.start(args, { ...options, interactive: input !== undefined });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stdin?.end(input);
    return { ...(await child.done), stdout: Buffer.concat(chunks) };
  }

  start(args: readonly string[], options: GitOptions = {}): GitProcess {
    const { remote } = options;
    const child = spawn('git', ['--git-dir', this.gitDir, ...args], {
      // The folder that Slipway was started in may be gone, and git insists on one.
      cwd: dirname(this.gitDir),
      env: { ...this.#environment(remote, options.packets === true), ...options.environment },
      stdio: [
        options.interactive ? 'pipe' : 'ignore',
        'pipe',
        'pipe',
        options.interactive ? 'pipe' : 'ignore',
        remote?.protocol === 'http' || options.packets ? 'pipe' : 'ignore',
      ],
      // A group of its own: stopping a fetch must also stop the ssh or http helper that it started.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    const [stdin, stdout, errors, replies, headers] = child.stdio as unknown as [
      Writable | null,
      Readable,
      Readable,
      Readable | null,
      Readable | null,
    ];
    // What it could not read it will complain about itself.
    stdin?.on('error', () => undefined);
    const done = this.#ended(child, options, { errors, headers });
    const command = args[0] ?? '';
    spanned({ name: `git ${command}`, kind: 'client' }, async (span) =>
      resulted(span, { 'process.exit.code': (await done).code }),
    ).catch(() => undefined);
    done.then(
      ({ code }) => measured('gitProcess', { command, outcome: code === 0 ? 'done' : 'refused' }),
      () => measured('gitProcess', { command, outcome: 'stopped' }),
    );
    return { stdin, stdout, replies, done, stop: () => stop(child) };
  }

  /** What the command ends with; rejects when it is stopped before. */
  #ended(
    child: ChildProcess,
    { remote, signal, timeoutMs = remote?.timeoutMs ?? LOCAL_TIMEOUT_MS }: GitOptions,
    { errors, headers }: { readonly errors: Readable; readonly headers: Readable | null },
  ): Promise<Omit<Outcome, 'stdout'>> {
    let stderr = '';
    errors.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < MOST_STDERR) stderr += text;
    });
    let trace = '';
    headers?.setEncoding('latin1').on('data', (text: string) => {
      trace = (trace + text).slice(-MOST_STDERR);
    });

    const what = remote ? 'the git remote' : 'git';
    return new Promise<Omit<Outcome, 'stdout'>>((resolve, reject) => {
      const stopFor = (error: Error) => {
        stop(child);
        reject(error);
      };
      const stopWith = (reason: string) => () => stopFor(new Unavailable(what, reason));
      const unguard =
        remote && child.pid !== undefined
          ? guardProcess(child.pid, (reason) =>
              stopFor(new Refusal('repository-runaway', { remote: remote.url, reason })),
            )
          : () => undefined;
      const timer = setTimeout(stopWith(`no answer within ${Math.ceil(timeoutMs / 1_000)} s`), timeoutMs);
      const onAbort = stopWith('stopped');
      signal?.addEventListener('abort', onAbort, { once: true });
      if (signal?.aborted) onAbort();
      const settle = () => {
        clearTimeout(timer);
        unguard();
        signal?.removeEventListener('abort', onAbort);
      };
      child.on('error', (cause: NodeJS.ErrnoException) => {
        settle();
        reject(cause.code === 'ENOENT' ? new Refusal('git-missing') : cause);
      });
      child.on('close', async (code, killedBy) => {
        settle();
        const full = code !== 0 && (await isFull(dirname(this.gitDir))) ? FULL : '';
        const said = `${stderr}${killedBy ? '\nkilled' : ''}${full}`;
        const redirect = code !== 0 && remote ? redirectLine(trace, remote.url) : '';
        resolve({
          code: code ?? -1,
          stderr: redact(`${said}${redirect}`, remote),
          trace: redact(trace, remote),
        });
      });
    });
  }

  #environment(remote: Remote | undefined, packets: boolean): NodeJS.ProcessEnv {
    this.#base ??= baseEnvironment(this.#globalConfig);
    const environment: Record<string, string> = { ...this.#base, ...remote?.environment };
    if (remote?.protocol === 'http') Object.assign(environment, HEADERS_TO_4);
    if (packets) environment['GIT_TRACE_PACKET'] = '4';
    // Settings go through the environment: argument lists and files can be read by others.
    const config = [...this.#config, ...(remote?.config ?? []), ...ALWAYS];
    config.forEach(([key, value], index) => {
      environment[`GIT_CONFIG_KEY_${index}`] = key;
      environment[`GIT_CONFIG_VALUE_${index}`] = value;
    });
    environment['GIT_CONFIG_COUNT'] = String(config.length);
    return environment;
  }
}

async function isFull(folder: string): Promise<boolean> {
  const disk = await statfs(folder).catch(() => null);
  return disk !== null && disk.bavail * disk.bsize < LEAST_ROOM;
}

function baseEnvironment(globalConfig: string): Readonly<Record<string, string>> {
  const passedOn = PASSED_ON.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(passedOn),
    ...proxyVariables(process.env),
    LC_ALL: 'C',
    LANGUAGE: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: globalConfig,
    GIT_LITERAL_PATHSPECS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    // What a remote did not send is an answer, not a reason to ask it again; older versions of git ignore this.
    GIT_NO_LAZY_FETCH: '1',
    // Else git log writes every commit alone when it writes to a pipe: half of the time for 10,000 of them.
    GIT_FLUSH: '0',
  };
}

function stop(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null) return;
  const kill = (signal: NodeJS.Signals) => {
    try {
      process.kill(process.platform === 'win32' ? pid : -pid, signal);
    } catch {
      // It has ended meanwhile.
    }
  };
  kill('SIGTERM');
  setTimeout(() => child.exitCode === null && child.signalCode === null && kill('SIGKILL'), 2_000).unref();
}

function redact(text: string, remote: Remote | undefined): string {
  return (remote?.secrets ?? []).reduce((safe, secret) => safe.replaceAll(secret, '***'), text);
}
