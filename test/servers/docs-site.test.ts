import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { projectRoot } from '../../demo/project-root.ts';

const PATIENCE_MS = 300_000;
const out = mkdtempSync(join(tmpdir(), 'slipway-site-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

test(
  'the site is built as the documentation says, and its search knows what is in it',
  async () => {
    await promisify(execFile)('npm', ['run', '--silent', 'docs'], {
      cwd: projectRoot,
      env: { ...process.env, SLIPWAY_SITE_OUT: out },
      maxBuffer: 16 * 1024 * 1024,
    });
    for (const page of [
      'index',
      'install',
      'reference/target/kubernetes',
      'cookbook/lambda',
      'decisions/index',
    ])
      expect(existsSync(join(out, `${page}.html`)), page).toBe(true);
    expect(readFileSync(join(out, 'reference/target/kubernetes.html'), 'utf8')).toContain(
      'follows the rollout',
    );
    const chunks = join(out, 'assets', 'chunks');
    const index = readdirSync(chunks).find((name) => name.startsWith('@localSearchIndex')) ?? '';
    expect(readFileSync(join(chunks, index), 'utf8')).toContain('/reference/target/kubernetes');
  },
  PATIENCE_MS,
);
