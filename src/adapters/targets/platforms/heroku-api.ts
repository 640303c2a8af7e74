import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Sha } from '../../../domain/release/release.ts';
import { askOnce } from '../../shared/http.ts';
import { type Call, type PlatformAccount, PlatformApi, path } from '../../shared/platform/api.ts';

const App = z.object({
  id: z.string(),
  name: z.string(),
  web_url: z.string().nullish(),
  stack: z.object({ name: z.string() }).nullish(),
});

const Coupling = z.object({
  app: z.object({ id: z.string() }),
  pipeline: z.object({ id: z.string() }),
  stage: z.string(),
});
export type HerokuCoupling = z.infer<typeof Coupling>;

const Release = z.object({
  id: z.string(),
  version: z.int(),
  /** pending while the release phase runs, then succeeded or failed; expired: its slug is gone. */
  status: z.string(),
  current: z.boolean().nullish(),
  eligible_for_rollback: z.boolean().nullish(),
  description: z.string().nullish(),
  slug: z.object({ id: z.string() }).nullish(),
  /** Apps of the newer generation run images instead of slugs. */
  artifacts: z.array(z.object({ type: z.string(), id: z.string() })).nullish(),
  output_stream_url: z.string().nullish(),
  updated_at: z.string().nullish(),
});
export type HerokuRelease = z.infer<typeof Release>;

const Built = z.object({ commit: z.string().nullish() });
/** Images come as a list. */
const BuiltFrom = z.union([Built, z.tuple([Built], z.unknown()).transform(([built]) => built)]);

const PromotionTarget = z.object({
  /** pending, succeeded, failed */
  status: z.string(),
  error_message: z.string().nullish(),
});

/** Releases that are looked through, newest first. */
const MOST_RELEASES = 100;
const OUTPUT_TIMEOUT_MS = 5_000;
const READ =
  'a scope of read, write, read-protected, write-protected or global, and the account access to the app';
const DEPLOY = 'the scope write-protected, write or global, and the account the right to deploy to the app';

/**
 * The calls of Heroku's Platform API v3 that a deployment takes, as its JSON schema describes them
 * (https://devcenter.heroku.com/articles/platform-api-reference, https://github.com/heroku/platform-api schema.json,
 * June 2026): app info, app feature info, pipeline coupling info by app, release list, info and rollback, slug info,
 * oci-image info, pipeline promotion create, pipeline promotion target list. Lists are cut by `Range` (206).
 */
export class HerokuApi {
  readonly #api: PlatformApi;
  /** A slug or image never changes. */
  readonly #commits = new Map<string, Sha | null>();

  constructor(account: PlatformAccount) {
    const accept = 'application/vnd.heroku+json; version=3';
    this.#api = new PlatformApi({ ...account, headers: { ...account.headers, accept } });
  }

  /** Also refuses a token whose scopes, which Heroku sends along, do not allow to deploy. */
  async app(app: string, signal?: AbortSignal): Promise<z.infer<typeof App>> {
    const doing = `read the app ${app}`;
    const { value, headers } = await this.#api.call({
      ...ofApp(app),
      path: path`/apps/${app}`,
      reply: App,
      doing,
      signal,
    });
    const scopes = headers['oauth-scope']?.split(/[\s,]+/).filter((one) => one !== '') ?? [];
    if (scopes.length > 0 && !scopes.some((scope) => /^(global|write|write-protected)$/.test(scope))) {
      throw new Refusal('platform-forbidden', {
        platform: 'Heroku',
        doing: `deploy to ${app}`,
        needs: `the scope write-protected (it has ${scopes.join(', ')})`,
      });
    }
    return value;
  }

  /** Null when the app is in no pipeline. */
  coupling(app: string, signal?: AbortSignal): Promise<HerokuCoupling | null> {
    return this.#api.find({
      ...ofApp(app),
      path: path`/apps/${app}/pipeline-couplings`,
      reply: Coupling,
      doing: `read the pipeline of ${app}`,
      signal,
    });
  }

  /** Whether the dynos of the release before answer until those of the new one have booted. */
  async preboots(app: string): Promise<boolean> {
    const feature = await this.#api.find({
      ...ofApp(app),
      path: path`/apps/${app}/features/preboot`,
      reply: z.object({ enabled: z.boolean() }),
      doing: `read whether ${app} has preboot`,
    });
    return feature?.enabled ?? false;
  }

  /** Newest first. */
  async releases(app: string, signal?: AbortSignal): Promise<readonly HerokuRelease[]> {
    const { value } = await this.#api.call({
      ...ofApp(app),
      path: path`/apps/${app}/releases`,
      headers: { range: `version ..; order=desc,max=${MOST_RELEASES}` },
      reply: z.array(Release),
      doing: `list the releases of ${app}`,
      signal,
    });
    return [...value].sort((a, b) => b.version - a.version);
  }

  /** The commit that a release runs; null when it runs nothing, or nobody said from which commit it was built. */
  async commitOf(app: string, release: HerokuRelease, signal?: AbortSignal): Promise<Sha | null> {
    const image = release.artifacts?.find(({ type }) => type === 'oci-image')?.id;
    const id = release.slug?.id ?? image;
    if (id === undefined) return null;
    const known = this.#commits.get(id);
    if (known !== undefined) return known;
    const kind = release.slug ? 'slugs' : 'oci-images';
    const { value } = await this.#api.call({
      ...ofApp(app),
      path: path`/apps/${app}/${kind}/${id}`,
      reply: BuiltFrom,
      doing: `read what v${release.version} of ${app} was built from`,
      what: `the build of v${release.version} of ${app}`,
      signal,
    });
    const commit = value.commit || null;
    this.#commits.set(id, commit);
    return commit;
  }

  /** Copies what a release of one app runs to another one; answers with the id of the promotion. */
  async promote(pipeline: string, from: { app: string; release: string }, to: string): Promise<string> {
    const { value } = await this.#api.call({
      method: 'POST',
      path: '/pipeline-promotions',
      body: {
        pipeline: { id: pipeline },
        source: { app: { id: from.app }, release: { id: from.release } },
        targets: [{ app: { id: to } }],
      },
      reply: z.object({ id: z.string() }),
      doing: 'promote staging to production',
      needs: DEPLOY,
      what: 'the release to be promoted',
    });
    return value.id;
  }

  /** Why a promotion failed; null while it has not. */
  async promotionFailure(id: string): Promise<string | null> {
    const { value } = await this.#api.call({
      path: path`/pipeline-promotions/${id}/promotion-targets`,
      reply: z.array(PromotionTarget),
      doing: 'follow the promotion',
      needs: READ,
      what: 'the promotion',
    });
    const failed = value.find(({ status }) => status === 'failed');
    return failed ? (failed.error_message ?? 'Heroku does not say why') : null;
  }

  /** Makes a new release that runs what an older one ran. */
  async rollback(app: string, release: string): Promise<void> {
    await this.#api.call({
      ...ofApp(app),
      method: 'POST',
      path: path`/apps/${app}/releases`,
      body: { release },
      reply: Release,
      doing: `roll ${app} back`,
      needs: DEPLOY,
      what: 'the release to go back to',
    });
  }

  /** The last lines that the release phase printed; none when they cannot be had. The address is a secret in itself. */
  async output({ output_stream_url: url }: HerokuRelease): Promise<readonly string[]> {
    if (!url || !URL.canParse(url)) return [];
    const answer = await askOnce({ url, timeoutMs: OUTPUT_TIMEOUT_MS, headers: { accept: 'text/plain' } });
    if (answer.kind !== 'reply' || answer.status > 299) return [];
    const lines = this.#api
      .scrub(answer.body)
      .split(/\r?\n/)
      .filter((line) => line.trim() !== '');
    return lines.slice(-20).map((line) => line.slice(0, 300));
  }
}

function ofApp(app: string): Pick<Call<unknown>, 'needs' | 'what'> {
  return { needs: READ, what: `the app ${app}` };
}
