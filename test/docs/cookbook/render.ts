import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { startHttpServer } from '../../fakes/http-server.ts';

const Order = z.strictObject({ imageUrl: z.string().regex(/^ghcr\.io\/acme\/shop:v\d/) });
const NEXT: Readonly<Record<string, string>> = { queued: 'update_in_progress', update_in_progress: 'live' };

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
  const server = await startHttpServer(async (request, response) => {
    const send = (status: number, value: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (render.outage) return send(503, { message: 'service unavailable' });
    if (request.headers.authorization !== 'Bearer rnd_key') return send(401, { message: 'unauthorized' });
    const asked = `${request.method} ${request.url}`;
    const [, limit = '', cursor] =
      /^GET \/services\/srv-shop\/deploys\?limit=(\d+)(?:&cursor=([\w-]+))?$/.exec(asked) ?? [];
    if (limit !== '') {
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
      return send(201, add(order.data.imageUrl, 'queued'));
    }
    const deploy = deploys.find(({ id }) => asked === `GET /services/srv-shop/deploys/${id}`);
    if (deploy === undefined) return send(404, { message: 'not found' });
    deploy.status = render.fail ? 'update_failed' : (NEXT[deploy.status] ?? deploy.status);
    if (deploy.status === 'live') replaceOthers(deploy);
    return send(200, deploy);
  });
  const render: Render = {
    url: server.url,
    fail: false,
    outage: false,
    cancelled(count) {
      for (let nr = 0; nr < count; nr++) add('ghcr.io/acme/shop:v0.0.1', 'canceled');
    },
    byHand: (image) => void add(image, 'live'),
    forget: () => void deploys.splice(0),
    close: () => server.close(),
  };
  return render;
}
