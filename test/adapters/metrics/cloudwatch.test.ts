import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mustTell } from '../../../src/adapters/metrics/port.ts';
import { metricsContract } from '../../contracts/metrics.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { type AwsCall, FakeAws } from '../../fakes/clouds/aws.ts';
import { metrics } from '../../support/all-adapters.ts';

const MINUTE = 60_000;
const FROM = 1_760_000_007_123;
const RANGE = { fromMs: FROM, toMs: FROM + 4 * MINUTE, stepMs: MINUTE };
const NOW = RANGE.toMs + 5 * MINUTE;

let aws: FakeAws;
/** Value of a metric in the minute that begins then; null: none. */
let value: (metric: string, stat: string, minuteMs: number) => number | null;
/** How many series fit on a page. */
let pageSize: number;
let status: string;
/** Messages of the whole answer, and of each series. */
let messages: { readonly all: string; readonly each: string };
/** Labels of the series of one query. */
let labels: readonly string[];
/** Only the first of these has a value. */
let hasEmptySeries: boolean;
beforeEach(async () => {
  aws = await FakeAws.start();
  aws.now = NOW;
  aws.keys.set('AKIA1', { secret: 'long-lived-secret' });
  value = (metric) => (metric === 'RequestCount' ? 600 : metric === 'TargetResponseTime' ? 0.2 : null);
  pageSize = 500;
  status = 'Complete';
  messages = { all: '', each: '' };
  labels = ['one'];
  hasEmptySeries = false;
  aws.onCall = (call, response) => {
    const refused = refusalOf(call);
    if (refused === null) aws.result(response, 'GetMetricData', answerTo(call.form));
    else aws.error(response, 400, 'ValidationError', refused);
  };
});
afterEach(() => aws.close());

/** What the documentation of GetMetricData does not allow. */
function refusalOf({ form, service }: AwsCall): string | null {
  if (service !== 'monitoring' || form.get('Version') !== '2010-08-01') return 'wrong service or version';
  if (form.get('Action') !== 'GetMetricData') return 'wrong action';
  const ids = queriesIn(form).map(({ id }) => id);
  if (ids.length === 0) return 'The parameter MetricDataQueries is required.';
  if (ids.some((id) => !/^[a-z]\w*$/.test(id)))
    return 'The values for parameter id in MetricDataQueries are invalid.';
  if (new Set(ids).size < ids.length)
    return 'The values for parameter id in MetricDataQueries are not unique.';
  for (const { at, expression } of queriesIn(form)) {
    const period = Number(form.get(`${at}.${expression === null ? 'MetricStat.' : ''}Period`));
    if (!(period > 0 && period % 60 === 0)) return `Period must be a multiple of 60: ${period}`;
    if (expression === null && form.get(`${at}.MetricStat.Stat`) === null) return 'Stat is required';
  }
  const [start, end] = ['StartTime', 'EndTime'].map((name) => form.get(name) ?? '');
  const isIso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
  if (!isIso.test(start ?? '') || !isIso.test(end ?? '')) return 'timestamp must follow ISO8601';
  return Date.parse(start ?? '') < Date.parse(end ?? '') ? null : 'StartTime must be less than EndTime.';
}

function queriesIn(form: URLSearchParams) {
  const places = [...form.keys()].flatMap(
    (key) => /^(MetricDataQueries\.member\.\d+)\.Id$/.exec(key)?.[1] ?? [],
  );
  return places.map((at) => ({
    at,
    id: form.get(`${at}.Id`) ?? '',
    metric: form.get(`${at}.MetricStat.Metric.MetricName`) ?? '',
    stat: form.get(`${at}.MetricStat.Stat`) ?? '',
    expression: form.get(`${at}.Expression`),
  }));
}

function answerTo(form: URLSearchParams): string {
  const down = (name: string) => Math.floor(Date.parse(form.get(name) ?? '') / MINUTE) * MINUTE;
  const from = Number(form.get('NextToken') ?? 0);
  const all = queriesIn(form);
  const results = all.slice(from, from + pageSize).map(({ id, metric, stat, expression }) => {
    const times: string[] = [];
    const values: string[] = [];
    for (let at = down('StartTime'); at < down('EndTime'); at += MINUTE) {
      const found = value(expression ?? metric, stat, at);
      if (found === null) continue;
      times.push(`<member>${new Date(at).toISOString().replace('.000', '')}</member>`);
      values.push(`<member>${found}</member>`);
    }
    const points = (nth: number, all: readonly string[]) => (hasEmptySeries && nth > 0 ? '' : all.join(''));
    const series = labels.map(
      (label, nth) =>
        `<member><Id>${id}</Id><Label>${label}</Label><StatusCode>${status}</StatusCode><Timestamps>${points(nth, times)}</Timestamps><Values>${points(nth, values)}</Values><Messages>${messages.each}</Messages></member>`,
    );
    return series.join('');
  });
  const next = from + pageSize < all.length ? `<NextToken>${from + pageSize}</NextToken>` : '';
  return `<MetricDataResults>${results.join('')}</MetricDataResults><Messages>${messages.all}</Messages>${next}`;
}

const open = (settings: Record<string, unknown> = { 'load-balancer': 'app/shop/50dc6c495c0c9188' }) =>
  metrics.open(
    metrics.settings.parse({ use: 'cloudwatch', region: 'eu-central-1', endpoint: aws.url, ...settings }),
    adapterContext({
      env: { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 'long-lived-secret' },
      now: () => NOW,
    }),
  );

metricsContract({
  name: 'cloudwatch',
  seeing: async () => ({ source: open(), range: RANGE }),
  blind: async () => {
    value = () => null;
    return open();
  },
});

const message = (code: string, text: string) => `<member><Code>${code}</Code><Value>${text}</Value></member>`;

describe('cloudwatch', () => {
  test('an answer that says that it leaves something out is none', async () => {
    messages = { all: message('MaxMetricsExceeded', 'Maximum number of allowed metrics exceeded'), each: '' };
    await expect(open().read(RANGE, 'after')).rejects.toMatchObject({
      name: 'Unavailable',
      reason: 'its answer is incomplete (Maximum number of allowed metrics exceeded)',
    });
    messages = { all: '', each: message('MaxQueryResultsExceeded', 'More than 500 time series') };
    await expect(open().read(RANGE, 'after')).rejects.toThrow('is incomplete (More than 500 time series)');
    const divided = 'One or more data-points have been dropped due to non-numeric values';
    messages = { all: '', each: message('ArithmeticError', divided) };
    expect(await open().read(RANGE, 'after'), 'a quotient without requests').toHaveLength(4);
  });

  test('several series of one expression are refused: only one of them would be read', async () => {
    labels = ['shop-a', 'shop-b'];
    value = () => 600;
    const settings = { total: { expression: "SEARCH('RequestCount', 'Sum')" } };
    await expect(open(settings).preflight()).rejects.toMatchObject({
      code: 'metrics-query-refused',
      facts: { query: 'total', reason: expect.stringContaining('SUM(…)') },
    });
    hasEmptySeries = true;
    expect(await open(settings).preflight(), 'the others have nothing').toMatch(/^CloudWatch sees/);
  });

  /** As a load balancer counts a minute: what has no target is in no RequestCount, and what never was is not told. */
  function counts(minute: {
    fine?: number;
    failed?: number;
    own?: Record<string, number>;
    refused?: number;
  }) {
    const { fine = 0, failed = 0, own = {}, refused = 0 } = minute;
    const sum = (codes: readonly string[]) => codes.reduce((all, code) => all + (own[code] ?? 0), 0);
    const codes: Record<string, number> = Object.fromEntries(
      ['500', '502', '503', '504'].map((code) => [`HTTPCode_ELB_${code}_Count`, sum([code])]),
    );
    const told: Record<string, number> = {
      ...codes,
      RequestCount: fine + failed + sum(['502', '504']),
      HTTPCode_Target_5XX_Count: failed,
      HTTPCode_ELB_5XX_Count: sum(Object.keys(own)),
      TargetConnectionErrorCount: refused,
    };
    value = (metric) => told[metric] || null;
  }

  test.each([
    ['gives a bad answer or none in time', { own: { 502: 400, 504: 200 } }, [600, 600]],
    ['is not there', { own: { 503: 600 } }, [600, 600]],
    ['fails itself, some of the time', { fine: 500, failed: 60, own: { 502: 30, 503: 10 } }, [600, 100]],
    [
      'is not asked, for codes without a metric of their own',
      { fine: 90, own: { 501: 4, 561: 6 } },
      [100, 10],
    ],
  ])('counts each request once where the target %s', async (_name, minute, [total, errors]) => {
    counts(minute);
    expect((await open().read(RANGE, 'after'))[0]).toMatchObject({ total, errors });
  });

  test('counts the connections to a target group that failed, and no more than all requests', async () => {
    const group = {
      'load-balancer': 'app/shop/50dc6c495c0c9188',
      'target-group': 'targetgroup/shop/73e2d6bc24d8a067',
    };
    counts({ fine: 580, failed: 10, own: { 502: 10 }, refused: 10 });
    expect((await open(group).read(RANGE, 'after'))[0]).toMatchObject({ total: 600, errors: 20 });
    counts({ own: { 502: 600 }, refused: 1_800 });
    expect((await open(group).read(RANGE, 'after'))[0]).toMatchObject({ total: 600, errors: 600 });
  });

  test('reads a load balancer: requests, failures of targets and of its own, and percentiles', async () => {
    const at = Math.floor((FROM + 2 * MINUTE) / MINUTE) * MINUTE - MINUTE;
    value = (metric, stat, minute) => {
      if (metric === 'RequestCount') return 600;
      if (metric === 'TargetResponseTime') return stat === 'p99' ? 0.9 : 0.2;
      if (minute !== at) return null;
      return { HTTPCode_ELB_5XX_Count: 40, HTTPCode_Target_5XX_Count: 3 }[metric] ?? null;
    };
    const samples = await open().read(RANGE, 'after');
    expect(samples).toHaveLength(4);
    expect(samples.map(({ total, errors }) => [total, errors])).toEqual([
      [600, 0],
      [640, 43],
      [600, 0],
      [600, 0],
    ]);
    expect(samples[0]?.percentiles_ms).toEqual({ p50: 200, p95: 200, p99: 900 });
    const dimensions = [...(aws.calls[0]?.form ?? [])].filter(([key]) =>
      key.includes('Dimensions.member.1.Value'),
    );
    expect(new Set(dimensions.map(([, text]) => text))).toEqual(new Set(['app/shop/50dc6c495c0c9188']));
  });

  test('reads one target group, metrics of one’s own, lists of them, and expressions', async () => {
    await open({
      'load-balancer': 'app/shop/50dc6c495c0c9188',
      'target-group': 'targetgroup/shop/73e2d6bc24d8a067',
    }).read(RANGE, 'after');
    expect(queriesIn(aws.calls[0]?.form ?? new URLSearchParams()).map(({ metric }) => metric)).toEqual([
      'RequestCount',
      'HTTPCode_Target_5XX_Count',
      'TargetConnectionErrorCount',
      'TargetResponseTime',
      'TargetResponseTime',
      'TargetResponseTime',
    ]);
    value = (metric) => ({ Hits: 50, More: 10, 'SUM(METRICS())': 6, Age: 99 })[metric] ?? null;
    const [sample] = await open({
      total: [
        { namespace: 'Shop', metric: 'Hits', dimensions: { Stage: 'prod' } },
        { namespace: 'Shop', metric: 'More' },
      ],
      errors: { expression: 'SUM(METRICS())' },
      counts: { 'queue age': { value: { namespace: 'AWS/SQS', metric: 'Age', stat: 'Maximum' }, above: 60 } },
    }).read(RANGE, 'after');
    expect(sample).toMatchObject({ total: 60, errors: 6, counts: { 'queue age': { total: 1, bad: 1 } } });
  });

  test('follows the pages of an answer', async () => {
    pageSize = 2;
    expect((await open().read(RANGE, 'after'))[0]).toMatchObject({
      total: 600,
      errors: 0,
      percentiles_ms: { p99: 200 },
    });
    expect(aws.calls.map(({ form }) => form.get('NextToken'))).toEqual([null, '2', '4', '6', '8']);
  });

  test.each([
    ['InternalError', 'its answer is incomplete (InternalError)'],
    ['PartialData', 'its answer is incomplete (PartialData)'],
    ['Forbidden', 'does not accept the credentials'],
  ])('takes no answer that is %s', async (given, words) => {
    status = given;
    await expect(open().read(RANGE, 'after')).rejects.toThrow(words);
  });

  test('needs ticks of a minute, two minutes after they end', () => {
    expect(() => mustTell(open(), 30_000)).toThrow('metrics-tick');
    expect(() => mustTell(open(), MINUTE)).not.toThrow();
    expect(open().delayMs).toBe(2 * MINUTE);
  });

  test('says before the deploy what it sees', async () => {
    expect(await open().preflight()).toBe(
      'CloudWatch sees 10 requests a second, of which 0 failed in 15 minutes.',
    );
  });

  test.each([
    [{}, 'either load-balancer, or total'],
    [{ 'load-balancer': 'app/a/1', total: { expression: 'm' } }, 'either load-balancer, or total'],
    [{ total: { metric: 'a' } }, 'a metric { namespace'],
    [{ region: 'frankfurt', total: { expression: 'm' } }, 'a region such as'],
  ])('refuses the settings %j', (settings, words) => {
    const { error } = metrics.settings.safeParse({ use: 'cloudwatch', region: 'eu-central-1', ...settings });
    expect(error?.issues.map(({ message }) => message).join()).toContain(words);
  });
});
