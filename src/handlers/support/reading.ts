import type { AuditAction } from '../../domain/audit/actions.ts';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import { asTyped } from '../../domain/text/typed.ts';
import { asSeenBy } from '../../flows/requests/as-seen-by.ts';
import { AuditedRequest, type Caller, type RequestContext } from '../../flows/requests/request.ts';
import type { HandlerContext } from './context.ts';

/** What somebody is refused because it is hidden from them. */
const HIDDEN: readonly string[] = [
  'not-reader',
  'channel-by-name',
  'reads-nothing',
  'person-not-full-member',
  'person-unknown',
];

type Seen = Pick<HandlerContext, 'requests'> & Partial<Pick<HandlerContext, 'serviceView'>>;

/**
 * Does what a person asked with nothing in sight but what they may see: every surface of Slack goes through here. What is
 * refused because it is hidden leaves a row in the audit, and so does a Slack that does not say who they are.
 */
export async function reading<C extends Seen, T>(
  context: C,
  caller: Caller,
  action: AuditAction,
  work: (context: C, caller: Caller) => Promise<T>,
): Promise<T> {
  const request = AuditedRequest.of(caller);
  try {
    const requests = await asSeenBy(context.requests, request.user);
    const { serviceView: view } = context;
    // Whatever shows a service or a promotion of it asks for its view.
    const seenView = (name: string) => {
      requests.reader?.mustRead(name);
      return view?.(name);
    };
    return await work({ ...context, requests, ...(view ? { serviceView: seenView } : {}) }, request);
  } catch (error) {
    await leaveRow(context.requests, request, action, error);
    throw error;
  }
}

/**
 * Names of services by which a text is read: those that are not hidden, and those that it names anyway, so that whoever
 * names one that is hidden from them is told what to do. Those that it names are looked at.
 */
export async function namesFor(requests: RequestContext, text: string): Promise<readonly string[]> {
  const words = new Set(
    asTyped(text)
      .toLowerCase()
      .split(/[^a-z0-9-]+/),
  );
  const isNamed = (name: string) => words.has(name.toLowerCase());
  const { reader } = requests;
  const all = [...requests.services.keys()];
  await Promise.all(all.filter(isNamed).map((name) => reader?.look(name)));
  return all.filter((name) => reader?.reads(name) !== false || isNamed(name));
}

async function leaveRow(
  { ledger }: RequestContext,
  request: AuditedRequest,
  action: AuditAction,
  error: unknown,
): Promise<void> {
  if (error instanceof Refusal && HIDDEN.includes(error.code)) {
    const { service } = error.facts;
    const of = typeof service === 'string' ? { service } : {};
    await request.leaveRow(ledger, { action, ...of }, 'refused', { code: error.code, ...error.facts });
  } else if (error instanceof Unavailable && error.what === 'Slack') {
    // The first error is the one that is thrown.
    await request.leaveRow(ledger, { action }, 'failed', { reason: error.what }).catch(() => undefined);
  }
}
