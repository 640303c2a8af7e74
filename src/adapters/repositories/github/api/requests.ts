import { setTimeout as sleep } from 'node:timers/promises';
import { mustStillAct } from '../../../../domain/operations/acting.ts';
import { Refusal, Unavailable } from '../../../../domain/refusals/refusal.ts';
import type { AdapterContext } from '../../../shared/context.ts';
import { limited } from '../../../shared/time-limit.ts';
import type { GithubSettings } from '../settings.ts';
import type { Login } from './auth.ts';
import { isSuspended, troubleOf } from './failure.ts';
import { FailureReader } from './failure-reader.ts';
import { RepositoryRoutes } from './octokit.ts';
import type { Asking, Failed, Params, Raw } from './reply.ts';
import { SignIn } from './sign-in.ts';
import type { LoginTurns } from './turns.ts';

/** Pauses before a request that may safely be made again, in ms. */
const AGAIN_AFTER_MS = [250, 1_000];
/** Pauses before a token that was just issued is tried again, in ms. */
const FRESH_AGAIN_AFTER_MS = [1_000, 2_000];

/** One of the statuses that were expected. */
export interface Expected {
  readonly status: number;
  readonly message: string;
}

interface Call extends Asking {
  readonly route: string;
  readonly method: string;
  /** Below the repository, for messages. */
  readonly path: string;
  readonly params: Params;
}

type Attempt =
  | { readonly kind: 'answered'; readonly raw: Raw }
  | { readonly kind: 'failed'; readonly failed: Failed; readonly authorization: string }
  | { readonly kind: 'trouble'; readonly trouble: Unavailable };

/**
 * Makes requests: signed, a few at a time, none while a rate limit lasts, and again where that is safe. Throws
 * Unavailable for what passes and Refusal for what a person can mend.
 */
export class Requests {
  readonly #routes: RepositoryRoutes;
  readonly #login: Login;
  readonly #signIn: SignIn;
  readonly #failures: FailureReader;
  readonly #limit: LoginTurns['limit'];
  readonly #turns: LoginTurns['turns'];
  readonly #settings: GithubSettings;
  readonly #onNotFound: (signal: AbortSignal | undefined) => Promise<unknown>;

  /** `onNotFound` may throw why nothing is found at all; it is called before a 404 counts as a failure. */
  constructor(
    settings: GithubSettings,
    context: Pick<AdapterContext, 'log' | 'now'>,
    login: Login,
    { limit, turns }: LoginTurns,
    onNotFound: (signal: AbortSignal | undefined) => Promise<unknown>,
  ) {
    const [owner = '', repo = ''] = settings.repository.split('/');
    this.#routes = new RepositoryRoutes(settings, { owner, repo });
    this.#login = login;
    this.#limit = limit;
    this.#turns = turns;
    this.#failures = new FailureReader(login, settings.repository, limit, context);
    this.#signIn = new SignIn(login, this.#routes.octokit, this.#failures, settings);
    this.#settings = settings;
    this.#onNotFound = onNotFound;
  }

  async make(route: string, params: Params, asking: Asking): Promise<Raw | Expected> {
    const [method = 'GET', template = '/'] = route.split(' ');
    const path = template.replace('/repos/{owner}/{repo}', '') || '/';
    const call = { ...asking, route, method, path, params };
    let mayRenew = call.asApp !== true;
    const untilKnown = [...FRESH_AGAIN_AFTER_MS];
    for (let attempt = 0; ; ) {
      if (method !== 'GET' && path !== '/graphql') await mustStillAct();
      const made = await this.#attempt(call);
      if (made.kind === 'answered') return made.raw;
      if (made.kind === 'failed') {
        const { failed, authorization } = made;
        if (this.#isExpected(failed, call)) return { status: failed.status, message: failed.message };
        if (failed.status === 401 && this.#login.isFresh(authorization) && untilKnown.length > 0) {
          await sleep(untilKnown.shift());
          continue;
        }
        if (failed.status === 401 && mayRenew && this.#login.renew(authorization)) {
          mayRenew = false;
          continue;
        }
      }
      const problem = made.kind === 'failed' ? await this.#problemOf(made.failed, call) : made.trouble;
      const pause = AGAIN_AFTER_MS[attempt++];
      const isHopeless = problem instanceof Refusal || problem.retryAfterMs !== undefined;
      if (!call.again || isHopeless || pause === undefined || call.signal?.aborted) throw problem;
      await sleep(pause);
    }
  }

  async #attempt({ route, method, path, params, signal, asApp = false, ...call }: Call): Promise<Attempt> {
    this.#limit.mustBeOver();
    const { timeoutMs = this.#settings.timeout } = call;
    const either = limited(timeoutMs, signal);
    let authorization = '';
    try {
      const raw = await this.#turns.run(async () => {
        authorization = await this.#signIn.header(asApp);
        return this.#routes.request(route, params, either, authorization);
      });
      return { kind: 'answered', raw };
    } catch (error) {
      if (error instanceof Refusal) throw error;
      if (error instanceof Unavailable) return { kind: 'trouble', trouble: error };
      const failed = this.#failures.read(error, { method, path });
      if (failed !== null) return { kind: 'failed', failed, authorization };
      return { kind: 'trouble', trouble: troubleOf(error, either.aborted, timeoutMs, this.#settings.api) };
    }
  }

  #isExpected(failed: Failed, { expect = [] }: Call): boolean {
    if (isSuspended(failed)) throw this.#suspended();
    return expect.includes(failed.status) && !this.#failures.isRateLimit(failed);
  }

  async #problemOf(failed: Failed, { signal, asApp = false }: Call): Promise<Refusal | Unavailable> {
    if (failed.status === 404 && !asApp) await this.#onNotFound(signal);
    return this.#failures.judge(failed);
  }

  #suspended(): Refusal {
    return new Refusal('github-app-suspended', { repository: this.#settings.repository });
  }
}
