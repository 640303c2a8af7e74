import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { GoogleTokens } from '../../shared/google/tokens.ts';
import { type Call, PlatformApi, type PlatformReply, path } from '../../shared/platform/api.ts';
import { lastName, Revision, RunService } from './shapes.ts';

interface Place {
  readonly project: string;
  readonly region: string;
  readonly service: string;
}

interface Asking {
  readonly api: string;
  readonly logging: string;
  readonly timeoutMs: number;
  readonly now: () => number;
}

const PLATFORM = 'Cloud Run';
const READ = 'the role roles/run.viewer';
const WRITE =
  'the role roles/run.developer, roles/iam.serviceAccountUser on the account that the service runs as, and roles/artifactregistry.reader on the repository of the image';
const LOGS = 'the role roles/logging.viewer';
const MOST_REVISIONS = '100';
const MOST_LINES = 20;
const MOST_CHARS = 300;

const Entries = z.object({
  entries: z
    .array(
      z.object({
        textPayload: z.string().nullish(),
        jsonPayload: z.looseObject({ message: z.string().nullish() }).nullish(),
      }),
    )
    .default([]),
});

export interface ServicePatch {
  readonly etag: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly traffic?: readonly unknown[];
  readonly template?: unknown;
}

/**
 * The calls that a deployment takes, as the published description of the Cloud Run Admin API v2 has them: get and patch of a
 * service, get and list of its revisions; and of Cloud Logging v2 the list of entries.
 */
export class CloudRunApi {
  readonly #place: Place;
  readonly #tokens: GoogleTokens;
  readonly #asking: Asking;

  constructor(place: Place, tokens: GoogleTokens, asking: Asking) {
    this.#place = place;
    this.#tokens = tokens;
    this.#asking = asking;
  }

  async service(signal?: AbortSignal): Promise<RunService> {
    const what = `the service ${this.#place.service}`;
    const { value } = await this.#call({
      path: this.#path(),
      reply: RunService,
      doing: `read ${what}`,
      needs: READ,
      what: this.#inPlace(what),
      signal,
    });
    return value;
  }

  /** `conflict` when it was changed since it was read. `validateOnly`: nothing is changed, only asked whether it could be. */
  async patch(
    change: ServicePatch,
    {
      validateOnly = false,
      signal,
    }: { readonly validateOnly?: boolean; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<'patched' | 'conflict'> {
    const { etag: _, ...fields } = change;
    try {
      await this.#call({
        method: 'PATCH',
        path: this.#path(),
        query: {
          updateMask: Object.keys(fields).join(','),
          ...(validateOnly ? { validateOnly: 'true' } : {}),
        },
        body: change,
        // A long-running operation: how it goes is told by the service itself, also to who never got its name.
        reply: z.object({}),
        doing: `change the service ${this.#place.service}`,
        needs: WRITE,
        what: this.#inPlace(`the service ${this.#place.service}`),
        signal,
      });
      return 'patched';
    } catch (error) {
      // ABORTED and ALREADY_EXISTS have the same status; only the first one passes.
      const { status, said } = error instanceof Refusal ? error.facts : {};
      if (status === 409 && !/already exists/i.test(String(said))) return 'conflict';
      throw error;
    }
  }

  /** Null for one that is not there, or not visible yet. */
  async revision(name: string, signal?: AbortSignal): Promise<Revision | null> {
    try {
      const call = { path: `${this.#path()}${path`/revisions/${name}`}`, reply: Revision };
      return (await this.#call({ ...call, ...this.#reading(`the revision ${name}`), signal })).value;
    } catch (error) {
      if (error instanceof Refusal && error.code === 'platform-not-found') return null;
      throw error;
    }
  }

  /** Newest first. */
  async revisions(): Promise<readonly Revision[]> {
    const { value } = await this.#call({
      path: `${this.#path()}/revisions`,
      query: { pageSize: MOST_REVISIONS },
      reply: z.object({ revisions: z.array(Revision).default([]) }),
      ...this.#reading('the revisions'),
    });
    return [...value.revisions].sort((a, b) => (a.createTime < b.createTime ? 1 : -1));
  }

  /** The last lines that a revision printed, oldest first. */
  async lines(revision: string): Promise<readonly string[]> {
    const { project, service } = this.#place;
    const labels = { service_name: service, revision_name: lastName(revision) };
    const filter = Object.entries(labels).map(([name, value]) => `resource.labels.${name}="${value}"`);
    const call = {
      method: 'POST' as const,
      path: '/v2/entries:list',
      body: {
        resourceNames: [`projects/${project}`],
        filter: ['resource.type="cloud_run_revision"', ...filter].join(' AND '),
        orderBy: 'timestamp desc',
        pageSize: MOST_LINES,
      },
      reply: Entries,
      doing: 'read the log',
      needs: LOGS,
      what: `the log of ${service}`,
    };
    const { value } = await this.#call(call, this.#asking.logging);
    const lines = value.entries.map((one) => one.textPayload ?? one.jsonPayload?.message ?? '');
    return lines
      .flatMap((text) => text.split(/\r?\n/).toReversed())
      .filter((line) => line.trim() !== '')
      .slice(0, MOST_LINES)
      .map((line) => line.slice(0, MOST_CHARS))
      .toReversed();
  }

  /** A token that was revoked before its time is asked for anew, once. */
  async #call<T>(call: Call<T>, base = this.#asking.api): Promise<PlatformReply<T>> {
    for (let attempt = 0; ; attempt++) {
      const token = await this.#tokens.get();
      const api = new PlatformApi({
        platform: PLATFORM,
        base,
        headers: { authorization: `Bearer ${token}` },
        tokenName: this.#tokens.source,
        secrets: [token],
        timeoutMs: this.#asking.timeoutMs,
        now: this.#asking.now,
      });
      try {
        return await api.call(call);
      } catch (error) {
        const isOld = error instanceof Refusal && error.code === 'platform-unauthorised';
        if (!isOld || attempt > 0) throw error;
        this.#tokens.forget();
      }
    }
  }

  #path(): string {
    const { project, region, service } = this.#place;
    return path`/v2/projects/${project}/locations/${region}/services/${service}`;
  }

  #inPlace(what: string): string {
    return `${what} in ${this.#place.region} of the project ${this.#place.project}`;
  }

  #reading(what: string) {
    return { doing: `read ${what}`, needs: READ, what: this.#inPlace(what) };
  }
}
