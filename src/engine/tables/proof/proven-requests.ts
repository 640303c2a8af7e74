import type { AuditEntry } from '../../../domain/audit/entry.ts';
import type { Tx } from '../store.ts';
import { type EventRow, provenRows, withBefore } from './proven-entries.ts';

const ROLLING_BACK = ['rollback.requested', 'promotion.cancel', 'promotion.accept'];
const ACCEPTING = ['promotion.accept', 'promotion.hotfix'];

/** What a run does for a person, and the actions by which people ask for it, each an entry of its own. */
const ASKED_BY: Readonly<Record<string, readonly string[]>> = {
  'promotion.cancelled': ['promotion.cancel', 'approval.declined', 'rollback.requested'],
  'promotion.shipped': ACCEPTING,
  'stage.finished': ACCEPTING,
  'health.accepted': ACCEPTING,
  'rollback.impossible': ROLLING_BACK,
  'rollback.started': ROLLING_BACK,
  'rollback.given-up': ROLLING_BACK,
  'rollback.finished': ROLLING_BACK,
};

/**
 * An entry about what a run did, as it may be signed: it names a person only where a signed entry says that they asked for it.
 * What the run was told is a row of the database. Without a key it is as it is.
 */
export async function withProvenActor<Entry extends Pick<AuditEntry, 'actor' | 'action' | 'detail'>>(
  session: Tx,
  id: string,
  entry: Entry,
): Promise<Entry> {
  const { actor, action, detail } = entry;
  const asked = ASKED_BY[action];
  if (!session.signer || !asked || actor === 'slipway') return entry;
  const query = withBefore(session).where('events.promotion_id', '=', id);
  const isAsking = ({ entry: { actor: by, action: what, result } }: EventRow) =>
    by === actor && result === 'done' && asked.includes(what);
  const [asking] = await provenRows(session, query, isAsking);
  return asking ? entry : { ...entry, actor: 'slipway', detail: { ...detail, unproven: actor } };
}
