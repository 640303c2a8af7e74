import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { BUMPS } from '../../domain/commands/words.ts';
import { CLOSED_STATES } from '../../domain/promotion/promotion.ts';
import { visibleInJson } from '../../domain/text/visible.ts';
import { type FollowedPromotion, Slipway } from '../bot-api.ts';
import type { Invocation } from '../invocation.ts';
import { EXIT } from '../output.ts';

/** What is waited for, and the states in which that has been reached; `deployed` by all requests. */
const REACHED: Readonly<Record<string, readonly string[]>> = {
  approved: ['releasing', 'deploying', 'verifying', 'monitoring', 'shipped'],
  deployed: ['verifying', 'monitoring', 'shipped'],
  shipped: ['shipped'],
};
/** Between two looks, ms: in the first minute, and later. */
const LOOK_MS = { soon: 1_000, later: 5_000 };
const MINUTE_MS = 60_000;
/** How long a bot that does not answer is waited for, ms: until it took the request, and while it works. */
const PATIENCE = { start: 60_000, follow: 600_000 };

/**
 * Asks the running bot for a promotion, and follows it where `--wait` or `--until` says so. Done: it was asked for, or what
 * was waited for is reached. Refusals: `environment-invalid`, `secret-missing`, `bot-refused`; throws Unavailable.
 */
export async function ship({ words, options, env, output }: Invocation): Promise<number | null> {
  const [service, ...more] = words;
  const { bump = 'auto', feature, note, until = 'shipped', key = randomUUID(), url, json } = options;
  const reached = Object.hasOwn(REACHED, until) ? REACHED[until] : undefined;
  if (service === undefined || more.length > 0 || !reached || !BUMPS.some((one) => one === bump)) return null;
  const bot = new Slipway({ ...env, ...(url === undefined ? {} : { SLIPWAY_URL: url }) }, output.message);
  let said = '';
  let thread: string | undefined;
  const say = async (promotion: FollowedPromotion) => {
    const line = json ? visibleInJson(JSON.stringify(promotion)) : lineOf(promotion);
    if (line !== said) await output.result(`${line}\n`);
    said = line;
    if (thread === undefined && promotion.thread) output.message(`In Slack: ${promotion.thread}`);
    thread ??= promotion.thread ?? undefined;
  };
  let promotion = await bot.start(service, { bump, feature, note }, key, PATIENCE.start);
  await say(promotion);
  if (!options.wait && options.until === undefined) return EXIT.done;
  const since = performance.now();
  for (;;) {
    const isPart = until === 'deployed' && (promotion.share ?? null) !== null;
    // A release is cut of what people approved, however it ended since.
    if (until === 'approved' && (promotion.commit ?? null) !== null) return EXIT.done;
    if (reached.includes(promotion.state) && !isPart) return EXIT.done;
    if (CLOSED_STATES.some((state) => state === promotion.state)) return EXIT.refused;
    await pause(performance.now() - since < MINUTE_MS ? LOOK_MS.soon : LOOK_MS.later);
    promotion = await bot.promotion(service, promotion.id, PATIENCE.follow);
    await say(promotion);
  }
}

function lineOf({ id, state, version, share, why }: FollowedPromotion): string {
  const what = `${id}: ${state.replaceAll('-', ' ')}${version === null ? '' : ` ${version}`}${typeof share === 'number' ? ` with ${share} % of the requests` : ''}`;
  return why ? `${what}, ${why.replaceAll(/\s+/g, ' ').slice(0, 500)}` : what;
}
