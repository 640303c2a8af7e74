import { z } from 'zod';
import type { AskPagerduty } from './client.ts';

const PAGE = 100;
const MOST_PAGES = 5;

const OnCalls = z.object({
  oncalls: z.array(
    z.object({
      user: z.object({
        id: z.string().min(1),
        name: z.string().nullish(),
        summary: z.string().nullish(),
        email: z.string().nullish(),
      }),
      escalation_level: z.int(),
      escalation_policy: z.object({ id: z.string() }),
    }),
  ),
  more: z.boolean().nullish(),
});
type OnCallEntry = z.output<typeof OnCalls>['oncalls'][number];

/**
 * Who is on call now by schedules, and at the first level of escalation policies that has anybody; each person once.
 *
 * @see https://developer.pagerduty.com/api-reference/3a6b910f11050-list-all-of-the-on-calls
 */
export async function onCallNow(
  ask: AskPagerduty,
  of: { readonly schedules: readonly string[]; readonly policies: readonly string[] },
  signal?: AbortSignal,
): Promise<readonly { readonly name: string; readonly email?: string }[]> {
  const bySchedule = await entries(ask, 'schedule_ids[]', of.schedules, signal);
  const byPolicy = await entries(ask, 'escalation_policy_ids[]', of.policies, signal);
  const first = of.policies.flatMap((id) => {
    const levels = byPolicy.filter(({ escalation_policy: policy }) => policy.id === id);
    const lowest = Math.min(...levels.map(({ escalation_level: level }) => level));
    return levels.filter(({ escalation_level: level }) => level === lowest);
  });
  const people = new Map([...bySchedule, ...first].map(({ user }) => [user.id, user]));
  return [...people.values()].map(({ id, name, summary, email }) => ({
    name: (name || summary || id).slice(0, 80),
    ...(email ? { email: email.slice(0, 254) } : {}),
  }));
}

async function entries(
  ask: AskPagerduty,
  filter: string,
  ids: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly OnCallEntry[]> {
  const found: OnCallEntry[] = [];
  for (let page = 0; ids.length > 0 && page < MOST_PAGES; page++) {
    const query = new URLSearchParams([
      ...ids.map((id) => [filter, id] as [string, string]),
      ['include[]', 'users'],
      ['limit', String(PAGE)],
      ['offset', String(page * PAGE)],
    ]);
    const { oncalls, more } = await ask(`/oncalls?${query}`, OnCalls, signal);
    found.push(...oncalls);
    if (!more || oncalls.length === 0) break;
  }
  return found;
}
