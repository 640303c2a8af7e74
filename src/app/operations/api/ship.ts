import { createHash } from 'node:crypto';
import { z } from 'zod';
import { RateLimit } from '../../../adapters/slack/rate-limit.ts';
import { BUMPS } from '../../../domain/commands/words.ts';
import { isPipeline } from '../../../domain/operations/api-scopes.ts';
import type { Promotion } from '../../../domain/promotion/promotion.ts';
import { Refusal, whenRefused } from '../../../domain/refusals/refusal.ts';
import { given } from '../../../domain/text/given.ts';
import { canonicalJson, jsonIn } from '../../../domain/text/json.ts';
import { asSeenBy } from '../../../flows/requests/as-seen-by.ts';
import type { Caller, RequestContext } from '../../../flows/requests/request.ts';
import { startPromotion } from '../../../flows/requests/start.ts';
import { reading } from '../../../handlers/support/reading.ts';
import { ApiFault } from './problem.ts';
import type { Access } from './tokens.ts';

/** What can be said of a promotion besides its service, as `/ship-prod` takes it. */
export const ShipWish = z
  .strictObject({
    bump: z.enum(BUMPS).default('auto'),
    feature: z.string().trim().min(1).max(200).optional(),
    note: z.string().trim().min(1).max(1_000).optional(),
  })
  .meta({ id: 'Wish', description: 'What to ship; all of it may be left out.' });
type ShipWish = z.output<typeof ShipWish>;

/** Of one token: so many at once, and one more every so many ms. */
const STARTS = { burst: 10, everyMs: 6_000, reserve: 0 };

/**
 * Starts promotions for tokens, by the way of `/ship-prod`: permissions, locks and freezes are those of whom the token acts
 * for. The key names the request: its id is made of it, so that the same request twice is one promotion, also after a
 * crash. Throws ApiFault, and the refusals of a start.
 */
export function shipper() {
  const limit = new RateLimit(STARTS);
  return async (
    requests: RequestContext,
    access: Access,
    service: string,
    { key, body }: { readonly key: string; readonly body: string },
  ): Promise<Promotion> => {
    const { name, caller } = access;
    if (caller === null) throw new Error(`The token ${name} acts for nobody.`);
    if (!/^[\x21-\x7e]{8,200}$/.test(key))
      throw new ApiFault(
        400,
        'key-missing',
        'Send an Idempotency-Key: 8 to 200 characters of ASCII, no spaces.',
      );
    const wish = wishIn(body);
    const id = `${service}-${createHash('sha256')
      .update(canonicalJson([name, service, key]))
      .digest('hex')
      .slice(0, 16)}`;
    const as = { ...caller, via: 'api', key: id };
    const work = async (seen: RequestContext, request: Caller) => {
      await seen.reader?.look(service);
      seen.reader?.mustRead(service);
      const known = await promotionOf(seen, service, id);
      if (known) return sameWish(known, wish);
      if (limit.take(name, requests.now(), true) > 0)
        throw new ApiFault(
          429,
          'too-many',
          `The token "${name}" starts too much: ten times a minute at most.`,
        );
      return started(seen, request, id, { service, ...wish });
    };
    // A pipeline has no eyes in Slack: it sees what its token names.
    if (isPipeline(caller.user)) return work(requests, as);
    return reading({ requests }, as, 'promotion.opened', (seen, request) => work(seen.requests, request));
  };
}

/** Opens the promotion of this id, or finds it where another try opened it meanwhile. */
async function started(
  requests: RequestContext,
  caller: Caller,
  id: string,
  wish: ShipWish & { readonly service: string },
): Promise<Promotion> {
  const { service, bump, feature, note } = wish;
  const wanted = { id, service, bump, ...given({ feature, note, token: caller.token }) };
  const promotion = await startPromotion(requests, caller, wanted).catch(async (error: unknown) => {
    if (error instanceof Refusal) throw error;
    // Once it is stored it goes on by itself, whatever failed then: whoever finds it without a run gives it one.
    const stored = await promotionOf(requests, service, id).catch(() => null);
    if (stored === null) throw error;
    return stored;
  });
  return sameWish(promotion, wish);
}

/**
 * A promotion of this service, as whom the token acts for may see it; null when there is none of this id. Refusals: as of
 * a reader.
 */
export async function followed(
  requests: RequestContext,
  { caller }: Access,
  service: string,
  id: string,
): Promise<Promotion | null> {
  const isMember = caller !== null && !isPipeline(caller.user);
  const seen = isMember ? await asSeenBy(requests, caller.user) : requests;
  await seen.reader?.look(service);
  seen.reader?.mustRead(service);
  return promotionOf(seen, service, id);
}

/** A promotion of this service; null when there is none of this id. */
async function promotionOf(
  { ledger }: Pick<RequestContext, 'ledger'>,
  service: string,
  id: string,
): Promise<Promotion | null> {
  if (!/^[\w-]{1,100}$/.test(id)) return null;
  const promotion = await ledger.get(id).catch(whenRefused(null, 'promotion-unknown'));
  return promotion?.service === service ? promotion : null;
}

function wishIn(body: string): ShipWish {
  const wish = ShipWish.safeParse(body.trim() === '' ? {} : jsonIn(body));
  if (wish.success) return wish.data;
  const [issue] = wish.error.issues;
  const at = issue?.path.join('.') || 'the body';
  throw new ApiFault(400, 'body-invalid', `${at} is not understood: ${issue?.message ?? 'no JSON'}`);
}

/** A key stands for one request. */
function sameWish(promotion: Promotion, wish: ShipWish): Promotion {
  const { bump, feature, note } = promotion.request;
  const asJson = (one: Partial<ShipWish>) => JSON.stringify([one.bump, one.feature, one.note]);
  if (asJson({ bump, feature, note }) === asJson(wish)) return promotion;
  throw new ApiFault(
    422,
    'key-used',
    `With this Idempotency-Key something else was asked for (${promotion.id}).`,
  );
}
