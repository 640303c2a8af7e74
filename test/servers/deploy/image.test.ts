import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createShopRemote } from '../../../demo/shop/remote.ts';
import { startWorkspace, type Workspace } from '../../../demo/workspace/server/start.ts';
import { DOCKERFILE, stages } from '../../deploy/dockerfile.ts';
import { GitHttp } from '../../fakes/git-http.ts';
import { startHttpServer, type TestServer } from '../../fakes/http-server.ts';
import { describeWith, freePort } from '../program.ts';
import { buildScript } from './build-script.ts';

const ROOT = join(import.meta.dirname, '../../..');
const PATIENCE_MS = 300_000;

describeWith('tini', 'tini')('the image, by the steps of its Dockerfile and without a builder', () => {
  const dir = mkdtempSync(join(tmpdir(), 'slipway-image-'));
  const at = (name: string) => join(dir, name);
  let workspace: Workspace;
  let git: GitHttp;
  let production: TestServer;

  beforeAll(async () => {
    for (const name of ['mounts', 'context', 'config', 'secrets', 'data']) mkdirSync(at(name));
    await copyContext(at('context'));
    const remote = await createShopRemote(at('remote'));
    git = new GitHttp(remote.path, 'token of git');
    [workspace, production] = await Promise.all([startWorkspace(), startHttpServer(), git.listen()]);
    writeFileSync(
      join(at('config'), 'slipway.yaml'),
      `slack: { channel: "#ship" }
services:
  shop:
    repository: { use: git, url: "${git.url}", token: { env: GIT_TOKEN } }
    target: { use: git-branch }
    checks: [{ use: http, url: "${production.url}/health" }]
    metrics: { use: probe, url: "${production.url}" }
`,
    );
    writeFileSync(join(at('secrets'), 'GIT_TOKEN'), 'token of git\n');
    writeFileSync(join(at('secrets'), 'SLACK_BOT_TOKEN'), `${workspace.botToken}\n`);
    writeFileSync(join(at('secrets'), 'SLACK_APP_TOKEN'), `${workspace.appToken}\n`);
  }, PATIENCE_MS);

  afterAll(async () => {
    await Promise.allSettled([workspace?.close(), production?.close(), git?.close()]);
    rmSync(dir, { recursive: true, force: true });
  });

  test(
    'is built, and ships from a read-only root without being root',
    async () => {
      const port = await freePort();
      const volumes = {
        '/etc/slipway': at('config'),
        '/run/secrets': at('secrets'),
        '/var/lib/slipway': at('data'),
      };
      const script = buildScript(stages, { mounts: at('mounts'), context: at('context'), volumes }, [
        `EXTRA=(SLACK_API_URL=${workspace.apiUrl} METRICS_PORT=${port})`,
        "as_user bash -c 'echo account $(id --user) $(id --user --name)'",
        "as_user bash -c 'for path in / /app /app/dist /etc/slipway /usr; do touch $path/written 2>/dev/null && echo wrote $path; done; true'",
        'as_user test ! -e /app/dist/demo',
        'as_user test ! -e /app/node_modules/vitest',
        `echo size $(du -sm $MOUNTS/${stages.at(-1)?.name}/upper | cut -f1)`,
        'run plan shop',
        'run start',
      ]);
      writeFileSync(at('script'), script);
      const built = spawn('unshare', ['--mount', 'bash', at('script')], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const ended = once(built, 'close');
      let out = '';
      let err = '';
      built.stdout.setEncoding('utf8').on('data', (text: string) => {
        out += text;
      });
      built.stderr.setEncoding('utf8').on('data', (text: string) => {
        err += text;
      });
      try {
        const ready = async () => {
          if (built.exitCode !== null) throw new Error(`it ended (${built.exitCode}): ${err}\n${out}`);
          return (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null))?.status;
        };
        await expect.poll(ready, { timeout: PATIENCE_MS - 20_000, interval: 500 }).toBe(200);
        expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
      } finally {
        // The signal goes to the container's first process, as an orchestrator sends it.
        await promisify(execFile)('pkill', ['--signal', 'TERM', '--parent', String(built.pid)]).catch(
          () => undefined,
        );
        await ended;
      }
      expect(built.exitCode).toBe(0);
      expect(out).toContain('account 10001 slipway');
      expect(out).not.toContain('wrote ');
      expect(out).toContain('Ready: people could approve this now.');
      expect(out).toContain('"Slipway is ready"');
      expect(Number(/^size (\d+)$/m.exec(out)?.[1])).toBeLessThan(400);
      // PostgreSQL's programs were made ready when the image was built, so they are not copied into the volume.
      expect(existsSync(join(at('data'), 'postgres', 'data', 'PG_VERSION'))).toBe(true);
      expect(await named(join(at('data'), 'postgres'), /^postgresql-/)).toEqual([]);
      for (const secret of ['token of git', workspace.botToken, workspace.appToken])
        expect(out + err).not.toContain(secret);
    },
    PATIENCE_MS,
  );
});

async function named(folder: string, pattern: RegExp): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)('ls', [folder]);
  return stdout.split('\n').filter((name) => pattern.test(name));
}

/** What git knows of, as far as the ignore file lets it through: what a builder would be sent. */
async function copyContext(to: string): Promise<void> {
  const rules = readFileSync(`${DOCKERFILE}.dockerignore`, 'utf8').split('\n');
  const kept = rules.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1));
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...kept];
  const { stdout } = await promisify(execFile)('git', list, { cwd: ROOT, maxBuffer: 16 * 1024 * 1024 });
  for (const path of stdout.split('\0').filter((one) => one !== '' && existsSync(join(ROOT, one))))
    cpSync(join(ROOT, path), join(to, path), { recursive: true });
}
