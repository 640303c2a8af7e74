import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { judge } from '../../src/domain/judge/judge.ts';
import type { Sample } from '../../src/domain/judge/sample.ts';
import { adapterContext } from '../fakes/adapter-context.ts';
import { metrics } from '../support/all-adapters.ts';
import { Folder, Program } from './checks/servers.ts';
import { describeWith, freePort } from './program.ts';
import { VersionInstance } from './version-instance.ts';

const STEP = 2_000;
const JUDGED = { tickMs: 60_000, settleMs: 0, errorRateRise: 0.01, latencyRise: 0.1 };
const RELEASE = { version: '1.3.0', tag: 'v1.3.0', commit: 'c0ffee1234567890c0ffee1234567890c0ffee12' };

describeWith('prometheus', 'prometheus')('a real Prometheus that sees two versions at once', () => {
  const before = new VersionInstance('1.2.0', () => 300);
  const release = new VersionInstance('v1.3.0', () => 100);
  const folder = new Folder();
  let server: Program;
  let url: string;

  beforeAll(async () => {
    const targets = [await before.listen(), await release.listen()].map((host) => `'${host}'`).join(', ');
    const config = folder.write(
      'prometheus.yml',
      `global: { scrape_interval: 500ms, scrape_timeout: 450ms }\nscrape_configs:\n  - job_name: shop\n    static_configs: [{ targets: [${targets}] }]\n`,
    );
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    server = new Program('prometheus', [
      `--config.file=${config}`,
      `--storage.tsdb.path=${folder.make('data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    await vi.waitFor(async () => expect(await open().read(lastTicks(4), 'baseline')).toHaveLength(4), {
      timeout: 60_000,
      interval: 250,
    });
  });
  afterAll(async () => {
    await server.stop();
    before.close();
    release.close();
    folder.remove();
  });

  const open = (settings: Record<string, unknown> = {}) =>
    metrics.open(
      metrics.settings.parse({
        use: 'prometheus',
        url,
        selector: 'job="{service}"',
        scrape: '500ms',
        compare: { by: 'version' },
        ...settings,
      }),
      adapterContext(),
    );
  const lastTicks = (count: number) => {
    const toMs = Math.floor(Date.now() / STEP) * STEP;
    return { fromMs: toMs - count * STEP, toMs, stepMs: STEP, release: RELEASE };
  };
  const judged = (ticks: readonly Sample[], known: readonly Sample[]) => {
    const start = judge.begin(known, JUDGED);
    const [first, ...others] = ticks;
    return others.reduce(
      (last, sample) => judge.tick(start, last.state, sample),
      judge.tick(start, null, first ?? null),
    ).judgement;
  };

  test('says what each of them answered in the same ticks', async () => {
    const samples = await open().read(lastTicks(4), 'after');
    expect(samples).toHaveLength(4);
    for (const { beside, apart } of samples) {
      expect(apart).toBeUndefined();
      expect(beside).toMatchObject({ release: '1.3.0', other: '1.2.0' });
    }
    const sum = (of: (one: Sample) => number | undefined) =>
      samples.reduce((all, one) => all + (of(one) ?? 0), 0);
    // Three of four requests are those of the release before; a busy machine may scrape late in one tick.
    const share = sum(({ beside }) => beside?.total) / sum(({ total }) => total);
    expect(share).toBeGreaterThan(0.65);
    expect(share).toBeLessThan(0.85);
  });

  test('what fails in both is no alarm of the release; what fails in it alone is', async () => {
    const known = await open().read(lastTicks(4), 'baseline');
    before.failing = 0.2;
    release.failing = 0.2;
    await sleep(3.2 * STEP);
    const both = await open().read(lastTicks(2), 'after');
    before.failing = 0;
    await sleep(4.2 * STEP);
    const alone = await open().read(lastTicks(3), 'after');
    release.failing = 0;
    const verdictOf = (ticks: readonly Sample[]) =>
      judged(ticks, known).findings.find(({ metric }) => metric === 'error rate')?.verdict;
    expect(both.every(({ errors = 0 }) => errors > 0)).toBe(true);
    expect(verdictOf(both)).not.toBe('critical');
    expect(verdictOf(alone)).toBe('critical');
  });

  test('asks for the version alone where queries name it', async () => {
    const grown = (more: string) => `sum(increase(http_requests_total{job="{service}"${more}}[$window]))`;
    const source = open({
      compare: undefined,
      counts: { 'of the release': { total: grown(''), bad: grown(',version=~"{version}"') } },
    });
    const share = (samples: readonly Sample[]) => {
      const counts = samples.flatMap((sample) => sample.counts?.['of the release'] ?? []);
      expect(counts).toHaveLength(3);
      return (
        counts.reduce((sum, { bad }) => sum + bad, 0) / counts.reduce((sum, { total }) => sum + total, 0)
      );
    };
    const after = share(await source.read(lastTicks(3), 'after'));
    expect(after).toBeGreaterThan(0.15);
    expect(after).toBeLessThan(0.35);
    expect(share(await source.read(lastTicks(3), 'baseline')), 'any version').toBeCloseTo(1, 2);
  });
});
