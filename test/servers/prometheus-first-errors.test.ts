import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { judge } from '../../src/domain/judge/judge.ts';
import type { Sample } from '../../src/domain/judge/sample.ts';
import { randomFrom } from '../domain/judge/samples.ts';
import { adapterContext } from '../fakes/adapter-context.ts';
import { metrics } from '../support/all-adapters.ts';
import { Folder, Program } from './checks/servers.ts';
import { describeWith, freePort } from './program.ts';

const SCRAPE = 15_000;
const STEP = 30_000;
const HOUR = 3_600_000;
/** A whole scrape in the past, long enough ago for all of the time after the deploy. */
const DEPLOYED = Math.floor((Date.now() - 2 * HOUR) / SCRAPE) * SCRAPE;
const FROM = DEPLOYED - 2 * HOUR;
const TO = DEPLOYED + HOUR / 2;
const ERROR_RATE = 0.002;
const ROUTES = 100;
const PODS = 4;
/** How likely a route of a pod has a request between two scrapes: an hour brings few errors to each. */
const REQUESTS = 0.5;

/** What the pods of one release count, each series from its first request on, as OpenMetrics. */
function counted(
  release: string,
  fromMs: number,
  toMs: number,
  more: string,
  seed: number,
): readonly string[] {
  const random = randomFrom(seed);
  const lines: string[] = [];
  for (let pod = 0; pod < PODS; pod++) {
    for (let route = 0; route < ROUTES; route++) {
      const labels = `job="shop",instance="${release}-${pod}:80",route="/${route}"${more}`;
      let [ok, failed] = [0, 0];
      const failures: string[] = [];
      for (let at = fromMs + SCRAPE; at <= toMs; at += SCRAPE) {
        if (random() < REQUESTS) random() < ERROR_RATE ? failed++ : ok++;
        lines.push(`http_requests_total{${labels},status="200"} ${ok} ${at / 1_000}`);
        if (failed > 0) failures.push(`http_requests_total{${labels},status="503"} ${failed} ${at / 1_000}`);
      }
      lines.push(...failures);
    }
  }
  return lines;
}

/** A series that is seen only from then on, and does not grow. */
function constant(labels: string, value: number, fromMs: number): readonly string[] {
  const scrapes = Math.floor((DEPLOYED - fromMs) / SCRAPE);
  return Array.from(
    { length: scrapes },
    (_, index) => `http_requests_total{${labels}} ${value} ${(fromMs + index * SCRAPE) / 1_000}`,
  );
}

describeWith('promtool', 'prometheus')('a real Prometheus whose targets are all replaced by a deploy', () => {
  const folder = new Folder();
  let server: Program;
  let url: string;

  beforeAll(async () => {
    const lines = [
      '# TYPE http_requests counter',
      ...counted('old', FROM, DEPLOYED, '', 1),
      ...counted('new', DEPLOYED, TO, '', 2),
      ...constant('job="late",instance="late:80",status="200"', 90_000, DEPLOYED - HOUR / 2),
      ...constant('job="late",instance="late:80",status="503"', 9_000, DEPLOYED - HOUR / 2),
      ...constant('job="bare",status="200"', 90_000, FROM),
      ...constant('job="bare",status="503"', 9_000, DEPLOYED - HOUR / 2),
      '# EOF',
    ];
    const data = folder.make('data');
    const file = folder.write('metrics.txt', `${lines.join('\n')}\n`);
    execFileSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', file, data]);
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    server = new Program('prometheus', [
      `--config.file=${folder.write('prometheus.yml', 'global: {}\n')}`,
      `--storage.tsdb.path=${data}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    await vi.waitFor(async () => expect((await fetch(`${url}/-/ready`)).status).toBe(200), {
      timeout: 60_000,
      interval: 250,
    });
  });
  afterAll(async () => {
    await server.stop();
    folder.remove();
  });

  const open = (job = 'shop') =>
    metrics.open(
      metrics.settings.parse({ use: 'prometheus', url, selector: `job="${job}"` }),
      adapterContext(),
    );
  const share = (samples: readonly Sample[]) => {
    const sum = (field: 'total' | 'errors') => samples.reduce((all, one) => all + (one[field] ?? 0), 0);
    return sum('errors') / sum('total');
  };

  test('an error rate that stays is no rise: the first errors count before the deploy as after it', async () => {
    const before = await open().read({ fromMs: DEPLOYED - HOUR, toMs: DEPLOYED, stepMs: STEP }, 'baseline');
    const after = await open().read({ fromMs: DEPLOYED, toMs: TO, stepMs: STEP }, 'after');
    expect(share(after) / share(before)).toBeGreaterThan(0.6);
    expect(share(after) / share(before)).toBeLessThan(1.6);
    const start = judge.begin(before, {
      tickMs: STEP,
      settleMs: 180_000,
      errorRateRise: 0.01,
      latencyRise: 0.1,
    });
    let state = null;
    const verdicts = new Set<string>();
    for (const sample of after) {
      const judged: ReturnType<typeof judge.tick> = judge.tick(start, state, sample);
      state = judged.state;
      verdicts.add(judged.judgement.verdict);
    }
    expect([...verdicts].filter((verdict) => !['healthy', 'inconclusive'].includes(verdict))).toEqual([]);
  });

  test.each(['late', 'bare'])(
    'what is only new to Prometheus, or whose target nobody can tell, counts nothing before the deploy (%s)',
    async (job) => {
      const range = { fromMs: DEPLOYED - HOUR, toMs: DEPLOYED, stepMs: STEP };
      const before = await open(job).read(range, 'baseline');
      expect(before.length).toBeGreaterThan(10);
      expect(before.every(({ total, errors }) => total === 0 && errors === 0)).toBe(true);
    },
  );
});
