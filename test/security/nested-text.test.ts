import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { compiled } from '../support/compiled.ts';

test('nested text ends no process, and takes little of its stack', async () => {
  const module = await compiled('test/security/nested-texts.ts');
  const { status, stdout } = spawnSync(process.execPath, [module], { encoding: 'utf8' });
  expect({ status, last: stdout.trim().split('\n').slice(-2).join(' ') }).toEqual({
    status: 0,
    last: expect.stringMatching(/all were read$/),
  });
}, 120_000);
