import type { Promotion } from '../../domain/promotion/promotion.ts';
import { undecided } from '../../domain/promotion/undecided.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { type AuditedRequest, portsOf, type RequestContext } from './request.ts';

/**
 * A person says that they look after what has failed and waits for a decision: nobody else is called. It decides nothing,
 * so the run need not know. Refusals: `not-asked`, `already-asked` with who was first.
 */
export async function takeUndecided(
  requests: RequestContext,
  request: AuditedRequest,
  { id, service, state, turn }: Promotion,
): Promise<void> {
  const promotion = await requests.ledger.get(id);
  const waits = undecided(promotion);
  if (waits === null || promotion.turn !== turn) throw new Refusal('not-asked', { service, what: 'take' });
  const { since, failed } = waits;
  const taken = waits.taken ?? { by: request.user, at: requests.now() };
  const after = await request.storing(() =>
    requests.ledger.change(id, {
      key: `take:${turn}`,
      from: [state],
      data: { asked: { since, taken } },
      audit: {
        actor: request.user,
        action: 'promotion.take',
        result: 'done',
        source: request.source,
        detail: { failed },
      },
    }),
  );
  const { by } = after.data.asked?.taken ?? taken;
  if (by !== request.user) throw new Refusal('already-asked', { service, what: 'take', owner: by });
  const { slack } = portsOf(requests, service);
  await slack.say(id, `take:${turn}`, { kind: 'alarm-taken', by });
  await slack.refresh(id);
}
