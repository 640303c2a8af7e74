import { RequestError } from '@octokit/request-error';
import type { Octokit } from '@octokit/rest';
import { Refusal } from '../../../../domain/refusals/refusal.ts';
import type { GithubSettings } from '../settings.ts';
import { type Login, scrubbed } from './auth.ts';
import { isSuspended, troubleOf } from './failure.ts';
import type { FailureReader } from './failure-reader.ts';
import type { Failed } from './reply.ts';

const REQUEST = { method: 'POST', path: '/app/installations/access_tokens' };

/** The `authorization` header of requests. Trouble with signing in never passes for an answer to the request itself. */
export class SignIn {
  readonly #login: Login;
  readonly #octokit: Promise<Octokit>;
  readonly #repository: string;
  readonly #failures: FailureReader;
  readonly #timeoutMs: number;
  readonly #api: string;

  constructor(
    login: Login,
    octokit: Promise<Octokit>,
    failures: FailureReader,
    { repository, timeout, api }: Pick<GithubSettings, 'repository' | 'timeout' | 'api'>,
  ) {
    this.#login = login;
    this.#octokit = octokit;
    this.#failures = failures;
    this.#repository = repository;
    this.#timeoutMs = timeout;
    this.#api = api;
  }

  /**
   * Refusals `github-credentials`, `github-app-suspended` and `github-app-not-installed`. With `asApp` as the app
   * itself instead of its installation.
   */
  async header(asApp: boolean): Promise<string> {
    try {
      const octokit = await this.#octokit;
      const header = asApp ? await this.#login.appHeader(octokit) : null;
      return header ?? (await this.#login.header(octokit));
    } catch (error) {
      const failed = this.#failures.read(error, REQUEST);
      throw failed === null ? this.#troubleOf(error) : this.#refusalOf(failed);
    }
  }

  /** GitHub did not answer, or what the config holds is no key. */
  #troubleOf(error: unknown): Error {
    if (error instanceof RequestError) return troubleOf(error, false, this.#timeoutMs, this.#api);
    const text = error instanceof Error ? error.message : String(error);
    return this.#notAccepted(scrubbed(this.#login, text).slice(0, 300));
  }

  #refusalOf(failed: Failed): Error {
    const repository = this.#repository;
    const { installation } = this.#login;
    if (isSuspended(failed)) return new Refusal('github-app-suspended', { repository });
    if (failed.status === 404 && installation !== null) {
      return new Refusal('github-app-not-installed', { repository, installation });
    }
    const isOurs = failed.status < 500 && !this.#failures.isRateLimit(failed);
    return isOurs
      ? this.#notAccepted(failed.message || `status ${failed.status}`)
      : this.#failures.judge(failed);
  }

  #notAccepted(reason: string): Refusal {
    return new Refusal('github-credentials', {
      repository: this.#repository,
      login: this.#login.kind,
      reason,
    });
  }
}
