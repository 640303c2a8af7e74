import { z } from 'zod';
import type { JsonObject } from '../strict/json.ts';
import type { Control } from './control.ts';

/** Numbers may come as text, from a query. */
const number = z.coerce.number().nonnegative();
const user = { user: z.string() };

type Endpoint = (control: Control, args: JsonObject) => unknown;

function endpoint<Shape extends z.ZodRawShape>(
  shape: Shape,
  run: (control: Control, args: z.output<z.ZodObject<Shape>>) => unknown,
): Endpoint {
  const schema = z.strictObject(shape);
  return (control, args) => run(control, schema.parse(args) as z.output<z.ZodObject<Shape>>);
}

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  disconnect: endpoint({ mode: z.enum(['refresh', 'abrupt']).optional() }, (control, { mode }) =>
    control.disconnect(mode),
  ),
  'delay-acks': endpoint({ ms: number }, (control, { ms }) => control.delayAcks(ms)),
  'delay-api': endpoint({ ms: number }, (control, { ms }) => control.delayApi(ms)),
  'rate-limit': endpoint(
    { method: z.string(), calls: number.optional(), retry_after: number.optional() },
    (control, args) => control.rateLimit(args.method, args.calls, args.retry_after),
  ),
  'fail-http': endpoint(
    { method: z.string(), calls: number.optional(), status: number.optional() },
    (control, args) => control.failHttp(args.method, args.calls, args.status),
  ),
  'fail-with': endpoint({ method: z.string(), code: z.string(), calls: number.optional() }, (control, args) =>
    control.failWith(args.method, args.code, args.calls),
  ),
  'repeat-events': endpoint({ count: number.optional() }, (control, { count }) =>
    control.repeatEvents(count),
  ),
  'repeat-interactions': endpoint({ count: number.optional() }, (control, { count }) =>
    control.repeatInteractions(count),
  ),
  'go-down': endpoint({ ms: number }, (control, { ms }) => control.goDown(ms)),
  recover: endpoint({}, (control) => control.recover()),
  calls: endpoint({ method: z.string().optional() }, (control, { method }) => control.calls(method)),
  journal: endpoint({}, (control) => control.journal()),
  violations: endpoint({}, (control) => control.violations()),
  activations: endpoint({}, (control) => control.activations()),
  connections: endpoint({}, (control) => control.connections()),
  'request-url': endpoint({ url: z.url().optional() }, (control, { url }) => control.setRequestUrl(url)),
  'add-user': endpoint(
    {
      id: z.string(),
      name: z.string(),
      realName: z.string().optional(),
      email: z.string().optional(),
      kind: z.enum(['member', 'guest']).optional(),
      timeZone: z.string().optional(),
    },
    (control, args) => control.addUser(defined(args)),
  ),
  'add-channel': endpoint(
    {
      id: z.string(),
      name: z.string(),
      kind: z.enum(['public', 'private']).optional(),
      members: z.array(z.string()).optional(),
      withoutBot: z.boolean().optional(),
    },
    (control, args) => control.addChannel(defined(args)).id,
  ),
  'set-group': endpoint(
    { id: z.string(), handle: z.string(), members: z.array(z.string()) },
    (control, args) => control.setGroup(args),
  ),
  invite: endpoint({ channel: z.string(), ...user }, (control, args) =>
    control.invite(args.channel, args.user),
  ),
  kick: endpoint({ channel: z.string(), ...user }, (control, args) => control.kick(args.channel, args.user)),
  archive: endpoint({ channel: z.string() }, (control, { channel }) => control.archive(channel)),
  deactivate: endpoint(user, (control, args) => control.deactivate(args.user)),
  reactivate: endpoint(user, (control, args) => control.reactivate(args.user)),
  'add-scope': endpoint({ scope: z.string() }, (control, { scope }) => control.addScope(scope)),
  'remove-scope': endpoint({ scope: z.string() }, (control, { scope }) => control.removeScope(scope)),
};

const READING = new Set(['calls', 'journal', 'violations', 'activations', 'connections']);

/** `POST /control/NAME` with JSON, or GET for those that only read: the methods of Control by HTTP. */
export class ControlEndpoint {
  readonly #control: Control;

  constructor(control: Control) {
    this.#control = control;
  }

  /** Without `mayChange` only what reads is answered: a link or an image must not break anything. */
  async call(name: string, args: JsonObject, mayChange: boolean): Promise<JsonObject> {
    const run = ENDPOINTS[name];
    if (run === undefined) {
      return { ok: false, error: 'unknown_control', known: Object.keys(ENDPOINTS) };
    }
    if (!mayChange && !READING.has(name)) return { ok: false, error: 'post_required' };
    try {
      return { ok: true, result: (await run(this.#control, args)) ?? null };
    } catch (error) {
      const detail = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
      return { ok: false, error: 'invalid_arguments', detail };
    }
  }
}

type Defined<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

/** Optional keys of a checked object, as exactOptionalPropertyTypes wants them. */
function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Defined<T>;
}
