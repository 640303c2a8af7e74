import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSources } from '../../../src/adapters/metrics/combined.ts';
import { metricsContract } from '../../contracts/metrics.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { startHttpServer, type TestServer } from '../../fakes/http-server.ts';
import { metrics } from '../../support/all-adapters.ts';

const FROM = 1_760_000_007_123;
const STEP = 60_000;
const RANGE = { fromMs: FROM, toMs: FROM + 4 * STEP, stepMs: STEP };
const NOW = RANGE.toMs + 10 * STEP;

let server: TestServer;
/** Sessions by how they went in the interval that begins then. */
let sessions: (startMs: number) => Readonly<Record<string, number>>;
let issues: number[];
/** What the calls for issues get instead of an answer. */
let issuesFail: number | null;
beforeEach(async () => {
  sessions = () => ({ healthy: 95, errored: 3, crashed: 2, abnormal: 0 });
  issues = [];
  issuesFail = null;
  server = await startHttpServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://sentry');
    const refuse = (status: number, detail: string) =>
      void response.writeHead(status).end(JSON.stringify({ detail }));
    if (request.headers.authorization !== 'Bearer sentry-token-value') return refuse(401, 'Invalid token');
    const query = url.searchParams;
    const found = /^\/api\/0\/organizations\/acme\/(sessions|issues)\/$/.exec(url.pathname);
    if (found === null) return refuse(404, 'The requested resource does not exist');
    if (!query.getAll('project').every((one) => one === '7'))
      return refuse(403, 'You do not have permission');
    if (query.get('environment') !== 'production') return refuse(400, 'unknown environment');
    // Times have no zone: they are UTC.
    const [start, end] = ['start', 'end'].map((name) => Date.parse(`${query.get(name)}Z`));
    if (!((start ?? Number.NaN) < (end ?? Number.NaN))) return refuse(400, 'start must be before end');
    if (found[1] === 'issues' && issuesFail !== null) refuse(issuesFail, 'Internal Error');
    else if (found[1] === 'issues') answerIssues(query, response);
    else answerSessions(query, response, start ?? 0, end ?? 0, refuse);
  });
});
afterEach(() => server.close());

function answerSessions(
  query: URLSearchParams,
  response: ServerResponse,
  start: number,
  end: number,
  refuse: (status: number, detail: string) => void,
): void {
  const interval = Number(/^(\d+)s$/.exec(query.get('interval') ?? '')?.[1]) * 1_000;
  const isInterval = interval >= 10_000 && interval % 10_000 === 0 && 86_400_000 % interval === 0;
  if (!isInterval || query.get('field') !== 'sum(session)') {
    refuse(400, 'The interval has to be a multiple of the minimum interval of ten seconds.');
    return;
  }
  const starts: number[] = [];
  for (let at = Math.floor(start / interval) * interval; at < end; at += interval) starts.push(at);
  const statuses = ['healthy', 'errored', 'crashed', 'abnormal'];
  const groups = statuses.map((status) => ({
    by: { 'session.status': status },
    series: { 'sum(session)': starts.map((at) => sessions(at)[status] ?? 0) },
  }));
  const intervals = starts.map((at) => new Date(at).toISOString().replace('.000', ''));
  response.end(JSON.stringify({ start: '', end: '', query: '', intervals, groups }));
}

function answerIssues(query: URLSearchParams, response: ServerResponse): void {
  const [, from = '', to = ''] = /^firstSeen:>=(\S+) firstSeen:<(\S+)$/.exec(query.get('query') ?? '') ?? [];
  const limit = Math.min(100, Number(query.get('limit')));
  const found = issues.filter((at) => at >= Date.parse(`${from}Z`) && at < Date.parse(`${to}Z`));
  const sorted = query.get('sort') === 'new' ? found.sort((a, b) => b - a) : found;
  // Who collapses the stats of an issue collapses when it was seen first, too.
  const isBare = query.getAll('collapse').includes('stats');
  const seen = (at: number) => (isBare ? {} : { count: '1', firstSeen: new Date(at).toISOString() });
  response.end(JSON.stringify(sorted.slice(0, limit).map((at) => ({ id: '1', ...seen(at) }))));
}

const SETTINGS = { use: 'sentry', organization: 'acme', projects: [7], token: { env: 'TOKEN' } };

const open = (settings: Record<string, unknown> = {}, env = { TOKEN: 'sentry-token-value' }) => {
  const parsed = metrics.settings.parse({ ...SETTINGS, url: server.url, ...settings });
  const source = openSources(metrics, [parsed], adapterContext({ env, now: () => NOW }));
  if (source === null) throw new Error('no source');
  return source;
};

metricsContract({
  name: 'sentry',
  seeing: async () => ({ source: open(), range: RANGE }),
  blind: async () => open({ organization: 'nobody' }),
});

describe('sentry', () => {
  test('counts sessions, and those that crashed', async () => {
    const samples = await open().read(RANGE, 'after');
    expect(samples).toHaveLength(4);
    expect(samples[0]).toMatchObject({ total: 100, errors: 2 });
    expect((await open({ crashed: ['crashed', 'errored'] }).read(RANGE, 'after'))[0]).toMatchObject({
      errors: 5,
    });
  });

  test('crashes of long sessions come late: their share alarms, and proves only where that is said', async () => {
    expect(open().isLate).toBe(true);
    expect(await open().doubt?.()).toBe(
      'Sentry counts a crash when its session began: crashes of sessions that last longer than `delay` (2 min) are not seen. So their share may alarm, and is no proof.',
    );
    expect(open({ proves: true }).isLate).toBeUndefined();
    expect(await open({ proves: true }).doubt?.()).toBeNull();
    expect(open({ sessions: false, 'new-issues': true }).isLate).toBeUndefined();
    const both = open({ 'new-issues': true });
    expect([both.isLate, both.counts]).toEqual([true, { 'new issues': { rise: 0.2 } }]);
    expect(await both.doubt?.()).toMatch(/^Sentry counts a crash/);
    const named = openSources(
      metrics,
      [
        { use: 'probe', url: server.url },
        { ...SETTINGS, url: server.url, name: 'crashes' },
      ].map((one) => metrics.settings.parse(one)),
      adapterContext({ env: { TOKEN: 'sentry-token-value' } }),
    );
    expect([named?.isLate, named?.counts]).toEqual([undefined, { crashes: { isLate: true } }]);
  });

  test('asks in intervals that divide a day, one or more of which end in each tick', async () => {
    const samples = await open().read({ ...RANGE, stepMs: 70_000 }, 'after');
    expect(server.requests.at(-1)?.path).toContain('interval=60s');
    expect(samples.map(({ total }) => total)).toEqual([100, 100, 100]);
    await open().read({ ...RANGE, stepMs: 30_000 }, 'after');
    expect(server.requests.at(-1)?.path).toContain('interval=30s');
  });

  test('tells in which ticks an issue is new, as far as the answer reaches back', async () => {
    issues = [FROM + 10_000, FROM + 20_000, FROM + 2.5 * STEP];
    const source = open({ sessions: false, 'new-issues': true });
    expect(source.counts).toEqual({ 'new issues': { rise: 0.2 } });
    const seen = async () =>
      (await source.read(RANGE, 'after')).map(({ counts }) => counts?.['new issues']?.bad);
    expect(await seen()).toEqual([1, 0, 1, 0]);
    issues = Array.from({ length: 150 }, (_, index) => FROM + 1.5 * STEP + index * 1_000);
    expect(await seen(), 'what is older than the oldest of a hundred is not known').toEqual([1]);
    expect(await source.preflight()).toBe('Sentry answers.');
  });

  test('new issues that cannot be read leave the sessions, and are named', async () => {
    issues = [FROM + 10_000];
    const source = open({ 'new-issues': true });
    expect(source.counts).toEqual({ 'new issues': { rise: 0.2 } });
    expect((await source.read(RANGE, 'after'))[0]).toMatchObject({
      total: 100,
      errors: 2,
      counts: { 'new issues': { total: 1, bad: 1 } },
    });
    issuesFail = 500;
    const samples = await source.read(RANGE, 'after');
    expect(samples.map(({ total, counts }) => [total, counts])).toEqual(
      Array.from({ length: 4 }, () => [100, undefined]),
    );
    expect(source.absent?.()).toEqual(['Nothing is seen of new issues: Sentry: it answered 500.']);
  });

  test('says what is wrong, and waits until the limit begins anew', async () => {
    expect(await open().preflight()).toBe(
      'Sentry sees 1.7 requests a second, of which 30 failed in 15 minutes.',
    );
    await expect(open({ organization: 'nobody' }).preflight()).rejects.toMatchObject({
      code: 'metrics-blind',
      facts: { reason: expect.stringContaining('no such organization') },
    });
    await expect(open({}, { TOKEN: 'wrong-token-value' }).preflight()).rejects.toMatchObject({
      facts: { status: 401 },
    });
    await expect(open({ environment: 'qa' }).preflight()).rejects.toMatchObject({
      code: 'metrics-query-refused',
      facts: { reason: 'unknown environment' },
    });
    server.answer = (_, response) =>
      response
        .writeHead(429, { 'x-sentry-rate-limit-reset': String(NOW / 1_000 + 12) })
        .end('{"detail":"slow"}');
    const limited = await open()
      .read(RANGE, 'after')
      .catch((error: unknown) => error);
    expect(limited).toMatchObject({ name: 'Unavailable', reason: 'its limit of requests is reached' });
    expect(Math.round((limited as { retryAfterMs: number }).retryAfterMs / 1_000)).toBe(12);
  });

  test('reads something, or is refused', () => {
    const settings = {
      use: 'sentry',
      organization: 'acme',
      projects: [7],
      token: { env: 'T' },
      sessions: false,
    };
    expect(metrics.settings.safeParse(settings).error?.issues[0]?.message).toContain('nothing would be read');
    expect(metrics.settings.safeParse({ ...settings, 'new-issues': true }).success).toBe(true);
  });
});
