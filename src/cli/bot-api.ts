import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { type Answer, askOnce, TokenUrl } from '../adapters/shared/http.ts';
import { A_TOKEN, API_TOKEN } from '../domain/operations/api-scopes.ts';
import { Refusal, Unavailable } from '../domain/refusals/refusal.ts';
import { jsonIn } from '../domain/text/json.ts';
import { secretIn } from '../domain/text/redaction.ts';

const TIMEOUT_MS = 30_000;
/** Twice as long each time, so that a token is not told that it asks too often. */
const AGAIN_MS = { first: 1_000, longest: 10_000 };
const MOST_BYTES = 100_000;

const FollowedPromotion = z.object({
  id: z.string().regex(/^[\w-]{1,100}$/),
  state: z.string(),
  version: z.string().nullable(),
  commit: z.string().nullish(),
  /** Percent of the requests; absent where an older bot answers. */
  share: z.number().nullish(),
  by: z.string().nullish(),
  why: z.string().nullish(),
  thread: z.string().nullish(),
});
export type FollowedPromotion = z.infer<typeof FollowedPromotion>;

const Told = z.object({ code: z.string(), message: z.string() });

/**
 * What an answer says: a promotion; null where the bot is away. `isFollowed`: the bot was there before, so what does not
 * answer as it does is a proxy that does not find it now. Refusal `bot-refused`.
 */
export function promotionIn(answer: Answer, where: string, isFollowed: boolean): FollowedPromotion | null {
  if (answer.kind !== 'reply') return null;
  const { status, body } = answer;
  const value = jsonIn(body);
  const promotion = FollowedPromotion.safeParse(value);
  if (status === 200 && promotion.success) return promotion.data;
  if (status >= 500 || status === 429) return null;
  const told = Told.safeParse(value);
  if (told.success) throw new Refusal('bot-refused', { message: told.data.message, code: told.data.code });
  if (isFollowed) return null;
  const message = `${where} answers ${status}, but not as Slipway does.`;
  throw new Refusal('bot-refused', { message, code: 'answer-strange' });
}

/** The running bot, over its API: `SLIPWAY_URL` and `SLIPWAY_TOKEN`. */
export class Slipway {
  readonly #base: string;
  readonly #token: string;
  readonly #say: (text: string) => void;

  /** Refusals `secret-missing`, `environment-invalid`. */
  constructor(env: NodeJS.ProcessEnv, say: (text: string) => void) {
    for (const name of ['SLIPWAY_URL', 'SLIPWAY_TOKEN'])
      if (!env[name]) throw new Refusal('bot-unnamed', { name });
    const url = TokenUrl.safeParse(env['SLIPWAY_URL']);
    if (!url.success) {
      const expected = url.error.issues[0]?.message ?? 'an address';
      // It may have a password in it.
      throw new Refusal('environment-invalid', { name: 'SLIPWAY_URL', value: '…', expected });
    }
    this.#base = url.data.replace(/\/$/, '');
    this.#token = secretIn(env, 'SLIPWAY_TOKEN');
    if (!API_TOKEN.test(this.#token))
      throw new Refusal('environment-invalid', { name: 'SLIPWAY_TOKEN', value: '…', expected: A_TOKEN });
    this.#say = say;
  }

  /** Asked again with the same key it is the same promotion. */
  start(service: string, wish: object, key: string, patienceMs: number): Promise<FollowedPromotion> {
    const path = `${encodeURIComponent(service)}/promotions`;
    const headers = { 'idempotency-key': key, 'content-type': 'application/json' };
    return this.#ask(path, patienceMs, { method: 'POST', headers, body: JSON.stringify(wish) });
  }

  promotion(service: string, id: string, patienceMs: number): Promise<FollowedPromotion> {
    return this.#ask(`${encodeURIComponent(service)}/promotions/${id}`, patienceMs, {});
  }

  /** Asks until the bot answers; Unavailable when it did not for so long. */
  async #ask(
    path: string,
    patienceMs: number,
    { headers, ...request }: { method?: string; headers?: Record<string, string>; body?: string },
  ): Promise<FollowedPromotion> {
    const since = performance.now();
    for (let tries = 1; ; tries += 1) {
      const answer = await askOnce({
        url: `${this.#base}/api/v1/services/${path}`,
        headers: { ...headers, authorization: `Bearer ${this.#token}` },
        timeoutMs: TIMEOUT_MS,
        maxBytes: MOST_BYTES,
        ...request,
      });
      const promotion = promotionIn(answer, this.#base, request.method === undefined);
      if (promotion) return promotion;
      const why = answer.kind === 'reply' ? `it answers ${answer.status}` : answer.words;
      if (performance.now() - since > patienceMs) throw new Unavailable(this.#base, why);
      if (tries === 1) this.#say(`${this.#base} does not answer now (${why}). Asking again …`);
      await pause(Math.min(AGAIN_MS.longest, AGAIN_MS.first * 2 ** (tries - 1)));
    }
  }
}
