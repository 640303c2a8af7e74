import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import { keptSecret } from '../../../domain/text/redaction.ts';
import { withoutTrailing } from '../../../domain/text/trailing.ts';
import type { AdapterContext } from '../../shared/context.ts';
import { type Call, PlatformApi, type PlatformReply } from '../../shared/platform/api.ts';
import { type GitlabSettings, projectPage } from './settings.ts';

const LONGEST_MS = 20_000;
const PER_PAGE = '100';

/** A question about the project; `path` is below that of the project, with everything filled in encoded. */
type Asking<T> = Omit<Call<T>, 'needs' | 'what'> & {
  /** Developer by default. */
  readonly needs?: string;
  /** The project by default. */
  readonly what?: string;
};

const DEVELOPER = 'the scope api and the role Developer in the project';

/** How GitLab refuses whatever would change a project at a path that it was moved from. */
const MOVED = /moved projects/i;

/**
 * One project on one GitLab, by its REST API v4. Throws Unavailable for what passes (429 with what GitLab says about when
 * to come back), and Refusals: `repository-auth` for a token that is not accepted, `repository-redirects` for a project that
 * was moved, and those of `PlatformApi`.
 *
 * @see https://docs.gitlab.com/api/rest/ errors, pagination and rate limits
 */
export class GitlabClient {
  /** `acme/web/shop`, for messages. */
  readonly name: string;
  /** Address of the project's web page. */
  readonly web: string;
  /** The environment variable of the token. */
  readonly tokenName: string;
  readonly now: () => number;
  readonly #base: string;
  readonly #token: string;
  readonly #timeoutMs: number;
  readonly #ca: string | null;

  constructor(settings: GitlabSettings, context: AdapterContext) {
    const { project, token, url, ca, timeout } = settings;
    this.name = project;
    this.web = projectPage(settings);
    this.tokenName = token.env;
    this.now = context.now;
    this.#base = `${withoutTrailing(url, '/')}/api/v4`;
    this.#token = keptSecret(context.secret(token.env));
    this.#timeoutMs = Math.min(timeout, LONGEST_MS);
    this.#ca = ca === undefined ? null : resolve(context.configDir, ca);
  }

  async get<T>(asking: Asking<T>): Promise<T> {
    return (await this.#call(asking)).value;
  }

  /** Null for what GitLab does not know (404). */
  async find<T>(asking: Asking<T>): Promise<T | null> {
    return this.unless(['platform-not-found'], this.get(asking));
  }

  /** All pages of a list, one after the other; stop reading to stop asking. */
  async *pages<T>(asking: Asking<readonly T[]>): AsyncIterable<readonly T[]> {
    let more: Readonly<Record<string, string>> | null = {};
    while (more !== null) {
      const query: Asking<unknown>['query'] = { per_page: PER_PAGE, ...asking.query, ...more };
      const reply: PlatformReply<readonly T[]> = await this.#call({ ...asking, query });
      yield reply.value;
      more = nextOf(reply.headers['link']);
    }
  }

  /** The whole list, up to so many pages. */
  async list<T>(asking: Asking<readonly T[]>, mostPages = 10): Promise<readonly T[]> {
    const found: T[] = [];
    let pages = 0;
    for await (const page of this.pages(asking)) {
      found.push(...page);
      if (++pages === mostPages) break;
    }
    return found;
  }

  /** Plain text, such as the log of a job. */
  async text(asking: Omit<Asking<never>, 'reply'>): Promise<string> {
    return this.#own(this.#api().then((api) => api.text(this.#whole(asking))));
  }

  /** Null where GitLab answers with one of these refusals: for what not every token or edition may see. */
  async unless<T>(codes: readonly Refusal['code'][], work: Promise<T>): Promise<T | null> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof Refusal && codes.includes(error.code)) return null;
      throw error;
    }
  }

  /** What is not about the project, such as the token itself. */
  async elsewhere<T>(asking: Asking<T>): Promise<T> {
    const about = { needs: DEVELOPER, what: asking.doing };
    return (await this.#own(this.#api().then((api) => api.call({ ...about, ...asking })))).value;
  }

  #call<T>(asking: Asking<T>): Promise<PlatformReply<T>> {
    const { reply } = asking;
    return this.#own(this.#api().then((api) => api.call({ ...this.#whole(asking), reply })));
  }

  /** What a platform refuses, as what a repository refuses. */
  async #own<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { said = '', status, to = '' } = error.facts;
      const remote = this.web;
      if (error.code === 'platform-unauthorised')
        throw new Refusal('repository-auth', { remote, reason: String(said) });
      if (error.code === 'target-misconfigured')
        throw new Refusal('repository-redirects', { remote, ...(await this.#pageOf(String(to))) });
      if (status === 405 && MOVED.test(String(said))) throw new Refusal('repository-redirects', { remote });
      throw error;
    }
  }

  /** The page of the project that GitLab sends readers on to, where it says so: by its number. */
  async #pageOf(location: string): Promise<{ readonly to?: string }> {
    const [, id] = /\/projects\/(\d{1,15})(?:[/?]|$)/.exec(location) ?? [];
    if (id === undefined) return {};
    const about = { needs: DEVELOPER, what: 'the project', doing: 'read the project' };
    const reply = z.object({ web_url: z.string() });
    const asked = this.#api().then((api) => api.call({ ...about, path: `/projects/${id}`, reply }));
    return asked.then(
      ({ value }) => ({ to: value.web_url }),
      () => ({}),
    );
  }

  #whole<A extends Omit<Asking<never>, 'reply'>>(asking: A) {
    const what = `the project ${this.name}`;
    const path = `/projects/${encodeURIComponent(this.name)}${asking.path}`;
    return { needs: DEVELOPER, what, ...asking, path };
  }

  /** The file of the authority is read for each question: it may be renewed. */
  async #api(): Promise<PlatformApi> {
    return new PlatformApi({
      platform: 'GitLab',
      base: this.#base,
      headers: { 'private-token': this.#token },
      tokenName: this.tokenName,
      secrets: [this.#token],
      timeoutMs: this.#timeoutMs,
      tls: this.#ca === null ? undefined : { ca: await authority(this.#ca, this.web) },
      now: this.now,
    });
  }
}

async function authority(path: string, remote: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    throw new Refusal('repository-auth', { remote, reason: `${path} cannot be read` });
  }
}

/**
 * What to ask for the next page, by offset or by key, as the header `Link` says. Only its query is taken: behind a proxy
 * GitLab often names an address of itself that nobody else can reach, and the token goes to no other.
 */
function nextOf(link: string | undefined): Readonly<Record<string, string>> | null {
  const [, next] = /<([^<>]{1,4000})>;\s*rel="?next\b/.exec(link ?? '') ?? [];
  const query = next === undefined ? -1 : next.indexOf('?');
  return query < 0 ? null : Object.fromEntries(new URLSearchParams(next?.slice(query)));
}

/** A time as GitLab writes it, in ms since the epoch; null when there is none. */
export const GitlabTime = z
  .string()
  .nullish()
  .transform((text) => {
    const at = Date.parse(text ?? '');
    return Number.isFinite(at) ? at : null;
  });
