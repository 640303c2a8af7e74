import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BareRepository } from './world.ts';

/** A bare repository on this machine, by the git program. */
export function bareRepository(path: string): BareRepository {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['--git-dir', path, ...args], {
      encoding: 'utf8',
      env: { ...process.env, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trimEnd();
  return {
    path,
    git,
    tip: (branch) => {
      try {
        return git('rev-parse', '--verify', '--quiet', `refs/heads/${branch}`);
      } catch {
        return null;
      }
    },
    count: (range) => Number(git('rev-list', '--count', range)),
    hook: (name, script) => {
      const hooks = join(path, 'hooks');
      mkdirSync(hooks, { recursive: true });
      writeFileSync(join(hooks, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(hooks, name), 0o755);
    },
  };
}
