import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { textOf } from '../../demo/workspace/server/control/reading.ts';
import { type Stage, setStage } from '../stories/stage.ts';
import { Folder, Program } from './checks/servers.ts';
import { describeWith, freePort } from './program.ts';
import { VersionInstance } from './version-instance.ts';

const PER_SECOND = 400;

describeWith('prometheus', 'prometheus')('stages, with two versions that a real Prometheus sees', () => {
  let dir: string;
  let stage: Stage;
  let prometheus: Program;
  const folder = new Folder();
  /** Percent of the requests that go to 1.3.0, as the mesh was told last. */
  const share = () => {
    try {
      return Number(readFileSync(join(dir, 'share'), 'utf8'));
    } catch {
      return 0;
    }
  };
  const before = new VersionInstance('1.2.0', () => (PER_SECOND * (100 - share())) / 100);
  const release = new VersionInstance('1.3.0', () => (PER_SECOND * share()) / 100);

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-mesh-'));
    const hosts = [await before.listen(), await release.listen()].map((host) => `'${host}'`).join(', ');
    const config = folder.write(
      'prometheus.yml',
      `global: { scrape_interval: 500ms, scrape_timeout: 450ms }\nscrape_configs:\n  - job_name: shop\n    static_configs: [{ targets: [${hosts}] }]\n`,
    );
    const port = await freePort();
    prometheus = new Program('prometheus', [
      `--config.file=${config}`,
      `--storage.tsdb.path=${folder.make('data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    const script = join(dir, 'deploy.sh');
    await writeFile(
      script,
      [
        '#!/bin/sh',
        `export GIT_DIR='${join(dir, 'remote.git')}'`,
        'if [ "$1" = live ]; then exec git rev-parse production; fi',
        `echo "$SLIPWAY_KIND $SLIPWAY_VERSION $2" >> '${join(dir, 'orders')}'`,
        `if [ "$SLIPWAY_KIND" = rollback ]; then echo 0 > '${join(dir, 'share')}'; else echo "$2" > '${join(dir, 'share')}'; fi`,
        'if [ "$2" -gt 50 ]; then git update-ref refs/heads/production "$1"; fi',
        '',
      ].join('\n'),
    );
    await chmod(script, 0o755);
    stage = await setStage({
      dir,
      window: '20s',
      target: { use: 'command', deploy: [script, '{commit}', '{percent}'], live: [script, 'live'] },
      overrides: {
        stages: ['5%', '25%', '100%'],
        rollback: { automatic: 'critical', 'stop-within': '0s' },
        monitor: {
          'error-rate-rise': '1pp',
          stage: '2m',
          tick: '2s',
          settle: '2s',
          baseline: '40s',
          checkpoint: '1m',
        },
        metrics: [
          {
            use: 'prometheus',
            url: `http://127.0.0.1:${port}`,
            selector: 'job="shop"',
            scrape: '500ms',
            compare: { by: 'version' },
          },
        ],
      },
    });
    // Something to compare with.
    await sleep(30_000);
  }, 120_000);
  afterAll(async () => {
    await stage?.end();
    await prometheus.stop();
    before.close();
    release.close();
    folder.remove();
    await rm(dir, { recursive: true, force: true });
  });

  test('what fails only in the release is seen at 25 %, and goes back to none', async () => {
    await stage.asks();
    await stage.press('grace', 'approve');
    await stage.cardShows(/Watching 5 % of the requests/, 60_000);
    expect(share()).toBe(5);
    await stage.press('linus', 'accept');
    await stage.cardShows(/Watching 25 % of the requests/, 60_000);
    expect(share()).toBe(25);
    release.failing = 0.5;
    const card = await stage.cardShows(/Rolled back/, 120_000);
    expect(textOf(card)).toContain('1.2.0 is live again');
    expect(share()).toBe(0);
    const orders = (await readFile(join(dir, 'orders'), 'utf8')).trim().split('\n');
    expect(orders).toEqual(['deploy 1.3.0 5', 'deploy 1.3.0 25', 'rollback 1.2.0 100']);
    await stage.threadSays(/of 1\.3\.0 failed .* of 1\.2\.0 in the same minutes/);
    await stage.expectNothingAmiss();
  }, 300_000);
});
