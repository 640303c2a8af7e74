import { afterAll, beforeAll, expect } from 'vitest';
import { textOf } from '../../../demo/workspace/server/control/reading.ts';
import { Folder, listens, Program } from '../../servers/checks/servers.ts';
import { describeWith, freePort } from '../../servers/program.ts';
import { type Stage, setStage } from '../stage.ts';

const PASSWORD = 's3cret-of-the-cache';

describeWith('redis-server', 'redis-server')('a Redis that dies while production is watched', (test) => {
  const folder = new Folder();
  let stage: Stage;
  let redis: Program;
  let port: number;

  const startRedis = async () => {
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder.path, '--save', ''];
    redis = new Program('redis-server', [...args, '--requirepass', PASSWORD]);
    await redis.ready(() => listens(port));
  };

  beforeAll(async () => {
    port = await freePort();
    await startRedis();
    stage = await setStage({
      window: '60s',
      env: { SHOP_REDIS_URL: `redis://:${PASSWORD}@127.0.0.1:${port}` },
      overrides: (shop) => ({
        checks: [
          { use: 'http', url: `${shop}/health` },
          { use: 'redis', name: 'cache', url: { env: 'SHOP_REDIS_URL' }, timeout: '500ms' },
        ],
        monitor: { tick: '500ms' },
        rollback: { automatic: 'never' },
      }),
    });
  });
  afterAll(async () => {
    await stage?.end();
    await redis?.stop();
    folder.remove();
  });

  test('is an alarm in the thread, and its return is said', async () => {
    await stage.asks();
    await stage.press('grace', 'approve');
    await stage.cardShows(/Watching production/);
    await stage.threadSays(/2 checks passed/);

    await redis.stop();
    const alarm = await stage.threadSays(/production critical/i);
    expect(textOf(alarm)).toMatch(
      /failed \d+ times in a row: Redis at 127\.0\.0\.1:\d+: connection refused\./,
    );
    await stage.cardShows(/check cache critical: failed/);
    expect(await stage.audited('rollback.started')).toEqual([]);

    await startRedis();
    await stage.threadSays(/recovered: answers in/);
    const said = [stage.card(), ...stage.thread()].map(textOf).join('\n');
    expect(said).not.toContain('s3cret');
    await stage.press('ada', 'rollback').catch(() => undefined);
  });
});
