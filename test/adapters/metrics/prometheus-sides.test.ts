import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSources } from '../../../src/adapters/metrics/combined.ts';
import { namesRelease } from '../../../src/adapters/metrics/prometheus/sides.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { startHttpServer, type TestServer } from '../../fakes/http-server.ts';
import { metrics } from '../../support/all-adapters.ts';

/** Values by tick; by the labels of their series, written as JSON. */
type SeriesByLabels = Readonly<Record<string, Readonly<Record<number, string>>>>;

const FROM = 1_760_000_000_000;
const STEP = 30_000;
const RELEASE = { version: '1.3.0', tag: 'shop-v1.3.0', commit: 'c0ffee1234567890c0ffee1234567890c0ffee12' };
const RANGE = { fromMs: FROM, toMs: FROM + 2 * STEP, stepMs: STEP, release: RELEASE };
const at = (tick: number) => new Date(FROM + tick * STEP).toISOString();
const of = (version: string | null) => JSON.stringify(version === null ? {} : { version });

let server: TestServer;
let queries: string[];
let total: SeriesByLabels;
let errors: SeriesByLabels;
beforeEach(async () => {
  queries = [];
  server = await startHttpServer();
  server.answer = async (request, response) => {
    const query = new URLSearchParams(await bodyOf(request)).get('query') ?? '';
    queries.push(query);
    const isInstant = (request.url ?? '').endsWith('/query');
    const failed = /5\.\.|my_errors/.test(query);
    const found = query.includes('_bucket') ? {} : grouped(failed ? errors : total, query);
    const result = Object.entries(found).map(([labels, values]) => {
      const points = Object.entries(values).map(([tick, value]) => [
        (FROM + Number(tick) * STEP) / 1_000,
        value,
      ]);
      return { metric: JSON.parse(labels), ...(isInstant ? { value: points[0] } : { values: points }) };
    });
    const data = { resultType: isInstant ? 'vector' : 'matrix', result };
    response.writeHead(200).end(JSON.stringify({ status: 'success', data }));
  };
});
afterEach(() => server.close());

/** As `sum` does: without `by` all labels go, and series become one. */
function grouped(series: SeriesByLabels, query: string): SeriesByLabels {
  if (query.includes('sum by (version) ')) return series;
  const sums: Record<number, number> = {};
  for (const values of Object.values(series)) {
    for (const [tick, value] of Object.entries(values)) {
      sums[Number(tick)] = (sums[Number(tick)] ?? 0) + Number(value);
    }
  }
  const one = Object.fromEntries(Object.entries(sums).map(([tick, value]) => [tick, String(value)]));
  return Object.keys(one).length === 0 ? {} : { '{}': one };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

const settingsOf = (more: Record<string, unknown> = {}) =>
  metrics.settings.parse({
    use: 'prometheus',
    url: server.url,
    selector: 'job="shop"',
    compare: { by: 'version' },
    ...more,
  });
const open = (more: Record<string, unknown> = {}) =>
  metrics.open(settingsOf(more), adapterContext({ now: () => RANGE.toMs }));

describe('prometheus, side by side', () => {
  test('tells requests of the release before from those of the new one', async () => {
    total = { [of('1.3.0')]: { 1: '130', 2: '140' }, [of('1.2.0')]: { 1: '120', 2: '110' } };
    errors = { [of('1.3.0')]: { 1: '3', 2: '0' }, [of('1.2.0')]: { 1: '1', 2: '2' } };
    const names = { release: '1.3.0', other: '1.2.0' };
    expect(await open().read(RANGE, 'after')).toEqual([
      { at: at(1), phase: 'after', total: 250, errors: 4, beside: { total: 120, errors: 1, ...names } },
      { at: at(2), phase: 'after', total: 250, errors: 2, beside: { total: 110, errors: 2, ...names } },
    ]);
    const counted = queries.filter((query) => !query.includes('_bucket'));
    expect(counted).toHaveLength(2);
    for (const query of counted)
      expect(query).toContain('sum by (version) (((last_over_time(http_requests_total{job="shop"');
  });

  test('asks for no labels where nothing is compared: before the deploy, without a release, without the setting', async () => {
    total = { [of('1.3.0')]: { 1: '130' }, [of('1.2.0')]: { 1: '120' } };
    errors = { [of('1.3.0')]: { 1: '3' }, [of('1.2.0')]: { 1: '1' } };
    const { release: _, ...without } = RANGE;
    const plain = (phase: string) => [{ at: at(1), phase, total: 250, errors: 4 }];
    expect(await open().read(RANGE, 'baseline')).toEqual(plain('baseline'));
    expect(await open().read(without, 'after')).toEqual(plain('after'));
    expect(await open({ compare: undefined }).read(RANGE, 'after')).toEqual(plain('after'));
    expect(queries.filter((query) => query.includes('by (version)'))).toEqual([]);
  });

  test.each([
    ['1.3.0', true],
    ['v1.3.0', true],
    ['shop-v1.3.0', true],
    ['c0ffee1', true],
    ['C0FFEE123456', true],
    [RELEASE.commit, true],
    ['c0ffee', false],
    ['c0ffee2', false],
    ['1.3.0-rc.1', false],
    ['1.3', false],
    ['11.3.0', false],
    ['', false],
  ])('%s names the release: %s', (value, expected) => {
    expect(namesRelease(value, RELEASE)).toBe(expected);
  });

  const BUILD = 'b1de111234567890b1de111234567890b1de1112';

  test.each([
    ['b1de111', true],
    [BUILD, true],
    ['c0ffee1', true],
    ['1.3.0', true],
    ['b1de112', false],
    ['b1de11', false],
  ])('%s names the release that a build was promoted for: %s', (value, expected) => {
    expect(namesRelease(value, { ...RELEASE, build: { commit: BUILD } })).toBe(expected);
  });

  test('what was promoted is told by the commit that was built', async () => {
    const [canary, stable] = [of('b1de111'), of('0ddba11')];
    total = { [canary]: { 1: '130' }, [stable]: { 1: '120' } };
    errors = { [canary]: { 1: '3' }, [stable]: { 1: '1' } };
    const range = { ...RANGE, release: { ...RELEASE, build: { commit: BUILD } } };
    const counts = { failed: { value: 'max(my_gauge{version=~"shop-{version}"})', above: 1 } };
    const [sample] = await open({ counts }).read(range, 'after');
    expect(sample).toMatchObject({ beside: { total: 120, errors: 1, release: '1.3.0', other: '0ddba11' } });
    const asked = queries.find((query) => query.includes('my_gauge')) ?? '';
    // Prometheus takes a pattern as a whole.
    const pattern = new RegExp(`^(?:${/=~"([^"]*)"/.exec(asked)?.[1]})$`);
    const names = ['1.3.0', 'v1.3.0', 'b1de111', BUILD, '1x3.0', '0ddba11', 'b1de11', '11.3.0'];
    expect(names.filter((name) => pattern.test(`shop-${name}`))).toEqual([
      '1.3.0',
      'v1.3.0',
      'b1de111',
      BUILD,
    ]);
  });

  test('what has another version, or none, is not of the release', async () => {
    total = { [of('v1.3.0')]: { 1: '100' }, [of('1.2.0')]: { 1: '60' }, [of(null)]: { 1: '40' } };
    errors = { [of('1.2.0')]: { 1: '2' } };
    expect(await open().read(RANGE, 'after')).toEqual([
      {
        at: at(1),
        phase: 'after',
        total: 200,
        errors: 2,
        beside: { total: 100, errors: 2, release: '1.3.0', other: 'the others' },
      },
    ]);
    total = { [of('1.3.0')]: { 1: '100' }, [of(null)]: { 1: '40' } };
    errors = { [of('1.3.0')]: { 1: '1' } };
    expect((await open().read(RANGE, 'after'))[0]?.beside).toMatchObject({ total: 40, other: 'no version' });
  });

  test('when the one before is gone, all requests are of the release', async () => {
    total = { [of('1.3.0')]: { 1: '100' } };
    errors = { [of('1.3.0')]: { 1: '1' } };
    expect((await open().read(RANGE, 'after'))[0]).toMatchObject({
      total: 100,
      beside: { total: 0, errors: 0, release: '1.3.0' },
    });
  });

  test('says why they are not told apart, and counts them together', async () => {
    total = { [of('1.2.0')]: { 1: '100' }, [of('1.1.0')]: { 1: '10' } };
    errors = { [of('1.2.0')]: { 1: '1' } };
    expect(await open().read(RANGE, 'after')).toEqual([
      {
        at: at(1),
        phase: 'after',
        total: 110,
        errors: 1,
        apart: 'No series has version 1.3.0: the releases are not compared side by side.',
      },
    ]);
    total = { [of(null)]: { 1: '100' } };
    const apart = 'No series has the label version: the releases are not compared side by side.';
    expect(await open().read(RANGE, 'after')).toMatchObject([{ total: 100, apart }]);
    expect(await open().preflight()).toBe(
      'Prometheus sees 0.33 requests a second; it has no latency histogram. No series has the label version, so a release is only compared with the time before its deploy.',
    );
    total = { [of('1.2.0')]: { 1: '100' } };
    expect(await open().preflight()).not.toContain('label');
  });

  test('what is missing, no number or contradicts itself is not told apart', async () => {
    total = { [of('1.3.0')]: { 1: '100', 2: 'NaN' }, [of('1.2.0')]: { 1: '100' } };
    errors = {};
    expect(await open().read(RANGE, 'after')).toEqual([{ at: at(1), phase: 'after', total: 200 }]);
    errors = { [of('1.2.0')]: { 1: '150' } };
    expect((await open().read(RANGE, 'after'))[0]).toEqual({
      at: at(1),
      phase: 'after',
      total: 200,
      errors: 150,
    });
    errors = { [of('1.3.0')]: { 1: '-5' }, [of('1.2.0')]: { 1: '1' } };
    expect((await open().read(RANGE, 'after'))[0]?.beside).toBeUndefined();
  });

  test('names as long as a page are cut', async () => {
    total = { [of('1.3.0')]: { 1: '100' }, [of('x'.repeat(5_000))]: { 1: '100' } };
    errors = { [of('1.3.0')]: { 1: '0' } };
    expect((await open().read(RANGE, 'after'))[0]?.beside?.other).toHaveLength(60);
  });

  test("the config's own queries keep the label by themselves; another label has its own name", async () => {
    total = { [of('1.3.0')]: { 1: '100' }, [of('1.2.0')]: { 1: '50' } };
    errors = { [of('1.3.0')]: { 1: '2' } };
    const own = {
      total: 'sum by (version) (increase(my_total[$window]))',
      errors: 'sum by (version) (increase(my_errors[$window]))',
    };
    expect((await open({ queries: own }).read(RANGE, 'after'))[0]).toMatchObject({
      total: 150,
      errors: 2,
      beside: { total: 50, errors: 0 },
    });
    await open({ compare: { by: 'version', label: 'app_kubernetes_io_version' } }).read(RANGE, 'after');
    expect(queries.filter((query) => /^\(?sum by \(app_kubernetes_io_version\) \(/.test(query))).toHaveLength(
      2,
    );
    expect(() => settingsOf({ compare: { by: 'version', label: 'a) or vector(1' } })).toThrow(
      'the name of a label',
    );
    expect(() => settingsOf({ compare: { by: 'pod' } })).toThrow();
  });

  test('one of several sources, and one with a name, are compared too', async () => {
    total = { [of('1.3.0')]: { 1: '100' }, [of('1.2.0')]: { 1: '50' } };
    errors = { [of('1.3.0')]: { 1: '2' }, [of('1.2.0')]: { 1: '1' } };
    const context = adapterContext({ now: () => RANGE.toMs });
    const both = openSources(
      metrics,
      [settingsOf(), settingsOf({ name: 'payments', delay: '35s' })],
      context,
    );
    const beside = { total: 50, errors: 1, release: '1.3.0', other: '1.2.0' };
    const read = await both?.read({ ...RANGE, fromMs: FROM - STEP }, 'after');
    expect(read?.find((sample) => sample.at === at(1))).toMatchObject({ total: 150, errors: 3, beside });
    expect(read?.find((sample) => sample.at === at(2))?.counts).toEqual({
      payments: { total: 150, bad: 3, beside },
    });
  });
});
