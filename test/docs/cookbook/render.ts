import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { startHttpServer } from '../../fakes/http-server.ts';

const Order = z.strictObject({ imageUrl: z.string().regex(/^ghcr\.io\/acme\/shop:v\d/) });
const NEXT: Readonly<Record<string, string>> = { queued: 'update_in_progress', update_in_progress: 'live' };

type Answer = number | 'ok' | 'broken' | 'lost' | 'queued';

interface Deploy {
  readonly id: string;
  readonly image?: { readonly ref: string };
  status: string;
}

export interface Render {
  readonly url: string;
  /** From now on deploys fail. */
  fail: boolean;
  /** From now on nothing is answered. */
  outage: boolean;
  /** From now on deploys stay where they are until `goOn`. */
  slow: boolean;
  /** Deploys under way go on by themselves, to their end. */
  goOn(): void;
  /**
   * How the next requests of a method are answered: by a status, by a connection that breaks, or by one that breaks once the order is
   * taken. `queued`: 202 without a body, and the deploy is in the list two looks later.
   */
  next(method: string, ...answers: readonly Answer[]): void;
  /** What was asked, oldest first, and when (ms since the epoch). */
  readonly asked: readonly { readonly what: string; readonly at: number }[];
  /** So many newer deploys were begun by somebody and cancelled. */
  cancelled(count: number): void;
  /** Somebody deployed an image, or a branch, by hand. */
  byHand(image: string | undefined): void;
  /** There never was a deploy. */
  forget(): void;
  close(): Promise<void>;
}

/** The part of Render's API that deploys take (its reference: list, trigger and retrieve a deploy); each look is a step on. */
export async function startRender(tag: string): Promise<Render> {
  const deploys: Deploy[] = [];
  const add = (ref: string | undefined, status: string): Deploy => {
    const deploy = { id: `dep-${deploys.length}`, ...(ref === undefined ? {} : { image: { ref } }), status };
    deploys.push(deploy);
    if (status === 'live') replaceOthers(deploy);
    return deploy;
  };
  const replaceOthers = (deploy: Deploy) => {
    for (const other of deploys)
      if (other !== deploy && other.status === 'live') other.status = 'deactivated';
  };
  add(`ghcr.io/acme/shop:${tag}`, 'live');
  const answers: { method: string; answer: Answer }[] = [];
  const asks: { what: string; at: number }[] = [];
  let waiting: { ref: string; looks: number } | null = null;
  const isUnderWay = ({ status }: Deploy) => NEXT[status] !== undefined;
  const server = await startHttpServer(async (request, response) => {
    const send = (status: number, value: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (render.outage) return send(503, { message: 'service unavailable' });
    if (request.headers.authorization !== 'Bearer rnd_key') return send(401, { message: 'unauthorized' });
    const asked = `${request.method} ${request.url}`;
    asks.push({ what: asked, at: Date.now() });
    const planned = answers.findIndex(({ method }) => method === request.method);
    const { answer } = answers.splice(planned, planned < 0 ? 0 : 1)[0] ?? {};
    if (answer === 'broken') return request.socket.destroy();
    if (typeof answer === 'number') {
      response.setHeader('retry-after', '1');
      return send(answer, { message: 'not now' });
    }
    const [, limit = '', cursor] =
      /^GET \/services\/srv-shop\/deploys\?limit=(\d+)(?:&cursor=([\w-]+))?$/.exec(asked) ?? [];
    if (limit !== '') {
      if (waiting !== null && --waiting.looks === 0) {
        add(waiting.ref, 'queued');
        waiting = null;
      }
      const newest = [...deploys].reverse();
      const from = cursor === undefined ? 0 : newest.findIndex(({ id }) => id === cursor) + 1;
      const page = newest.slice(from, from + Math.min(100, Number(limit)));
      return send(
        200,
        page.map((deploy) => ({ deploy, cursor: deploy.id })),
      );
    }
    if (asked === 'POST /services/srv-shop/deploys') {
      const order = Order.safeParse(JSON.parse(await text(request)));
      if (!order.success) return send(400, { message: order.error.message });
      if (answer === 'queued') {
        waiting = { ref: order.data.imageUrl, looks: 2 };
        return response.writeHead(202).end();
      }
      const made = add(order.data.imageUrl, 'queued');
      return answer === 'lost' ? request.socket.destroy() : send(201, made);
    }
    const cancelled = deploys.find(({ id }) => asked === `POST /services/srv-shop/deploys/${id}/cancel`);
    if (cancelled !== undefined) {
      if (!isUnderWay(cancelled)) return send(400, { message: 'the deploy is over' });
      cancelled.status = 'canceled';
      return send(200, cancelled);
    }
    const deploy = deploys.find(({ id }) => asked === `GET /services/srv-shop/deploys/${id}`);
    if (deploy === undefined) return send(404, { message: 'not found' });
    if (render.slow) return send(200, deploy);
    deploy.status = render.fail ? 'update_failed' : (NEXT[deploy.status] ?? deploy.status);
    if (deploy.status === 'live') replaceOthers(deploy);
    return send(200, deploy);
  });
  const render: Render = {
    url: server.url,
    fail: false,
    outage: false,
    slow: false,
    asked: asks,
    goOn() {
      for (const deploy of deploys.filter(isUnderWay)) {
        deploy.status = 'live';
        replaceOthers(deploy);
      }
    },
    next: (method, ...more) => void answers.push(...more.map((answer) => ({ method, answer }))),
    cancelled(count) {
      for (let nr = 0; nr < count; nr++) add('ghcr.io/acme/shop:v0.0.1', 'canceled');
    },
    byHand: (image) => void add(image, 'live'),
    forget: () => void deploys.splice(0),
    close: () => server.close(),
  };
  return render;
}
