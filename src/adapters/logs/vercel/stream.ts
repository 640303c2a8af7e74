import { z } from 'zod';
import type { LogLine, LogRead } from '../../../domain/logs/known.ts';
import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import { withoutTrailing } from '../../../domain/text/trailing.ts';
import { askJson } from '../../shared/ask-json.ts';
import type { AdapterContext } from '../../shared/context.ts';
import { followLines } from '../../shared/http-lines.ts';
import type { LogRange } from '../port.ts';
import type { VercelLogSettings } from './settings.ts';

/** How often it is looked which deployment serves production, and whether it is listened to. */
const EVERY_MS = 10_000;
/** A stream that goes on is believed in for so long without such a look. */
const BELIEVED_MS = 60_000;
/** Vercel ends a stream after five minutes; so do we. */
const LONGEST_MS = 5 * 60_000;
const MOST_BYTES = 64 * 1024 * 1024;
/** How much of the past is kept. */
const KEPT_MS = 2 * 3_600_000;
const MOST_LINES = 20_000;
const MOST_CHARS = 4_000;
/** Whoever reads wants to read again so soon. */
const WANTED_MS = 120_000;
const PREFLIGHT_MS = 2_000;

const Id = z.string().regex(/^\w{1,100}$/);
const Alias = z.object({ deploymentId: Id, projectId: Id });
const Failure = z.object({ error: z.object({ message: z.string() }) });
const Row = z.object({
  level: z.string(),
  message: z.string(),
  rowId: z.string(),
  source: z.string(),
  timestampInMs: z.number(),
});
type Row = z.output<typeof Row>;

interface Followed {
  readonly deployment: string;
  readonly stop: AbortController;
}

/**
 * What production at Vercel writes: the stream of the deployment that the domain points at, opened again when it ends or
 * when another one serves production. What it said is kept in memory only.
 *
 * `GET /v4/aliases/{idOrAlias}` and `GET /v1/projects/{projectId}/deployments/{deploymentId}/runtime-logs`, as the
 * reference of the REST API has them. A row without an id, from the source `delimiter`, is the end of a stream.
 */
export class VercelStream {
  readonly #settings: VercelLogSettings;
  readonly #name: string;
  readonly #context: AdapterContext;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #stop = new AbortController();
  readonly #lines = new Map<string, LogLine>();
  #timer: NodeJS.Timeout | null = null;
  #untilMs = 0;
  #looking: Promise<void> | null = null;
  #followed: Followed | null = null;
  #failure: Refusal | Unavailable | null = null;
  /** When it was last seen what serves production, ms since the epoch. */
  #lookedAt = 0;
  /** Since when it is listened to without a break, but for the seconds between two streams; null: it is not. */
  #sinceMs: number | null = null;

  constructor(settings: VercelLogSettings, name: string, context: AdapterContext) {
    this.#settings = settings;
    this.#name = name;
    this.#context = context;
    this.#headers = { authorization: `Bearer ${context.secret(settings.token.env)}` };
  }

  observe(untilMs: number): void {
    this.#untilMs = Math.max(this.#untilMs, untilMs);
    if (this.#timer !== null || this.#stop.signal.aborted) return;
    this.#timer = setInterval(() => void this.#look(), EVERY_MS);
    this.#timer.unref();
    void this.#look();
  }

  async read({ fromMs, toMs, most }: LogRange, signal?: AbortSignal): Promise<LogRead> {
    this.observe(this.#context.now() + WANTED_MS);
    await unlessAborted(this.#look(), signal, this.#name);
    if (this.#failure !== null) throw this.#failure;
    const since = this.#sinceMs;
    if (since === null || since >= toMs) {
      throw new Unavailable(this.#name, 'it tells what is written from now on, and nothing of before');
    }
    const lines = [...this.#lines.values()]
      .filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
      .sort((a, b) => a.atMs - b.atMs);
    return {
      lines: lines.slice(-most),
      cut: lines.length > most,
      ...(since > fromMs ? { sinceMs: since } : {}),
    };
  }

  /** Whether it may be listened to. */
  async preflight(signal?: AbortSignal): Promise<string> {
    const stop = signal ?? this.#stop.signal;
    const live = await this.#live(stop);
    await this.#listen(live, { forMs: PREFLIGHT_MS, signal: stop, onOpen: () => {} });
    return `${this.#name} lets its logs be listened to: ${this.#settings.domain} is ${live.deploymentId}.`;
  }

  async close(): Promise<void> {
    this.#rest();
    this.#stop.abort();
    await this.#looking;
  }

  #look(): Promise<void> {
    if (this.#context.now() >= this.#untilMs) this.#rest();
    else {
      this.#looking ??= this.#lookOnce().finally(() => {
        this.#looking = null;
      });
    }
    return this.#looking ?? Promise.resolve();
  }

  async #lookOnce(): Promise<void> {
    const now = () => this.#context.now();
    try {
      const live = await this.#live(this.#stop.signal);
      this.#lookedAt = now();
      if (this.#followed?.deployment !== live.deploymentId) await this.#follow(live);
      this.#failure = null;
    } catch (error) {
      const isStillThere = this.#followed !== null && now() - this.#lookedAt < BELIEVED_MS;
      if (!isStillThere || error instanceof Refusal) this.#fails(error);
    }
  }

  /** Resolves once the stream has begun; it goes on by itself. */
  #follow(live: z.output<typeof Alias>): Promise<void> {
    this.#followed?.stop.abort();
    const followed = { deployment: live.deploymentId, stop: new AbortController() };
    this.#followed = followed;
    const signal = AbortSignal.any([followed.stop.signal, this.#stop.signal]);
    const began = this.#context.now();
    const isOver = () => {
      if (this.#followed === followed) this.#followed = null;
    };
    return new Promise((resolve, reject) => {
      const onOpen = () => {
        this.#sinceMs ??= this.#context.now();
        resolve();
      };
      this.#listen(live, { forMs: LONGEST_MS, signal, onOpen }).then(
        () => {
          const isOwn = this.#followed === followed;
          isOver();
          resolve();
          // One that ends as soon as it begins waits for the next look.
          if (isOwn && this.#context.now() - began > EVERY_MS) void this.#look();
        },
        (error: unknown) => {
          if (this.#followed === followed) this.#fails(error);
          isOver();
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  }

  #fails(error: unknown): void {
    const isKnown = error instanceof Refusal || error instanceof Unavailable;
    this.#failure = isKnown ? error : new Unavailable(this.#name, 'it could not be listened to');
    this.#sinceMs = null;
  }

  async #live(signal: AbortSignal): Promise<z.output<typeof Alias>> {
    const { domain, timeout: timeoutMs } = this.#settings;
    return askJson({
      ...this.#common,
      url: this.#address(`/v4/aliases/${domain}`),
      timeoutMs,
      signal,
      answer: Alias,
    });
  }

  #listen(
    { projectId, deploymentId }: z.output<typeof Alias>,
    how: { readonly forMs: number; readonly signal: AbortSignal; onOpen(): void },
  ): Promise<void> {
    return followLines({
      ...this.#common,
      url: this.#address(`/v1/projects/${projectId}/deployments/${deploymentId}/runtime-logs`),
      timeoutMs: this.#settings.timeout,
      maxBytes: MOST_BYTES,
      ...how,
      onLine: (line) => this.#take(line),
    });
  }

  get #common() {
    return {
      source: this.#name,
      setting: 'logs',
      headers: this.#headers,
      reasonIn: (body: unknown) => Failure.safeParse(body).data?.error.message,
    };
  }

  #address(path: string): string {
    const { api, team } = this.#settings;
    return `${withoutTrailing(api, '/')}${path}${team === undefined ? '' : `?teamId=${team}`}`;
  }

  /** False: the stream is over. */
  #take(line: string): boolean {
    const row = rowIn(line);
    if (row === null) {
      const reason = 'its runtime logs are not in the shape that it documents';
      throw new Refusal('source-unclear', { source: this.#name, setting: 'logs', reason });
    }
    if (row.source === 'delimiter') return row.rowId !== '';
    const isError = this.#settings.levels.some((level) => level === row.level);
    if (!isError || row.message.trim() === '') return true;
    this.#lines.set(row.rowId, { atMs: row.timestampInMs, text: row.message.slice(0, MOST_CHARS) });
    const oldest = this.#context.now() - KEPT_MS;
    for (const [id, { atMs }] of this.#lines) {
      if (atMs >= oldest && this.#lines.size <= MOST_LINES) break;
      this.#lines.delete(id);
      if (atMs >= oldest) this.#sinceMs = Math.max(this.#sinceMs ?? 0, atMs);
    }
    return true;
  }

  #rest(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#followed?.stop.abort();
    this.#followed = null;
    this.#sinceMs = null;
  }
}

function rowIn(line: string): Row | null {
  try {
    return Row.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

async function unlessAborted(
  work: Promise<void>,
  signal: AbortSignal | undefined,
  name: string,
): Promise<void> {
  if (signal === undefined) return work;
  await Promise.race([
    work,
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Unavailable(name, 'no answer in time')), {
        once: true,
      });
    }),
  ]);
}
