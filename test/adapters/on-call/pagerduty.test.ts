import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Refusal, Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { sendJson } from '../../contracts/sources.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { startHttpServer, type TestServer } from '../../fakes/http-server.ts';
import { alerts, onCall } from '../../support/all-adapters.ts';

/** Who is on call, as PagerDuty computes it: an entry for each policy, level and schedule. */
interface Entry {
  readonly user: string;
  readonly policy: string;
  readonly level: number;
  readonly schedule: string | null;
}

const USERS: Readonly<Record<string, { readonly name: string; readonly email: string }>> = {
  PADA01: { name: 'Ada Lovelace', email: 'ada@shop.test' },
  PBOB01: { name: 'Bob', email: 'bob@shop.test' },
  PCAT01: { name: 'Cat', email: 'cat@shop.test' },
};
const ENTRIES: readonly Entry[] = [
  { user: 'PADA01', policy: 'PPOLICY1', level: 1, schedule: 'PSCHED1' },
  { user: 'PBOB01', policy: 'PPOLICY1', level: 2, schedule: null },
  { user: 'PCAT01', policy: 'PPOLICY2', level: 2, schedule: 'PSCHED2' },
  { user: 'PADA01', policy: 'PPOLICY2', level: 3, schedule: 'PSCHED1' },
];

let server: TestServer;
let status = 200;
beforeEach(async () => {
  status = 200;
  server = await startHttpServer();
  server.answer = (request, response) => {
    const refused = (code: number, message: string) =>
      sendJson(response, { error: { message, code: 2001, errors: [] } }, code);
    if (status !== 200) return refused(status, 'Not now');
    if (request.headers.authorization !== 'Token token=pd-secret-1') return refused(401, 'Unauthorized');
    const url = new URL(request.url ?? '', server.url);
    const [, kind, id] = /^\/(services|schedules|escalation_policies)\/(\w+)$/.exec(url.pathname) ?? [];
    if (kind === 'services')
      return sendJson(response, {
        service: {
          id,
          name: 'Shop',
          escalation_policy: { id: 'PPOLICY1', type: 'escalation_policy_reference' },
        },
      });
    if (kind !== undefined) {
      const isThere = ENTRIES.some(({ policy, schedule }) => policy === id || schedule === id);
      return isThere ? sendJson(response, { [kind]: { id } }) : refused(404, 'Not Found');
    }
    if (url.pathname !== '/oncalls') return refused(404, 'Not Found');
    const { searchParams: query } = url;
    const limit = Number(query.get('limit') ?? 25);
    const offset = Number(query.get('offset') ?? 0);
    if (limit > 100) return refused(400, 'Invalid Input Provided');
    const schedules = query.getAll('schedule_ids[]');
    const policies = query.getAll('escalation_policy_ids[]');
    // All filters have to fit. A page has two entries here, so that more than one is needed.
    const all = ENTRIES.filter(
      ({ policy, schedule }) =>
        (schedules.length === 0 || schedules.includes(schedule ?? '')) &&
        (policies.length === 0 || policies.includes(policy)),
    );
    const isWhole = query.getAll('include[]').includes('users');
    const page = all.slice(offset / 50, offset / 50 + 2);
    sendJson(response, {
      oncalls: page.map(({ user, policy, level, schedule }) => ({
        user: {
          id: user,
          type: isWhole ? 'user' : 'user_reference',
          summary: USERS[user]?.name,
          ...(isWhole ? USERS[user] : {}),
        },
        escalation_policy: { id: policy, type: 'escalation_policy_reference' },
        escalation_level: level,
        schedule: schedule === null ? null : { id: schedule, type: 'schedule_reference' },
        start: schedule === null ? null : '2030-01-07T09:00:00Z',
        end: null,
      })),
      limit,
      offset,
      total: null,
      more: offset / 50 + 2 < all.length,
    });
  };
});
afterEach(() => server.close());

const context = () => adapterContext({ env: { PAGERDUTY_TOKEN: 'pd-secret-1' } });
const open = (more: object) =>
  onCall.open(
    onCall.settings.parse({ use: 'pagerduty', token: { env: 'PAGERDUTY_TOKEN' }, api: server.url, ...more }),
    context(),
  );

describe('who is on call by PagerDuty', () => {
  test('by a schedule: each person once, with their address', async () => {
    const { people, preflight } = open({ schedules: ['PSCHED1'] });
    expect(await people()).toEqual([{ name: 'Ada Lovelace', email: 'ada@shop.test' }]);
    expect(await preflight()).toBe('On call by PagerDuty: Ada Lovelace.');
  });

  test('by escalation policies: those of the first level that has anybody', async () => {
    const { people } = open({ 'escalation-policies': ['PPOLICY1', 'PPOLICY2'] });
    expect((await people()).map(({ name }) => name)).toEqual(['Ada Lovelace', 'Cat']);
  });

  test('one that is not there is said, not taken for nobody', async () => {
    await expect(open({ schedules: ['PNOTHERE'] }).preflight()).rejects.toBeInstanceOf(Refusal);
  });

  test('silence is told from a token that is refused', async () => {
    status = 503;
    await expect(open({ schedules: ['PSCHED1'] }).people()).rejects.toBeInstanceOf(Unavailable);
    status = 401;
    await expect(open({ schedules: ['PSCHED1'] }).people()).rejects.toBeInstanceOf(Refusal);
  });

  test('the settings name a schedule or a policy', () => {
    expect(() => open({})).toThrow('schedules or escalation-policies');
  });

  test('without settings of its own: by the escalation policy of the service whose incidents are read', async () => {
    const source = alerts.open(
      alerts.settings.parse({
        use: 'pagerduty',
        services: ['PSHOP01'],
        token: { env: 'PAGERDUTY_TOKEN' },
        api: server.url,
      }),
      context(),
    );
    expect(await source.onCall?.()).toEqual([{ name: 'Ada Lovelace', email: 'ada@shop.test' }]);
  });
});
