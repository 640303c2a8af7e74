import type { FreezeRule } from '../../../src/domain/policy/freeze.ts';
import type { Policy } from '../../../src/domain/policy/service.ts';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { promote } from '../../../src/flows/promote.ts';
import { acknowledgeDebt, breakGlass } from '../../../src/flows/requests/break-glass.ts';
import { lockService, unlockService } from '../../../src/flows/requests/locks.ts';
import type { Caller, RequestContext } from '../../../src/flows/requests/request.ts';
import { startPromotion } from '../../../src/flows/requests/start.ts';
import { steer } from '../../../src/flows/requests/steer.ts';
import { vote } from '../../../src/flows/requests/vote.ts';
import { MemoryRuns } from '../../fakes/memory-run.ts';
import { House } from '../house.ts';

export const HOUR = 3_600_000;
/** The house's clock begins on Monday, 7 January 2030, at 10:00 UTC. */
export const FREEZE: FreezeRule = {
  name: 'audit',
  zone: 'UTC',
  span: { kind: 'dates', from: '2030-01-07T11:00', to: '2030-01-07T15:00' },
};
const OVERRIDE = { users: ['U_LINUS'], groups: [] };

export function town(policy: Partial<Policy> = {}) {
  const house = new House({ override: OVERRIDE, ...policy }, 60_000);
  const flow = (run: Parameters<typeof promote>[0], { promotionId }: { promotionId: string }) =>
    promote(run, house.ports, promotionId);
  const runs = new MemoryRuns({ clock: house.clock, flows: { promote: flow, rollback: flow } });
  let ids = 0;
  const requests: Omit<RequestContext, 'services'> & { services: RequestContext['services'] } =
    house.requests({
      runs,
      newId: (name) => `${name}-${++ids}`,
    });
  const caller = (user: string): Caller => ({ user, via: 'button', key: `${user}:${++ids}` });
  const newest = async () => {
    const [promotion] = await house.ledger.recent({ service: 'shop', limit: 1 });
    if (!promotion) throw new Error('nothing was started');
    return promotion;
  };
  const settle = async () => runs.idle((await newest()).id);
  return {
    house,
    requests,
    caller,
    newest,
    /** Who was told that it is their turn. */
    called: async () =>
      (await house.ledger.openPrompts()).flatMap(({ prompt }) =>
        prompt.kind === 'turn' ? [prompt.user] : [],
      ),
    kinds: () => house.slack.said.map(({ notice }) => notice.kind),
    said: <K extends string>(kind: K) => house.slack.said.filter(({ notice }) => notice.kind === kind),
    async start(user = 'U_ADA', reason?: string) {
      await startPromotion(
        requests,
        caller(user),
        { service: 'shop', bump: 'auto' },
        reason === undefined ? undefined : { reason },
      );
      await settle();
    },
    async breakGlass(user = 'U_LINUS', reason = 'the till is down') {
      await breakGlass(requests, caller(user), (await newest()).id, reason);
      await settle();
    },
    async approve(user = 'U_GRACE') {
      const { id, digest } = await newest();
      await vote(requests, caller(user), id, { decision: 'approve', digest: digest ?? '' });
      await settle();
    },
    async recheck() {
      await steer(requests, caller('U_ADA'), (await newest()).id, { kind: 'recheck' });
      await settle();
    },
    acknowledge: async (user: string) => acknowledgeDebt(requests, caller(user), (await newest()).id),
    lock: (user: string, more: Partial<Parameters<typeof lockService>[2]> = {}) =>
      lockService(requests, caller(user), { service: 'shop', reason: 'migration', ...more }),
    unlock: (user: string, service = 'shop') =>
      unlockService(requests, caller(user), service, { because: 'mended' }),
    settle,
    /** Until the watch is over. */
    async ship(ms = 10 * 60_000) {
      await house.clock.advance(ms);
      await settle();
    },
    wait: async (ms: number) => {
      await house.clock.advance(ms);
    },
  };
}

export async function refused(work: Promise<unknown>): Promise<Refusal> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Refusal) return error;
  throw error ?? new Error('it was not refused');
}
