import { spawnSync } from 'node:child_process';
import { afterAll, expect, test } from 'vitest';
import { queriesOf } from '../../../src/adapters/metrics/prometheus/queries.ts';
import { PrometheusSettings } from '../../../src/adapters/metrics/prometheus/settings.ts';
import { Folder } from '../checks/servers.ts';
import { describeWith } from '../program.ts';

/** Scrapes are 15 s apart, ticks a minute. */
const SCRAPES = 400;
const [HALF, REST] = [SCRAPES / 2, SCRAPES / 2 - 1];
const settings = PrometheusSettings.parse({ use: 'prometheus', url: 'http://a.example' });

/** A series of the one target: more labels, and the values of its scrapes as promtool writes them. */
interface Series {
  readonly labels: string;
  readonly values: string;
}
const OK: Series = { labels: 'status="200"', values: `0+5x${SCRAPES}` };

describeWith('promtool', 'prometheus')('series that are new to Prometheus before a deploy', () => {
  const folder = new Folder();
  afterAll(() => folder.remove());

  /** What is said where not each of these, by query, has this value at this scrape; empty where all have. */
  function refuted(
    series: readonly Series[],
    expected: readonly (readonly [string, number, number])[],
  ): string {
    const file = folder.write(
      'series.yml',
      JSON.stringify({
        evaluation_interval: '15s',
        tests: [
          {
            interval: '15s',
            input_series: series.map(({ labels, values }) => ({
              series: `http_requests_total{job="shop",instance="a:80",${labels}}`,
              values,
            })),
            promql_expr_test: expected.map(([query, scrape, value]) => ({
              expr: query.replaceAll('$window', '60000ms'),
              eval_time: `${scrape * 15}s`,
              exp_samples: [{ labels: '{}', value }],
            })),
          },
        ],
      }),
    );
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' });
    return status === 0 ? '' : `${stdout}${stderr}`;
  }
  const { total, errors } = queriesOf(settings, 'baseline', 'shop');
  const after = queriesOf(settings, 'after', 'shop');
  const failures = `${errors}`;

  test('a series that some scrapes miss is not new, as after the deploy', () => {
    const values = Array(SCRAPES / 4)
      .fill('500 500 stale _')
      .join(' ');
    const scrapes = [300, 301, 302, 303];
    const expected = [failures, `${after.errors}`].flatMap((query) =>
      scrapes.map((scrape) => [query, scrape, 0] as const),
    );
    const requests = [total, after.total].flatMap((query) => scrapes.map((one) => [query, one, 20] as const));
    expect(refuted([OK, { labels: 'status="503"', values }], [...expected, ...requests])).toBe('');
  });

  test('requests that some scrapes miss are not new either', () => {
    const values = Array(SCRAPES / 4)
      .fill('90000 90000 stale _')
      .join(' ');
    const scrapes = [300, 301, 302, 303];
    const expected = scrapes.map((scrape) => [total, scrape, 20] as const);
    expect(refuted([OK, { labels: 'status="200",route="/"', values }], expected)).toBe('');
  });

  test('labels of a target that change in place make nothing new', () => {
    const moved = (status: string, value: number): readonly Series[] => [
      { labels: `status="${status}",pod="a"`, values: `${value}+0x${HALF} stale` },
      { labels: `status="${status}",pod="b"`, values: `_x${HALF + 1} ${value}+0x${REST}` },
    ];
    const expected = [0, 1, 2, 3, 4, 5, 6].flatMap((more) =>
      [failures, total].map((query) => [query, HALF + more, 0] as const),
    );
    expect(refuted([...moved('200', 100_000), ...moved('503', 5_000)], expected)).toBe('');
  });

  test('a first failure counts once, where the target had other series', () => {
    const first = { labels: 'status="503"', values: `_x${HALF} 2+0x${REST}` };
    expect(
      refuted(
        [OK, first],
        [
          [failures, HALF - 4, 0],
          [failures, HALF, 2],
          [total, HALF, 22],
          [failures, HALF + 4, 0],
        ],
      ),
    ).toBe('');
  });
});
