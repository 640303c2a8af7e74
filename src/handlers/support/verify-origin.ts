import { type ButtonValue, decodeValue } from '../../blocks/kit/button-value.ts';
import type { AuditAction } from '../../domain/audit/actions.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { looksSealed, type Seal } from '../../domain/text/seal.ts';
import { audited, type Caller, type RequestContext } from '../../flows/requests/request.ts';
import type { HandlerContext } from './context.ts';

/** Where a payload comes from, as it says itself; commands have the team at the top level. */
interface Origin {
  readonly team?: { readonly id?: string } | null;
  readonly team_id?: string;
  readonly api_app_id?: string;
}

/**
 * Refuses a payload that does not name our workspace and our app, with a row in the audit. Refusals:
 * `foreign-workspace`, `foreign-app`.
 */
export async function mustBeOurs(
  { requests, installation }: HandlerContext,
  caller: Caller,
  payload: object,
  action: AuditAction,
): Promise<void> {
  const ours = await installation();
  const { team, team_id: flat, api_app_id: app } = payload as Origin;
  const from = team?.id ?? flat;
  const refuse = (code: 'foreign-workspace' | 'foreign-app', named: string | undefined) =>
    audited(requests, caller, { action }, async () => {
      throw code === 'foreign-app'
        ? new Refusal('foreign-app', { app: named ?? '' })
        : new Refusal('foreign-workspace', { team: named ?? '' });
    });
  if (from !== ours.team) await refuse('foreign-workspace', from);
  if (ours.app !== null && app !== ours.app) await refuse('foreign-app', app);
}

/**
 * What a button or form carries. Refusals: `button-unknown` for a text of another version of Slipway,
 * `button-forged` for a token that was not made here for this purpose.
 */
export function openedValue(seal: Seal, token: string | undefined, purpose: string): ButtonValue {
  if (token === undefined || !looksSealed(token)) throw new Refusal('button-unknown');
  const text = seal.open(token, purpose);
  if (text === null) throw new Refusal('button-forged');
  const value = decodeValue(text);
  if (value === null) throw new Refusal('button-unknown');
  return value;
}

/**
 * A promotion's buttons work on its card and in its thread; `root` is the message that heads the thread. Answers
 * with the promotion of this place. Refusal `button-misplaced`.
 */
export async function mustBeInPlace(
  requests: RequestContext,
  value: ButtonValue,
  channel: string | undefined,
  root: string | undefined,
): Promise<Promotion | null> {
  if (value.promotion === undefined || channel === undefined || root === undefined) return null;
  const here = await requests.threads.byThread(channel, root);
  if (here !== null && here.id !== value.promotion) throw new Refusal('button-misplaced');
  return here;
}
