import { z } from 'zod';
import type { PageCallName, PageCalls } from '../../protocol/calls.ts';
import type { ElementValue, StateValues } from '../../protocol/views.ts';

/** What the page may send, checked. The types are those of the protocol. */

const Value = z.looseObject({ type: z.string() }).transform((value) => value as unknown as ElementValue);
const State = z.record(z.string(), z.record(z.string(), Value)).transform((state) => state as StateValues);
const Where = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('message'), channel: z.string(), ts: z.string() }),
  z.strictObject({ type: z.literal('view'), viewId: z.string() }),
]);

const text = z.string().max(40_000);

const shapes = {
  act_as: z.strictObject({ user: z.string() }),
  history: z.strictObject({
    channel: z.string(),
    before: z.string().optional(),
    limit: z.number().int().positive().max(1000).optional(),
  }),
  replies: z.strictObject({ channel: z.string(), ts: z.string() }),
  post: z.strictObject({
    channel: z.string(),
    text,
    threadTs: z.string().optional(),
    broadcast: z.boolean().optional(),
  }),
  edit: z.strictObject({ channel: z.string(), ts: z.string(), text }),
  delete: z.strictObject({ channel: z.string(), ts: z.string() }),
  react: z.strictObject({ channel: z.string(), ts: z.string(), name: z.string(), on: z.boolean() }),
  command: z.strictObject({ channel: z.string(), line: text }),
  action: z.strictObject({
    container: Where,
    blockId: z.string(),
    actionId: z.string(),
    value: Value.optional(),
    rendered: z.string().max(2_000).optional(),
    state: State,
  }),
  options: z.strictObject({ container: Where, blockId: z.string(), actionId: z.string(), typed: text }),
  submit: z.strictObject({ viewId: z.string(), state: State }),
  close: z.strictObject({ viewId: z.string(), clear: z.boolean() }),
  shortcut: z.strictObject({ callbackId: z.string() }),
  message_shortcut: z.strictObject({ callbackId: z.string(), channel: z.string(), ts: z.string() }),
  open_home: z.strictObject({ tab: z.enum(['home', 'messages']) }),
  open_dm: z.strictObject({ user: z.string() }),
  join: z.strictObject({ channel: z.string() }),
  read: z.strictObject({ channel: z.string() }),
  set_switch: z.strictObject({ id: z.string(), value: z.string() }),
} satisfies Record<PageCallName, z.ZodType>;

const Envelope = z.object({
  id: z.number(),
  call: z.enum(Object.keys(shapes) as [PageCallName, ...PageCallName[]]),
  args: z.unknown(),
});

/** One request with its arguments, each call with its own type. */
export type PageCall = {
  [Name in PageCallName]: {
    readonly id: number;
    readonly call: Name;
    readonly args: PageCalls[Name]['args'];
  };
}[PageCallName];

/** Null when it is not JSON or has no id to answer to; `args: undefined` never happens. */
export function readCall(data: string): PageCall | { readonly id: number; readonly invalid: string } | null {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return null;
  }
  const envelope = Envelope.safeParse(value);
  if (!envelope.success) {
    const id = (value as { id?: unknown } | null)?.id;
    return typeof id === 'number' ? { id, invalid: z.prettifyError(envelope.error) } : null;
  }
  const { id, call } = envelope.data;
  const args = shapes[call].safeParse(envelope.data.args);
  if (!args.success) return { id, invalid: z.prettifyError(args.error) };
  return { id, call, args: args.data } as PageCall;
}
