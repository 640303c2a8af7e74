import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withCredentials } from '../../src/cli/credentials.ts';
import { runCli } from '../../src/cli/run.ts';

describe('the folder of credentials', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'slipway-credentials-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const read = (env: NodeJS.ProcessEnv = {}) => withCredentials({ CREDENTIALS_DIRECTORY: folder, ...env });

  test('gives each file that is named like a variable, without its last line end', () => {
    write('SLACK_BOT_TOKEN', 'xoxb-1\n');
    write('APP_KEY', 'first\nlast\r\n');
    write('slipway_GIT_TOKEN', 'from systemd');
    expect(read()).toEqual({
      CREDENTIALS_DIRECTORY: folder,
      SLACK_BOT_TOKEN: 'xoxb-1',
      APP_KEY: 'first\nlast',
      GIT_TOKEN: 'from systemd',
    });
  });

  test('does not win over the environment, but over an empty variable', () => {
    write('GIT_TOKEN', 'file');
    expect(read({ GIT_TOKEN: 'environment' })).toMatchObject({ GIT_TOKEN: 'environment' });
    expect(read({ GIT_TOKEN: '' })).toMatchObject({ GIT_TOKEN: 'file' });
  });

  test('leaves alone whatever else lies there', () => {
    write('..data', 'x');
    write('README.md', 'x');
    write('lower', 'x');
    write('HUGE', 'x'.repeat(70_000));
    mkdirSync(join(folder, 'FOLDER'));
    expect(read()).toEqual({ CREDENTIALS_DIRECTORY: folder });
  });

  test('says which user may not read it, and what to do', async () => {
    write('GIT_TOKEN', 'x');
    // Root may read everything, so another user asks.
    chmodSync(folder, 0o700);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) process.seteuid?.(10001);
    else chmodSync(folder, 0o000);
    const said: string[] = [];
    try {
      const say = (text: string) => void said.push(text);
      const code = await runCli(
        ['completion', 'bash'],
        { CREDENTIALS_DIRECTORY: folder },
        { result: say, message: say },
      );
      expect(code).not.toBe(0);
    } finally {
      if (isRoot) process.seteuid?.(0);
      else chmodSync(folder, 0o700);
    }
    expect(said.join('')).toContain(
      `The secrets in ${folder} cannot be read (EACCES) by user ${isRoot ? 10001 : process.getuid?.()},`,
    );
    expect(said.join('')).toContain('mode 0500');
  });

  test('may be absent, as in an image without secrets', () => {
    expect(withCredentials({ CREDENTIALS_DIRECTORY: join(folder, 'none') })).toHaveProperty(
      'CREDENTIALS_DIRECTORY',
    );
    expect(withCredentials({})).toEqual({});
  });
});
