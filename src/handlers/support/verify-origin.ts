import { z } from 'zod';
import type { Installation } from '../../adapters/slack/port.ts';
import { type ButtonValue, decodeValue } from '../../blocks/kit/button-value.ts';
import type { AuditAction } from '../../domain/audit/actions.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { looksSealed, type Seal } from '../../domain/text/seal.ts';
import { audited, type Caller, type RequestContext } from '../../flows/requests/request.ts';
import type { HandlerContext } from './context.ts';

/** Where a payload comes from, as it says itself; commands and events have the team at the top level. */
const Origin = z.looseObject({
  team: z.looseObject({ id: z.string().optional() }).nullish().catch(null),
  team_id: z.string().nullish().catch(null),
  enterprise: z.looseObject({ id: z.string().optional() }).nullish().catch(null),
  enterprise_id: z.string().nullish().catch(null),
  api_app_id: z.string().nullish().catch(null),
  /** A view says where the app is installed that opened it. */
  view: z.looseObject({ app_installed_team_id: z.string().nullish() }).nullish().catch(null),
  /** An event says for which installation it is. */
  authorizations: z
    .array(z.looseObject({ team_id: z.string().nullish(), enterprise_id: z.string().nullish() }))
    .nullish()
    .catch(null),
  context_team_id: z.string().nullish().catch(null),
  context_enterprise_id: z.string().nullish().catch(null),
});
type Origin = z.infer<typeof Origin>;

/**
 * Refuses a payload that does not name our installation and our app, with a row in the audit. Refusals:
 * `foreign-workspace`, `foreign-app`.
 */
export async function mustBeOurs(
  { requests, installation }: Pick<HandlerContext, 'requests' | 'installation'>,
  caller: Caller,
  payload: object,
  action: AuditAction,
): Promise<void> {
  const ours = await installation();
  const origin = Origin.parse(payload);
  const refuse = (refusal: Refusal) =>
    audited(requests, caller, { action }, async () => {
      throw refusal;
    });
  const { api_app_id: app } = origin;
  const from = named(origin);
  if (!isInstallation(ours, from)) {
    await refuse(
      new Refusal('foreign-workspace', { team: from.installed ?? from.team ?? from.enterprise ?? '' }),
    );
  }
  if (ours.app !== null && app !== ours.app) await refuse(new Refusal('foreign-app', { app: app ?? '' }));
}

interface Named {
  readonly team: string | undefined;
  readonly enterprise: string | undefined;
  readonly installed: string | undefined;
}

/** For an app of a whole organisation Slack leaves out the team and names the organisation. */
function named(origin: Origin): Named {
  const [authorised] = origin.authorizations ?? [];
  const view = origin.view?.app_installed_team_id;
  if (authorised) {
    const { team_id: team, enterprise_id: enterprise } = authorised;
    return { team: team || undefined, enterprise: enterprise || undefined, installed: view || undefined };
  }
  return {
    team: origin.team?.id || origin.context_team_id || origin.team_id || undefined,
    enterprise: origin.enterprise?.id || origin.context_enterprise_id || origin.enterprise_id || undefined,
    installed: view || undefined,
  };
}

/**
 * An install in one workspace serves what names that workspace and no other; one in a whole organisation what names the
 * organisation, from whichever of its workspaces.
 */
function isInstallation({ team: home, enterprise: organisation }: Installation, from: Named): boolean {
  const { team, enterprise, installed } = from;
  const places = [team, installed].filter((one) => one !== undefined);
  if (organisation !== undefined && enterprise !== undefined) {
    return enterprise === organisation && (!installed?.startsWith('E') || installed === organisation);
  }
  return places.length > 0 && places.every((one) => one === home || one === organisation);
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
