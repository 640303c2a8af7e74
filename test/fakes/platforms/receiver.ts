import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { FakePlatform, type Reply, type Route } from '../../../demo/platform/fake-platform.ts';

const WINDOW_S = 300;
const Sha = z.string().regex(/^[0-9a-f]{40}$/);
const Build = z.strictObject({ commit: Sha, deploymentId: z.string().optional() }).nullable();
const Previous = z
  .strictObject({
    commit: z.string(),
    version: z.string().optional(),
    deploymentId: z.string().optional(),
  })
  .nullable();
const Order = z.strictObject({
  kind: z.enum(['deploy', 'rollback']),
  service: z.literal('shop'),
  version: z.string(),
  tag: z.string(),
  commit: Sha,
  build: Build,
  previous: Previous,
  key: z.string(),
});
type Order = z.infer<typeof Order>;
const Check = z.strictObject({
  kind: z.literal('check'),
  service: z.literal('shop'),
  version: z.string().nullable(),
  tag: z.string().nullable(),
  commit: Sha,
  build: Build,
  previous: z.null(),
  key: z.null(),
});

interface Deployment {
  readonly id: string;
  readonly order: Order;
  status: 'running' | 'succeeded' | 'failed';
  looks: number;
}

/** A receiver of the webhook, as docs/webhook-target.md describes one, and no more lenient than that. */
export class FakeReceiver extends FakePlatform {
  readonly secret = 'a secret of the webhook and of nobody else';
  live: { commit: string; version?: string; id?: string } | null = null;
  /** What the live address answers instead. */
  liveAnswer: unknown;
  readonly acts: string[] = [];
  readonly known = new Set<string>();
  /** How many looks a deployment takes; 0: it is done with the first answer. */
  slowness = 2;
  /** The next deployment fails with that. */
  nextFailure: string | null = null;
  /** What the status address is given as. */
  statusUrl = (id: string): string => `/status/${id}`;
  /** What an order that it took is answered with instead. */
  orderAnswer: Reply | null = null;
  /** What a status address answers instead. */
  statusAnswer: Reply | null = null;
  /** Headers of an answer about a deployment that goes on. */
  goingOn: Readonly<Record<string, string>> = {};
  onLive: (sha: string) => Promise<void> | void = () => {};
  readonly #deployments = new Map<string, Deployment>();

  override failure(_status: number, message: string): unknown {
    return { message };
  }

  /** As a receiver of today has it; one from before looks at the first signature alone. */
  protected override authorised(
    headers: IncomingHttpHeaders,
    body: string,
    { method, url }: { readonly method: string; readonly url: URL },
  ): boolean {
    const timestamp = String(headers['slipway-timestamp']);
    if (!/^\d+$/.test(timestamp) || Math.abs(Date.now() / 1_000 - Number(timestamp)) > WINDOW_S) return false;
    const ofRequest = `v2\n${timestamp}\n${method}\n${url.pathname}${url.search}\n${body}`;
    return (
      this.#fits(headers['slipway-signature'], 'v1', `${timestamp}.${body}`) &&
      this.#fits(headers['slipway-request-signature'], 'v2', ofRequest)
    );
  }

  #fits(given: unknown, version: string, text: string): boolean {
    const wanted = Buffer.from(`${version}=${createHmac('sha256', this.secret).update(text).digest('hex')}`);
    const said = Buffer.from(String(given));
    return said.length === wanted.length && timingSafeEqual(said, wanted);
  }

  override readonly routes: readonly Route[] = [
    {
      method: 'POST',
      path: '/orders',
      body: Order,
      answer: async ({ body, headers }) => {
        const order = body as Order;
        if (headers['idempotency-key'] !== order.key) {
          this.violations.push('the Idempotency-Key is not the key');
        }
        const taken = await this.#take(order);
        return this.orderAnswer ?? taken;
      },
    },
    {
      method: 'POST',
      path: '/check',
      body: Check,
      answer: ({ body }) => {
        const check = body as { commit: string; build: { commit: string } | null };
        const commit = check.build?.commit ?? check.commit;
        return this.known.has(commit)
          ? { status: 200, body: { detail: `An image of ${commit.slice(0, 8)} is there.` } }
          : { status: 404, body: { message: `no image of ${commit.slice(0, 8)}` } };
      },
    },
    {
      method: 'GET',
      path: '/live',
      answer: () => ({ status: 200, body: this.liveAnswer === undefined ? this.live : this.liveAnswer }),
    },
    {
      method: 'GET',
      path: '/status/{id}',
      answer: ({ params }) => this.statusAnswer ?? this.#look(params['id'] ?? ''),
    },
    {
      method: 'DELETE',
      path: '/status/{id}',
      answer: ({ params }) => {
        const deployment = this.#deployments.get(params['id'] ?? '');
        if (deployment) deployment.status = 'failed';
        return { status: 204 };
      },
    },
  ];

  /** The same key is the same deployment. */
  async #take(order: Order): Promise<Reply> {
    const known = [...this.#deployments.values()].find((one) => one.order.key === order.key);
    if (known) return this.#told(known, 202);
    const id = `run-${this.#deployments.size + 1}`;
    const deployment: Deployment = { id, order, status: 'running', looks: this.slowness };
    this.#deployments.set(id, deployment);
    this.acts.push(`${order.kind} ${order.version}`);
    if (this.slowness === 0) await this.#finish(deployment);
    return this.#told(deployment, deployment.status === 'running' ? 202 : 200);
  }

  async #look(id: string): Promise<Reply> {
    const deployment = this.#deployments.get(id);
    if (!deployment) return { status: 404, body: this.failure(404, 'no such run') };
    if (deployment.status === 'running' && --deployment.looks <= 0) await this.#finish(deployment);
    return this.#told(deployment, 200);
  }

  async #finish(deployment: Deployment): Promise<void> {
    const { order, id } = deployment;
    deployment.status = this.nextFailure === null ? 'succeeded' : 'failed';
    if (deployment.status === 'failed') return;
    const commit = order.build?.commit ?? order.commit;
    this.live = { commit, id };
    await this.onLive(commit);
  }

  #told({ id, status }: Deployment, code: number): Reply {
    const body = { id, status, statusUrl: this.statusUrl(id), logUrl: `https://cd.example.com/runs/${id}` };
    if (status === 'running') {
      return { status: code, headers: this.goingOn, body: { ...body, detail: 'two of three pods' } };
    }
    if (status === 'succeeded') return { status: 200, body: { ...body, url: 'https://shop.example.com' } };
    const detail = this.nextFailure ?? 'stopped';
    this.nextFailure = null;
    return { status: 200, body: { ...body, detail, log: `pulling the image\n${detail}\n` } };
  }
}
