import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { FakePlatform, type Reply, type Route } from '../../../demo/platform/fake-platform.ts';

interface HerokuRelease {
  readonly id: string;
  readonly app: string;
  readonly version: number;
  readonly slug: string | null;
  readonly description: string;
  status: 'pending' | 'succeeded' | 'failed' | 'expired' | 'paused';
  current: boolean;
  eligible: boolean;
  /** Looks until the release phase is over. */
  looks: number;
  output: string | null;
}

interface Promotion {
  readonly id: string;
  readonly slug: string | null;
  readonly description: string;
  /** Looks until it has made its release. */
  looks: number;
  release: string | null;
  error: string | null;
}

const APPS = { 'shop-production': 'app-production', 'shop-staging': 'app-staging' } as const;
type AppName = keyof typeof APPS;
const PIPELINE = '01234567-89ab-cdef-0123-456789abcdef';

/**
 * Heroku's Platform API v3, as far as a target uses it: `shop-staging` and `shop-production` in one pipeline.
 * Requests and replies are those of its JSON schema (https://github.com/heroku/platform-api schema.json, 4f4f592, June
 * 2026) and of https://devcenter.heroku.com/articles/platform-api-reference (Accept, Range).
 */
export class FakeHeroku extends FakePlatform {
  readonly releases: HerokuRelease[] = [];
  /** Promotions and rollbacks, in order. */
  readonly acts: string[] = [];
  stage = 'production';
  stagingPipeline: string | null = PIPELINE;
  scopes = 'global';
  /** The next promotion fails with that, without a release. */
  nextPromotion: string | null = null;
  /** The next release phase prints that and fails. */
  nextPhase: string | null = null;
  /** How many looks something takes. */
  slowness = 1;
  onLive: (sha: string) => Promise<void> | void = () => {};
  readonly #slugs = new Map<string, string | null>();
  readonly #promotions = new Map<string, Promotion>();

  /** A release of an app that is live there at once; its slug was built from that commit. */
  async add(app: AppName, commit: string | null): Promise<string> {
    const slug = this.#slug(commit);
    const release = this.#make(app, slug, `Deploy ${commit?.slice(0, 8)}`, 0);
    await this.#succeed(release);
    return release.id;
  }

  /** What apps are built on; those on `cnb` run images. */
  stack = 'heroku-24';
  preboot = false;
  /** When releases were changed. */
  changedAt = '2026-06-01T12:00:00Z';

  /** A change of a config var: a release with the same slug. */
  async configure(): Promise<void> {
    const current = this.releases.find((one) => one.app === 'shop-production' && one.current);
    await this.#succeed(this.#make('shop-production', current?.slug ?? null, 'Set LOG_LEVEL config vars', 0));
  }

  override failure(status: number, message: string): unknown {
    const ids: Record<number, string> = { 401: 'unauthorized', 403: 'forbidden', 404: 'not_found' };
    return { id: ids[status] ?? 'invalid_params', message };
  }

  override check(headers: IncomingHttpHeaders): string | null {
    return headers.accept === 'application/vnd.heroku+json; version=3' ? null : 'Accept must name version 3';
  }

  override readonly routes: readonly Route[] = [
    {
      method: 'GET',
      path: '/apps/{app}',
      answer: ({ params }) =>
        this.#ofApp(params['app'], (name) => ({
          status: 200,
          headers: { 'oauth-scope': this.scopes },
          body: {
            id: APPS[name],
            name,
            web_url: `https://${name}.herokuapp.com/`,
            maintenance: false,
            stack: { id: `stack-${this.stack}`, name: this.stack },
          },
        })),
    },
    {
      method: 'GET',
      path: '/apps/{app}/pipeline-couplings',
      answer: ({ params }) => this.#ofApp(params['app'], (name) => this.#coupling(name)),
    },
    {
      method: 'GET',
      path: '/apps/{app}/features/preboot',
      answer: ({ params }) =>
        this.#ofApp(params['app'], () =>
          this.stack === 'cnb'
            ? this.#missing('app feature')
            : {
                status: 200,
                body: { id: 'feature-1', name: 'preboot', state: 'general', enabled: this.preboot },
              },
        ),
    },
    {
      method: 'GET',
      path: '/apps/{app}/releases',
      answer: ({ params, headers }) =>
        this.#ofApp(params['app'], (name) => this.#list(name, headers['range'])),
    },
    {
      method: 'POST',
      path: '/apps/{app}/releases',
      body: z.strictObject({ release: z.string() }),
      answer: ({ params, body }) =>
        this.#ofApp(params['app'], (name) => this.#rollback(name, (body as { release: string }).release)),
    },
    {
      method: 'GET',
      path: '/apps/{app}/slugs/{slug}',
      answer: ({ params }) =>
        this.#ofApp(params['app'], () => {
          const id = params['slug'] ?? '';
          if (!this.#slugs.has(id)) return this.#missing('slug');
          return { status: 200, body: { id, commit: this.#slugs.get(id), process_types: { web: 'node .' } } };
        }),
    },
    {
      method: 'GET',
      path: '/apps/{app}/oci-images/{id}',
      answer: ({ params }) =>
        this.#ofApp(params['app'], () => {
          const id = params['id'] ?? '';
          return { status: 200, body: this.#slugs.has(id) ? [{ id, commit: this.#slugs.get(id) }] : [] };
        }),
    },
    {
      method: 'POST',
      path: '/pipeline-promotions',
      body: z.strictObject({
        pipeline: z.strictObject({ id: z.literal(PIPELINE) }),
        source: z.strictObject({
          app: z.strictObject({ id: z.literal(APPS['shop-staging']) }),
          release: z.strictObject({ id: z.string() }),
        }),
        targets: z.tuple([
          z.strictObject({ app: z.strictObject({ id: z.literal(APPS['shop-production']) }) }),
        ]),
      }),
      answer: ({ body }) =>
        this.#promote((body as { source: { release: { id: string } } }).source.release.id),
    },
    {
      method: 'GET',
      path: '/pipeline-promotions/{id}/promotion-targets',
      answer: ({ params }) => this.#targets(params['id'] ?? ''),
    },
    {
      method: 'GET',
      path: '/streams/{id}',
      isOpen: true,
      answer: ({ params }) => ({
        status: 200,
        text: this.releases.find((one) => one.id === params['id'])?.output ?? '',
      }),
    },
  ];

  #missing(what: string): Reply {
    return { status: 404, body: this.failure(404, `Couldn't find that ${what}.`) };
  }

  #ofApp(named: string | undefined, then: (name: AppName) => Reply | Promise<Reply>): Reply | Promise<Reply> {
    if (named === 'shop-production' || named === 'shop-staging') return then(named);
    return this.#missing('app');
  }

  #slug(commit: string | null): string {
    const id = `slug-${this.#slugs.size + 1}`;
    this.#slugs.set(id, commit);
    return id;
  }

  #make(app: AppName, slug: string | null, description: string, looks: number): HerokuRelease {
    const version = this.releases.filter((one) => one.app === app).length + 1;
    const release: HerokuRelease = {
      id: `${app}-release-${version}`,
      app,
      version,
      slug,
      description,
      status: 'pending',
      current: false,
      eligible: false,
      looks,
      output: null,
    };
    this.releases.push(release);
    return release;
  }

  async #succeed(release: HerokuRelease): Promise<void> {
    release.status = 'succeeded';
    for (const one of this.releases) if (one.app === release.app) one.current = false;
    release.current = true;
    release.eligible = release.slug !== null;
    const commit = release.slug === null ? null : this.#slugs.get(release.slug);
    if (release.app === 'shop-production' && commit) await this.onLive(commit);
  }

  /** Time goes on with every look. */
  async #goOn(): Promise<void> {
    for (const promotion of this.#promotions.values()) {
      if (promotion.release !== null || promotion.error !== null || --promotion.looks > 0) continue;
      if (this.nextPromotion !== null) {
        promotion.error = this.nextPromotion;
        this.nextPromotion = null;
        continue;
      }
      const { slug, description } = promotion;
      promotion.release = this.#make('shop-production', slug, description, this.slowness).id;
    }
    for (const release of this.releases) {
      if (release.status !== 'pending' || --release.looks > 0) continue;
      if (this.nextPhase === null) await this.#succeed(release);
      else {
        release.status = 'failed';
        release.output = this.nextPhase;
        this.nextPhase = null;
      }
    }
  }

  async #list(app: AppName, range: string | undefined): Promise<Reply> {
    const wanted = /^version \.\.; order=desc,max=(\d+)$/.exec(range ?? '');
    if (!wanted) return { status: 416, body: this.failure(416, `Range is not understood: ${range}`) };
    await this.#goOn();
    const all = this.releases.filter((one) => one.app === app).toReversed();
    const shown = all.slice(0, Number(wanted[1]));
    return {
      status: shown.length < all.length ? 206 : 200,
      body: shown.map((one) => this.#shown(one)),
    };
  }

  #coupling(app: AppName): Reply {
    const pipeline = app === 'shop-staging' ? this.stagingPipeline : PIPELINE;
    if (pipeline === null) return this.#missing('pipeline coupling');
    const stage = app === 'shop-staging' ? 'staging' : this.stage;
    return {
      status: 200,
      body: { id: `coupling-${app}`, app: { id: APPS[app] }, pipeline: { id: pipeline }, stage },
    };
  }

  #promote(source: string): Reply {
    const release = this.releases.find((one) => one.id === source && one.app === 'shop-staging');
    if (release?.status !== 'succeeded') return this.#missing('release');
    const id = `promotion-${this.#promotions.size + 1}`;
    const description = `Promote shop-staging v${release.version}`;
    this.acts.push(`promote v${release.version}`);
    this.#promotions.set(id, {
      id,
      slug: release.slug,
      description,
      looks: this.slowness,
      release: null,
      error: null,
    });
    return { status: 201, body: { id, status: 'pending', pipeline: { id: PIPELINE } } };
  }

  async #targets(id: string): Promise<Reply> {
    await this.#goOn();
    const promotion = this.#promotions.get(id);
    if (!promotion) return this.#missing('promotion');
    const status = promotion.error ? 'failed' : promotion.release ? 'succeeded' : 'pending';
    return {
      status: 200,
      body: [
        {
          id: `target-of-${id}`,
          app: { id: APPS['shop-production'] },
          pipeline_promotion: { id },
          release: promotion.release === null ? null : { id: promotion.release },
          status,
          error_message: promotion.error,
        },
      ],
    };
  }

  #rollback(app: AppName, id: string): Reply {
    const past = this.releases.find((one) => one.id === id && one.app === app);
    if (!past) return this.#missing('release');
    if (!past.eligible) return { status: 422, body: this.failure(422, 'Cannot roll back to that release.') };
    this.acts.push(`rollback v${past.version}`);
    const release = this.#make(app, past.slug, `Rollback to v${past.version}`, this.slowness);
    return { status: 201, body: this.#shown(release) };
  }

  #shown(one: HerokuRelease): unknown {
    return {
      id: one.id,
      app: { id: APPS[one.app as AppName], name: one.app },
      version: one.version,
      status: one.status,
      current: one.current,
      description: one.description,
      eligible_for_rollback: one.eligible,
      slug: one.slug === null || this.stack === 'cnb' ? null : { id: one.slug },
      artifacts:
        one.slug === null ? [] : [{ type: this.stack === 'cnb' ? 'oci-image' : 'slug', id: one.slug }],
      addon_plan_names: [],
      output_stream_url: one.output === null ? null : `${this.url}/streams/${one.id}`,
      user: { id: 'user-1', email: 'deploy@acme.example' },
      created_at: '2026-06-01T12:00:00Z',
      updated_at: this.changedAt,
    };
  }
}
