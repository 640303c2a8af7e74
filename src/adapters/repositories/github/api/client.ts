import type { Logger } from 'pino';
import type { z } from 'zod';
import { Refusal } from '../../../../domain/refusals/refusal.ts';
import { withoutTrailing } from '../../../../domain/text/trailing.ts';
import type { AdapterContext } from '../../../shared/context.ts';
import { type GithubSettings, webBase } from '../settings.ts';
import { type Login, openLogin, scrubbed } from './auth.ts';
import { EtagCache } from './etag-cache.ts';
import { troubleOf } from './failure.ts';
import { InFlight } from './in-flight.ts';
import { GithubLag } from './lag.ts';
import type { GithubRateLimit } from './rate-limit.ts';
import { type Asking, type GithubReply, must, type Params, replyOf } from './reply.ts';
import { Requests } from './requests.ts';
import { AppInstallation, Nothing } from './shapes.ts';
import { turnsOf } from './turns.ts';

/**
 * One repository on one GitHub. Reads are conditional, shared by those who ask at the same time, and made again when
 * they fail. Everything that GitHub says is checked against a schema. Throws Unavailable for what passes and Refusal
 * for what a person can mend; secrets are in neither.
 */
export class GithubClient {
  readonly owner: string;
  /** `acme/shop`, for messages. */
  readonly name: string;
  /** Address of the repository's web page. */
  readonly web: string;
  readonly login: Login;
  readonly now: () => number;
  readonly log: Logger;
  /** The longest that one request may take. */
  readonly timeoutMs: number;
  /** Base of GraphQL, which is not below that of the REST API on a server of one's own. */
  readonly graphql: string;
  readonly graphqlLimit: GithubRateLimit;
  readonly lag: GithubLag;
  readonly #api: string;
  readonly #requests: Requests;
  readonly #etags = new EtagCache();
  readonly #reads = new InFlight();

  constructor(settings: GithubSettings, context: AdapterContext) {
    this.owner = settings.repository.split('/')[0] ?? '';
    this.name = settings.repository;
    this.web = `${webBase(settings)}/${settings.repository}`;
    this.login = openLogin(settings, context);
    this.now = context.now;
    this.log = context.log;
    this.timeoutMs = settings.timeout;
    this.#api = settings.api;
    this.graphql = withoutTrailing(settings.api, '/').replace(/\/api\/v3$/, '/api');
    // What an app does not see may be there for others: is it installed at all?
    const onNotFound = async (signal: AbortSignal | undefined) =>
      this.login.kind === 'app' ? this.installation(signal) : null;
    const turns = turnsOf(settings, context);
    this.graphqlLimit = turns.graphqlLimit;
    this.lag = new GithubLag(context.now);
    this.#requests = new Requests(settings, context, this.login, turns, onNotFound);
  }

  /** Reads something that changes: with its ETag, when it is known. */
  async get<T>(route: string, params: Params, shape: z.ZodType<T>, asking: Asking = {}): Promise<T> {
    return must(await this.ask(route, params, shape, asking));
  }

  async ask<T>(
    route: string,
    params: Params,
    shape: z.ZodType<T>,
    asking: Asking = {},
  ): Promise<GithubReply<T>> {
    const key = `${route} ${JSON.stringify(params)}`;
    const read = () => this.#read(key, route, params, shape, asking);
    // Whoever may give up before the others asks alone.
    if (asking.signal !== undefined || asking.timeoutMs !== undefined) return read();
    return this.#reads.share(`${key} ${asking.expect?.join() ?? ''}`, read);
  }

  async #read<T>(
    key: string,
    route: string,
    params: Params,
    shape: z.ZodType<T>,
    { expect = [], ...asking }: Asking,
  ): Promise<GithubReply<T>> {
    const kept = this.#etags.get(key);
    const headers = kept === undefined ? {} : { 'if-none-match': kept.etag };
    const answer = await this.#requests.make(
      route,
      { ...params, headers },
      { ...asking, again: true, expect: kept === undefined ? expect : [...expect, 304] },
    );
    if ('message' in answer) {
      if (answer.status !== 304 || kept === undefined) return { kind: 'not', ...answer };
      return replyOf(route, { ...kept.raw, status: 200 }, shape);
    }
    const reply = replyOf(route, answer, shape);
    if (asking.fixed !== true) this.#etags.keep(key, answer);
    return reply;
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
  async send<T>(
    route: string,
    params: Params,
    shape: z.ZodType<T>,
    asking: Asking = {},
  ): Promise<GithubReply<T>> {
    // What is read from now on must show what this has changed.
    this.#reads.forget();
    const answer = await this.#requests.make(route, params, asking).finally(() => this.#reads.forget());
    return 'message' in answer ? { kind: 'not', ...answer } : replyOf(route, answer, shape);
  }

  /** Bytes of an archive or a log; redirects are followed without the credentials. */
  async download(route: string, params: Params, timeoutMs: number): Promise<Buffer> {
    const unparsed = { ...params, request: { parseSuccessResponseBody: false } };
    const reply = await this.#requests.make(route, unparsed, { again: true, timeoutMs });
    if ('message' in reply) throw new Error('no status was expected');
    const chunks: Uint8Array[] = [];
    try {
      for await (const chunk of reply.data as AsyncIterable<Uint8Array>) chunks.push(chunk);
    } catch (error) {
      throw troubleOf(error, false, timeoutMs, this.#api);
    }
    return Buffer.concat(chunks);
  }

  /**
   * The app's installation on this repository. Refusals `github-app-not-installed`, when there is none or the config
   * names another, and `github-app-suspended`.
   */
  async installation(signal?: AbortSignal): Promise<AppInstallation> {
    const route = 'GET /repos/{owner}/{repo}/installation';
    const reply = await this.ask(route, {}, AppInstallation, { expect: [404], asApp: true, signal });
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
    return scrubbed(this.login, text);
  }
}
