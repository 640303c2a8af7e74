import type { Logger } from 'pino';
import type { Refusal, Unavailable } from '../../../../domain/refusals/refusal.ts';
import { type Login, scrubbed } from './auth.ts';
import { failedOf, failureOf } from './failure.ts';
import { type GithubRateLimit, pauseOf } from './rate-limit.ts';
import type { Failed } from './reply.ts';

/** What GitHub said to requests that it did not do: heard by the rate limit and the log, and put into words. */
export class FailureReader {
  readonly #login: Login;
  readonly #repository: string;
  readonly #limit: GithubRateLimit;
  readonly #log: Logger;
  readonly #now: () => number;

  constructor(
    login: Login,
    repository: string,
    limit: GithubRateLimit,
    { log, now }: { readonly log: Logger; readonly now: () => number },
  ) {
    this.#login = login;
    this.#repository = repository;
    this.#limit = limit;
    this.#log = log;
    this.#now = now;
  }

  /** What GitHub answered; null for every other error. */
  read(error: unknown, request: { readonly method: string; readonly path: string }): Failed | null {
    return failedOf(error, request, (text) => scrubbed(this.#login, text));
  }

  isRateLimit(failed: Failed): boolean {
    return pauseOf(failed, this.#now()) !== null;
  }

  /** As a refusal that a person can act on, or an outage that passes. */
  judge(failed: Failed): Refusal | Unavailable {
    this.#limit.heed(failed);
    const { method, path, status, message } = failed;
    this.#log.info({ github: { method, path, status, message } }, 'GitHub refused a request');
    const { kind: login } = this.#login;
    return failureOf(failed, { repository: this.#repository, login, now: this.#now() });
  }
}
