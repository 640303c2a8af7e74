import { RequestError } from '@octokit/request-error';
import { Octokit } from '@octokit/rest';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { Refusal, Unavailable } from '../../../../domain/refusals/refusal.ts';
import type { AdapterContext } from '../../../shared/context.ts';
import { type GithubSettings, webBase } from '../settings.ts';
import { type Login, openLogin } from './auth.ts';
import { type Failed, failedOf, failureOf, isSuspended, pauseOf, troubleOf } from './failure.ts';
import { Lru } from './lru.ts';
import { Installation, Nothing } from './shapes.ts';

/** GitHub asks for at most 100 at a time; a bot has no need to come near that. */
const CONCURRENT = 8;
/** Pauses before a request that may safely be made again, in ms. */
const AGAIN_AFTER_MS = [250, 1_000];
const ETAGS_BYTES = 16 * 1024 * 1024;

export type Params = Readonly<Record<string, unknown>>;

export interface Asking {
  /** These statuses are answers, not failures. */
  readonly expect?: readonly number[];
  /** Make the request again by itself when GitHub does not answer; only where doing it twice is doing it once. */
  readonly again?: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
  /** The answer never changes and is kept by whoever asks: no ETag is. */
  readonly fixed?: boolean;
  /** As the app itself instead of its installation. */
  readonly asApp?: boolean;
}

export type Reply<T> =
  | {
      readonly kind: 'ok';
      readonly status: number;
      readonly data: T;
      readonly link: string | null;
      /** OAuth scopes of a classic token, as GitHub lists them; null for every other login. */
      readonly scopes: string | null;
    }
  /** One of the expected statuses. */
  | { readonly kind: 'not'; readonly status: number; readonly message: string };

interface Kept {
  readonly etag: string;
  readonly data: unknown;
  readonly link: string | null;
  readonly scopes: string | null;
}

interface Raw {
  readonly status: number;
  readonly data: unknown;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
}

/**
 * One repository on one GitHub. Reads are conditional, made again when they fail, and never more than a few at a
 * time; a rate limit holds all further requests back until it is over. Everything that GitHub says is checked
 * against a schema. Throws Unavailable for what passes and Refusal for what a person can mend; secrets are in
 * neither.
 */
export class GithubClient {
  readonly owner: string;
  readonly repo: string;
  /** `acme/shop`, for messages. */
  readonly name: string;
  /** Address of the repository's web page. */
  readonly web: string;
  readonly login: Login;
  readonly now: () => number;
  readonly log: Logger;
  readonly #octokit: Octokit;
  /** The longest that one request may take. */
  readonly timeoutMs: number;
  readonly #etags = new Lru<Kept>(ETAGS_BYTES);
  /** Reads under way, for those who ask the same meanwhile. */
  readonly #asked = new Map<string, Promise<Reply<unknown>>>();
  #pausedUntil = 0;
  #busy = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(settings: GithubSettings, context: AdapterContext) {
    const [owner = '', repo = ''] = settings.repository.split('/');
    this.owner = owner;
    this.repo = repo;
    this.name = settings.repository;
    this.web = `${webBase(settings)}/${settings.repository}`;
    this.login = openLogin(settings, context);
    this.now = context.now;
    this.log = context.log;
    this.timeoutMs = settings.timeout;
    const quiet = () => undefined;
    this.#octokit = new Octokit({
      baseUrl: settings.api.replace(/\/+$/, ''),
      userAgent: 'slipway',
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      request: { fetch: this.#fetch.bind(this) },
    });
  }

  /** Reads something that changes: with its ETag, when it is known. */
  async get<T>(route: string, params: Params, shape: z.ZodType<T>, asking: Asking = {}): Promise<T> {
    return must(await this.ask(route, params, shape, asking));
  }

  async ask<T>(route: string, params: Params, shape: z.ZodType<T>, asking: Asking = {}): Promise<Reply<T>> {
    const key = `${route} ${JSON.stringify(params)}`;
    // Whoever may give up by himself asks by himself.
    if (asking.signal !== undefined || asking.timeoutMs !== undefined) {
      return this.#read(key, route, params, shape, asking);
    }
    const mark = `${key} ${asking.expect?.join() ?? ''}`;
    const asked = this.#asked.get(mark) as Promise<Reply<T>> | undefined;
    if (asked) return asked;
    const fresh = this.#read(key, route, params, shape, asking).finally(() => {
      if (this.#asked.get(mark) === fresh) this.#asked.delete(mark);
    });
    this.#asked.set(mark, fresh);
    return fresh;
  }

  async #read<T>(
    key: string,
    route: string,
    params: Params,
    shape: z.ZodType<T>,
    asking: Asking,
  ): Promise<Reply<T>> {
    const kept = this.#etags.get(key);
    const headers = kept === undefined ? {} : { 'if-none-match': kept.etag };
    const reply = await this.#request(
      route,
      { ...params, headers },
      {
        ...asking,
        again: true,
        expect: [...(asking.expect ?? []), ...(kept === undefined ? [] : [304])],
      },
    );
    if ('message' in reply) {
      if (reply.status !== 304 || kept === undefined) return { kind: 'not', ...reply };
      const { data, link, scopes } = kept;
      return { kind: 'ok', status: 200, data: this.#checked(route, data, shape), link, scopes };
    }
    const { status, data } = reply;
    const checked = this.#checked(route, data, shape);
    const etag = reply.headers['etag'];
    const link = textOf(reply.headers['link']);
    const scopes = textOf(reply.headers['x-oauth-scopes']);
    if (typeof etag === 'string' && asking.fixed !== true) {
      const weight = Number(reply.headers['content-length']) || JSON.stringify(data).length;
      this.#etags.set(key, { etag, data, link, scopes }, weight);
    }
    return { kind: 'ok', status, data: checked, link, scopes };
  }

  /** All pages of a list, one after the other; stop reading to stop asking. */
  async *pages<T>(route: string, params: Params, shape: z.ZodType<T>, asking: Asking = {}): AsyncIterable<T> {
    for (let page = 1; ; page++) {
      const reply = await this.ask(route, { ...params, ...(page === 1 ? {} : { page }) }, shape, asking);
      yield must(reply);
      if (reply.kind !== 'ok' || !/\brel="?next"?/.test(reply.link ?? '')) return;
    }
  }

  /** Changes something. */
  async send<T>(route: string, params: Params, shape: z.ZodType<T>, asking: Asking = {}): Promise<Reply<T>> {
    // What is read from now on must show what this has changed.
    this.#asked.clear();
    const reply = await this.#request(route, params, asking).finally(() => this.#asked.clear());
    if ('message' in reply) return { kind: 'not', ...reply };
    const data = this.#checked(route, reply.data, shape);
    return { kind: 'ok', status: reply.status, data, link: null, scopes: null };
  }

  /** Bytes of an archive or a log; redirects are followed without the credentials. */
  async download(route: string, params: Params, timeoutMs: number): Promise<Buffer> {
    const reply = await this.#request(
      route,
      { ...params, request: { parseSuccessResponseBody: false } },
      {
        again: true,
        timeoutMs,
      },
    );
    if ('message' in reply) throw new Error('no status was expected');
    const chunks: Uint8Array[] = [];
    try {
      for await (const chunk of reply.data as AsyncIterable<Uint8Array>) chunks.push(chunk);
    } catch (error) {
      throw troubleOf(error, false, timeoutMs);
    }
    return Buffer.concat(chunks);
  }

  /**
   * The app's installation on this repository. Refusals `github-app-not-installed`, when there is none or the config
   * names another, and `github-app-suspended`.
   */
  async installation(signal?: AbortSignal): Promise<Installation> {
    const route = 'GET /repos/{owner}/{repo}/installation';
    const reply = await this.ask(route, {}, Installation, { expect: [404], asApp: true, signal });
    const { name: repository, login } = this;
    const installation = login.installation ?? 0;
    if (reply.kind !== 'ok') throw new Refusal('github-app-not-installed', { repository });
    if (reply.data.id !== installation) {
      throw new Refusal('github-app-not-installed', { repository, installation, found: reply.data.id });
    }
    if (reply.data.suspended_at) throw new Refusal('github-app-suspended', { repository });
    return reply.data;
  }

  /**
   * Resolves when the repository can be seen: GitHub says "not found" of all that is in one that cannot. Refusals of
   * `installation`, and `github-not-found`.
   */
  async mustSee(signal?: AbortSignal): Promise<void> {
    if (this.login.kind === 'app') await this.installation(signal);
    else await this.get('GET /repos/{owner}/{repo}', {}, Nothing, { signal });
  }

  /** Takes every secret out of a text. */
  scrub(text: string): string {
    return this.login.secrets().reduce((clean, secret) => clean.replaceAll(secret, '[secret]'), text);
  }

  async #request(
    route: string,
    params: Params,
    { expect = [], again = false, signal, timeoutMs = this.timeoutMs, asApp = false }: Asking,
  ): Promise<Raw | { readonly status: number; readonly message: string }> {
    const [method = 'GET', template = '/'] = route.split(' ');
    const path = template.replace('/repos/{owner}/{repo}', '') || '/';
    let renewed = false;
    for (let attempt = 0; ; attempt++) {
      this.#mayAsk();
      const timeout = AbortSignal.timeout(timeoutMs);
      const either = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
      let problem: Unavailable | Refusal;
      let authorization = '';
      try {
        return await this.#inTurn(async () => {
          authorization = await this.#authorization(asApp);
          return this.#once(route, params, either, authorization);
        });
      } catch (error) {
        if (error instanceof Refusal) throw error;
        const failed = failedOf(error, { method, path }, (text) => this.scrub(text));
        if (failed === null) {
          problem = error instanceof Unavailable ? error : troubleOf(error, either.aborted, timeoutMs);
        } else {
          if (isSuspended(failed)) throw new Refusal('github-app-suspended', { repository: this.name });
          if (expect.includes(failed.status) && pauseOf(failed, this.now()) === null) {
            return { status: failed.status, message: failed.message };
          }
          if (failed.status === 401 && !asApp && !renewed && this.login.renew(authorization)) {
            renewed = true;
            continue;
          }
          // What an app does not see may be there for others: is it installed at all?
          if (failed.status === 404 && this.login.kind === 'app' && !asApp) await this.installation(signal);
          problem = this.#failure(failed);
        }
      }
      const pause = AGAIN_AFTER_MS[attempt];
      const hopeless = problem instanceof Refusal || problem.retryAfterMs !== undefined;
      if (!again || hopeless || pause === undefined || signal?.aborted) throw problem;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  async #once(route: string, params: Params, signal: AbortSignal, authorization: string): Promise<Raw> {
    const {
      headers = {},
      request = {},
      ...rest
    } = params as {
      headers?: Record<string, string>;
      request?: object;
    };
    // Octokit puts what the route has no place for into the query or the body.
    const place = route.includes('/repos/{owner}/{repo}') ? { owner: this.owner, repo: this.repo } : {};
    return this.#octokit.request(route, {
      ...place,
      ...rest,
      headers: { 'x-github-api-version': '2022-11-28', ...headers, authorization },
      request: { ...request, signal },
    });
  }

  /** Trouble with signing in must never pass for an answer to the request itself. */
  async #authorization(asApp: boolean): Promise<string> {
    try {
      const header = asApp ? await this.login.appHeader(this.#octokit) : null;
      return header ?? (await this.login.header(this.#octokit));
    } catch (error) {
      const request = { method: 'POST', path: '/app/installations/access_tokens' };
      const failed = failedOf(error, request, (text) => this.scrub(text));
      if (failed === null) {
        if (error instanceof RequestError) throw troubleOf(error, false, this.timeoutMs);
        const reason = this.scrub(error instanceof Error ? error.message : String(error)).slice(0, 300);
        throw new Refusal('github-credentials', { repository: this.name, login: this.login.kind, reason });
      }
      const { name: repository, login } = this;
      if (isSuspended(failed)) throw new Refusal('github-app-suspended', { repository });
      if (failed.status === 404 && login.installation !== null) {
        const { installation } = login;
        throw new Refusal('github-app-not-installed', { repository, installation });
      }
      const isOurs = failed.status < 500 && pauseOf(failed, this.now()) === null;
      throw isOurs
        ? new Refusal('github-credentials', {
            repository,
            login: login.kind,
            reason: failed.message || `status ${failed.status}`,
          })
        : this.#failure(failed);
    }
  }

  #failure(failed: Failed): Refusal | Unavailable {
    const now = this.now();
    const pause = pauseOf(failed, now);
    if (pause !== null) this.#pausedUntil = Math.max(this.#pausedUntil, now + pause);
    const failure = failureOf(failed, { repository: this.name, login: this.login.kind, now });
    const { method, path, status, message } = failed;
    this.log.info({ github: { method, path, status, message } }, 'GitHub refused a request');
    return failure;
  }

  /** While a rate limit lasts nothing is asked: GitHub lengthens the limit of those who go on. */
  #mayAsk(): void {
    const left = this.#pausedUntil - this.now();
    if (left <= 0) return;
    const reason = `asked Slipway to wait; ${Math.ceil(left / 1_000)} s are left`;
    throw new Unavailable('GitHub', reason, { retryAfterMs: left });
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#busy >= CONCURRENT) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#busy++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#busy--;
    }
  }

  /** Requests that Octokit makes by itself (installation tokens) get the same patience as ours. */
  #fetch(url: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    return fetch(url, { ...init, signal: init.signal ?? AbortSignal.timeout(this.timeoutMs) });
  }

  #checked<T>(route: string, data: unknown, shape: z.ZodType<T>): T {
    const parsed = shape.safeParse(data);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const where = issue === undefined ? '' : ` (${issue.path.join('.') || 'answer'}: ${issue.message})`;
    throw new Unavailable('GitHub', `answered ${route} in a way that Slipway does not understand${where}`);
  }
}

function must<T>(reply: Reply<T>): T {
  if (reply.kind === 'ok') return reply.data;
  throw new Error(`status ${reply.status} was expected and not handled`);
}

function textOf(value: string | number | undefined): string | null {
  return value === undefined ? null : String(value);
}
