import { z } from 'zod';
import { FakePlatform, type Reply, type Route, TOKEN } from '../../../demo/platform/fake-platform.ts';
import { Published } from './described.ts';

const LATEST = 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST';
const BY_REVISION = 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION';

const Notes = z.record(
  z
    .string()
    .regex(/^(?:[a-z0-9.-]+\/)?[A-Za-z0-9._-]+$/)
    .refine(
      (key) =>
        !/^(?:run\.googleapis\.com|cloud\.googleapis\.com|serving\.knative\.dev|autoscaling\.knative\.dev)\//.test(
          key,
        ),
    ),
  z.string(),
);
const Traffic = z.strictObject({
  type: z.enum([LATEST, BY_REVISION]),
  revision: z.string().optional(),
  percent: z.int().min(0).max(100).optional(),
  tag: z.string().optional(),
});
const Container = z.looseObject({ name: z.string().optional(), image: z.string().min(1) });
const Template = z.looseObject({
  revision: z.string().optional(),
  annotations: Notes.optional(),
  containers: z.array(Container).min(1),
});
const Patch = z.strictObject({
  etag: z.string().optional(),
  annotations: Notes.optional(),
  traffic: z.array(Traffic).optional(),
  template: Template.optional(),
});
type Traffic = z.infer<typeof Traffic>;
type Template = z.infer<typeof Template>;

export interface FakeRevision {
  readonly name: string;
  readonly template: Template;
  readonly createTime: string;
  ready: boolean | null;
  /** Looks for which it is not found. */
  hidden: number;
}

const PLACE = '/v2/projects/acme-prod/locations/europe-west1/services/shop';

/**
 * The part of the Cloud Run Admin API v2 that a deployment takes, by its published description: updates by mask with an etag
 * (409 ABORTED), names of revisions that may be taken once (409 ALREADY_EXISTS), shares that have to make 100, numbers of 64
 * bits as texts, what is zero left out. What was asked for is there some looks later; after a failure who served still serves,
 * and `observedGeneration` stays behind. As long as the newest revision is one that failed, ConfigurationsReady is, and so
 * Ready; RoutesReady only tells whether the requests are where they were asked for.
 */
export class FakeCloudRun extends FakePlatform {
  readonly acts: string[] = [];
  readonly revisions: FakeRevision[] = [];
  template: Template = {
    containers: [
      {
        name: 'shop-1',
        image: 'gcr.io/cloudrun/placeholder',
        ports: [{ containerPort: 8080 }],
        env: [{ name: 'A', value: '1' }],
      },
    ],
    serviceAccount: 'shop@acme.iam.gserviceaccount.com',
    maxInstanceRequestConcurrency: 80,
  };
  traffic: Traffic[] = [{ type: LATEST, percent: 100 }];
  annotations: Record<string, string> = {};
  /** Looks until what was asked for is there. */
  slowness = 1;
  /** The next revision that is made ends up so. */
  nextFailure: string | null = null;
  log: readonly string[] = [];
  uri = 'https://shop-abc-ew.a.run.app';
  console = 'https://console.cloud.google.com';
  /** Somebody changes the service right before the next patches. */
  conflicts = 0;
  /** New revisions are not found for so many looks. */
  hides = 0;
  /** False: the account may read, and not change. */
  mayChange = true;
  /** Tokens of the past are refused, although they have not expired. */
  revoked = false;
  /** The refresh token itself was revoked. */
  keyIsOver = false;
  onLive: (image: string) => Promise<void> | void = () => {};
  #status: readonly { revision: string; percent: number }[] = [];
  #version = 1;
  #generation = 1;
  #observed = 1;
  #looks = 0;
  /** Of the newest revision. */
  #failure: string | null = null;
  #isRouted = true;
  #isReconciling = false;

  override async start(): Promise<this> {
    await super.start();
    this.#make('shop-00001-abc', this.template, true);
    this.#status = [{ revision: 'shop-00001-abc', percent: 100 }];
    return this;
  }

  get generation(): number {
    return this.#generation;
  }

  /** Shares as they really are, by revision. */
  get shares(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#status.map(({ revision, percent }) => [revision, percent]));
  }

  /** As `gcloud run deploy` does it: a revision that Cloud Run names, for all requests. */
  async deployByHand(image: string): Promise<string> {
    const name = `shop-${String(this.revisions.length + 1).padStart(5, '0')}-xyz`;
    const { revision: _, ...rest } = this.template;
    this.template = {
      ...rest,
      containers: rest.containers.map((one, index) => (index === 0 ? { ...one, image } : one)),
    };
    this.#make(name, this.template, true);
    this.traffic = [{ type: BY_REVISION, revision: name, percent: 100 }];
    this.#status = [{ revision: name, percent: 100 }];
    this.#version++;
    this.#observed = ++this.#generation;
    this.#failure = null;
    this.#isRouted = true;
    await this.onLive(image);
    return name;
  }

  /** As `gcloud run deploy --no-traffic` does it. */
  tryByHand(image: string): void {
    const { revision: _, ...rest } = this.template;
    const [first, ...others] = rest.containers;
    this.#apply({ template: { ...rest, containers: [{ ...first, image }, ...others] } });
    this.acts.pop();
  }

  override readonly described = new Published('cloud-run', {
    formats: { 'google-datetime': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/, int64: /^-?\d+$/ },
    elsewhere: {
      'POST /token': 'https://developers.google.com/identity/protocols/oauth2/web-server#offline',
    },
  });

  override failure(status: number, message: string): unknown {
    const names: Readonly<Record<number, string>> = {
      400: 'INVALID_ARGUMENT',
      401: 'UNAUTHENTICATED',
      403: 'PERMISSION_DENIED',
      404: 'NOT_FOUND',
      409: 'ABORTED',
      429: 'RESOURCE_EXHAUSTED',
    };
    return { error: { code: status, message, status: names[status] ?? 'UNKNOWN' } };
  }

  override readonly routes: readonly Route[] = [
    {
      method: 'POST',
      path: '/token',
      isOpen: true,
      body: z.string(),
      answer: ({ body, headers }) => {
        const form = new URLSearchParams(String(body));
        const isRight =
          !this.keyIsOver &&
          headers['content-type'] === 'application/x-www-form-urlencoded' &&
          form.get('grant_type') === 'refresh_token' &&
          form.get('refresh_token') === 'refresh-of-google';
        if (!isRight)
          return { status: 400, body: { error: 'invalid_grant', error_description: 'Bad Request' } };
        this.revoked = false;
        return { status: 200, body: { access_token: TOKEN, expires_in: 3599, token_type: 'Bearer' } };
      },
    },
    {
      method: 'GET',
      path: PLACE,
      answer: async () => {
        if (this.revoked) return { status: 401, body: this.failure(401, this.unauthorised) };
        await this.#look();
        return { status: 200, body: this.#shown() };
      },
    },
    {
      method: 'PATCH',
      path: PLACE,
      query: z.strictObject({
        updateMask: z
          .string()
          .regex(/^(?:template|traffic|annotations)(?:,(?:template|traffic|annotations))*$/),
        validateOnly: z.literal('true').optional(),
      }),
      body: Patch,
      answer: ({ body, query }) => this.#patch(body as z.infer<typeof Patch>, query),
    },
    {
      method: 'GET',
      path: `${PLACE}/revisions`,
      query: z.strictObject({ pageSize: z.string().regex(/^\d+$/) }),
      answer: () => ({
        status: 200,
        body: { revisions: this.revisions.map((one) => this.#shownRevision(one)) },
      }),
    },
    {
      method: 'GET',
      path: `${PLACE}/revisions/{revision}`,
      answer: ({ params }) => {
        const found = this.revisions.find(({ name }) => name === params['revision']);
        if (!found || found.hidden-- > 0) {
          return {
            status: 404,
            body: this.failure(
              404,
              `Resource '${params['revision']}' of kind 'REVISION' in region 'europe-west1' in project 'acme-prod' does not exist.`,
            ),
          };
        }
        return { status: 200, body: this.#shownRevision(found) };
      },
    },
    {
      method: 'POST',
      path: '/v2/entries:list',
      body: z.strictObject({
        resourceNames: z.tuple([z.literal('projects/acme-prod')]),
        filter: z
          .string()
          .regex(
            /^resource\.type="cloud_run_revision" AND resource\.labels\.service_name="shop" AND resource\.labels\.revision_name="[a-z0-9-]+"$/,
          ),
        orderBy: z.enum(['timestamp asc', 'timestamp desc']),
        pageSize: z.int().min(1).max(1_000),
      }),
      answer: () => ({
        status: 200,
        // Newest first; no entries are no list.
        body:
          this.log.length === 0
            ? {}
            : {
                entries: this.log
                  .toReversed()
                  .map((line, index) =>
                    index % 2 === 0 ? { textPayload: line } : { jsonPayload: { message: line, level: 30 } },
                  ),
              },
      }),
    },
  ];

  #make(name: string, template: Template, ready: boolean | null): void {
    const createTime = new Date(1_700_000_000_000 + this.revisions.length * 60_000).toISOString();
    this.revisions.push({ name, template: structuredClone(template), createTime, ready, hidden: this.hides });
  }

  #patch(patch: z.infer<typeof Patch>, query: Readonly<Record<string, string>>): Reply {
    const refuse = (status: number, message: string, word?: string) => {
      const body = this.failure(status, message) as { error: { status: string } };
      if (word) body.error.status = word;
      return { status, body };
    };
    if (!this.mayChange) {
      return refuse(
        403,
        "Permission 'run.services.update' denied on resource 'projects/acme-prod/locations/europe-west1/services/shop' (or resource may not exist).",
      );
    }
    if (this.conflicts > 0 && query['validateOnly'] === undefined) {
      this.conflicts--;
      this.#version++;
    }
    const mask = (query['updateMask'] ?? '').split(',').sort().join();
    const given = Object.keys(patch)
      .filter((name) => name !== 'etag')
      .sort()
      .join();
    if (mask !== given) this.violations.push(`the mask ${mask} for ${given}`);
    if (patch.etag !== undefined && patch.etag !== `"${this.#version}"`) {
      return refuse(
        409,
        `Conflict for resource 'shop': version '${patch.etag}' was specified but current version is '"${this.#version}"'.`,
      );
    }
    const wrong = this.#wrongIn(patch);
    if (wrong) return refuse(...wrong);
    const operation = {
      name: `projects/acme-prod/locations/europe-west1/operations/${this.#version}`,
      done: query['validateOnly'] === 'true',
    };
    if (query['validateOnly'] !== 'true') this.#apply(patch);
    return { status: 200, body: operation };
  }

  #wrongIn({ traffic, template }: z.infer<typeof Patch>): readonly [number, string, string?] | null {
    const name = template?.revision;
    const sum = traffic?.reduce((all, { percent = 0 }) => all + percent, 0);
    if (sum !== undefined && sum !== 100) return [400, `Traffic targets should sum to 100, got ${sum}`];
    if (name && !/^shop-[a-z0-9-]{0,57}[a-z0-9]$/.test(name)) {
      return [
        400,
        `Violation in UpdateServiceRequest.service.template.revision: ${name} must be prefixed by the service name and have at most 63 characters`,
      ];
    }
    if (name && this.revisions.some((one) => one.name === name)) {
      return [409, `Revision named '${name}' with different configuration already exists.`, 'ALREADY_EXISTS'];
    }
    for (const { type, revision } of traffic ?? []) {
      if (type === LATEST ? revision : !revision) return [400, 'a revision for its type of allocation'];
      if (revision && revision !== name && !this.revisions.some((one) => one.name === revision)) {
        return [400, `Revision named '${revision}' does not exist.`];
      }
    }
    return null;
  }

  #apply({ annotations, traffic, template }: z.infer<typeof Patch>): void {
    if (annotations) this.annotations = annotations;
    if (template) {
      this.template = template;
      this.#make(template.revision ?? `shop-${this.revisions.length + 1}`, template, null);
      this.#failure = this.nextFailure;
      this.nextFailure = null;
    }
    if (traffic) this.traffic = traffic;
    this.#version++;
    this.#generation++;
    this.#looks = 0;
    this.#isReconciling = true;
    const [first] = this.traffic;
    const image = this.#imageOf(first?.revision ?? '');
    this.acts.push(`${image} ${first?.percent}%`);
  }

  #imageOf(revision: string): string {
    return this.revisions.find(({ name }) => name === revision)?.template.containers[0]?.image ?? '';
  }

  async #look(): Promise<void> {
    if (!this.#isReconciling || this.#looks++ < this.slowness) return;
    this.#isReconciling = false;
    const making = this.revisions.find(({ ready }) => ready === null);
    if (making) making.ready = this.#failure === null;
    this.#isRouted = this.traffic.every(
      ({ percent, revision }) =>
        !percent || !revision || this.revisions.some(({ name, ready }) => name === revision && ready),
    );
    if (!this.#isRouted) return;
    if (this.#failure === null) this.#observed = this.#generation;
    const ready = this.revisions.findLast((one) => one.ready);
    this.#status = this.traffic
      .filter(({ percent }) => percent)
      .map(({ revision, percent = 0 }) => ({ revision: revision ?? ready?.name ?? '', percent }));
    const most = [...this.#status].sort((a, b) => b.percent - a.percent)[0];
    await this.onLive(this.#imageOf(most?.revision ?? ''));
  }

  #shownRevision({ name, template, createTime, ready }: FakeRevision): unknown {
    const { revision: _, ...rest } = template;
    const state =
      ready === null ? 'CONDITION_RECONCILING' : ready ? 'CONDITION_SUCCEEDED' : 'CONDITION_FAILED';
    return {
      name: `${PLACE.slice('/v2/'.length)}/revisions/${name}`,
      createTime,
      ...rest,
      service: 'shop',
      conditions: [
        {
          type: 'Ready',
          state,
          ...(ready === false
            ? { message: this.#failure ?? 'failed', revisionReason: 'HEALTH_CHECK_CONTAINER_ERROR' }
            : {}),
        },
        {
          type: 'Active',
          state: 'CONDITION_FAILED',
          message: 'Revision retired.',
          severity: 'INFO',
          revisionReason: 'RETIRED',
        },
      ],
      logUri: `${this.console}/logs/viewer?revision=${name}`,
      etag: '"1"',
    };
  }

  #shown(): unknown {
    const state = this.#isReconciling
      ? 'CONDITION_RECONCILING'
      : this.#failure
        ? 'CONDITION_FAILED'
        : 'CONDITION_SUCCEEDED';
    const message = this.#failure
      ? `Revision '${this.template.revision}' is not ready and cannot serve traffic. ${this.#failure}`
      : undefined;
    const latest = this.revisions.findLast(({ ready }) => ready)?.name;
    return {
      name: PLACE.slice('/v2/'.length),
      uid: '5f6c3c1e-0000-4000-8000-000000000000',
      generation: String(this.#generation),
      observedGeneration: String(this.#observed),
      ...(this.#isReconciling ? { reconciling: true } : {}),
      ...(Object.keys(this.annotations).length > 0 ? { annotations: this.annotations } : {}),
      template: this.template,
      traffic: this.traffic,
      trafficStatuses: this.#statuses(),
      terminalCondition: {
        type: 'Ready',
        state,
        ...(message && state === 'CONDITION_FAILED' ? { message, reason: 'REVISION_FAILED' } : {}),
      },
      conditions: [
        { type: 'RoutesReady', state: this.#isReconciling ? state : outcome(this.#isRouted) },
        { type: 'ConfigurationsReady', state },
      ],
      latestReadyRevision: `${PLACE.slice('/v2/'.length)}/revisions/${latest}`,
      uri: this.uri,
      etag: `"${this.#version}"`,
    };
  }

  #statuses(): readonly unknown[] {
    if (this.traffic[0]?.type === LATEST) return [{ type: LATEST, percent: 100 }];
    const tags = this.traffic
      .filter(({ tag }) => tag)
      .map((one) => ({ ...one, uri: `https://${one.tag}---shop-abc-ew.a.run.app` }));
    return [...this.#status.map((one) => ({ type: BY_REVISION, ...one })), ...tags];
  }
}

function outcome(isGood: boolean): string {
  return isGood ? 'CONDITION_SUCCEEDED' : 'CONDITION_FAILED';
}
