import type { IncomingMessage, ServerResponse } from 'node:http';
import { ZodError } from 'zod';
import type { Behaviour, Behaviours, ControlChange } from './behaviour.ts';
import type { Deployments } from './deployments.ts';
import { json, send } from './pages.ts';

interface ShopState {
  readonly live: { readonly version: string; readonly commit: string; readonly since: number } | null;
  /** How production answers at this moment. */
  readonly mode: Behaviour['mode'];
  readonly always: Behaviour;
  readonly next: Behaviour | null;
  readonly versions: Readonly<Record<string, Behaviour>>;
}

export interface ShopControl {
  state(): ShopState;
  /** The same as POST /control. Throws a ZodError when the change is not understood. */
  set(change: ControlChange): ShopState;
  /** Looks at the branch now instead of at the next poll. */
  refresh(): Promise<ShopState>;
}

const CONTROL_BYTES = 16_384;

/** The switches of a shop: what it runs and how it answers, to read and to change. */
export function createControl(deployments: Deployments, behaviours: Behaviours): ShopControl {
  const control: ShopControl = {
    state: () => {
      const { live } = deployments;
      return {
        live: live === null ? null : { version: live.version, commit: live.commit, since: live.since },
        mode: deployments.behaviour().mode,
        always: behaviours.always,
        next: behaviours.next,
        versions: Object.fromEntries(behaviours.versions),
      };
    },
    set: (change) => {
      behaviours.change(change);
      return control.state();
    },
    refresh: async () => {
      await deployments.idle();
      await deployments.refresh();
      return control.state();
    },
  };
  return control;
}

/** JSON only: a foreign web page cannot post that without being allowed to, and it is not. */
export async function answerControl(
  request: IncomingMessage,
  response: ServerResponse,
  control: ShopControl,
): Promise<void> {
  const reply = (status: number, value: unknown) => send(response, json(status, value));
  if (request.method === 'GET') return reply(200, control.state());
  if (request.method !== 'POST') return reply(405, { error: 'GET or POST' });
  if (!request.headers['content-type']?.startsWith('application/json')) {
    return reply(415, { error: 'content-type must be application/json' });
  }
  try {
    reply(200, control.set(JSON.parse(await readBody(request)) as ControlChange));
  } catch (error) {
    const reason =
      error instanceof ZodError ? error.issues.map((issue) => issue.message).join('; ') : 'not JSON';
    reply(400, { error: reason });
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > CONTROL_BYTES) throw new Error('too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
