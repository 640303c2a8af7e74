import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  GitRepositorySettings,
  openGitRepository,
} from '../../../../src/adapters/repositories/git/repository-port.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';

test('a repository with many tags leaves no file for each of them', async () => {
  const remote = new GitRemote();
  const dataDir = mkdtempSync(join(tmpdir(), 'slipway-data-'));
  onTestFinished(() => {
    remote.remove();
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 });
  });
  const commit = remote.push('main', 'chore: start', { 'README.md': 'shop\n' });
  const tagged = (count: number) =>
    writeFileSync(
      join(remote.path, 'packed-refs'),
      Array.from({ length: count }, (_, at) => `${commit} refs/tags/v0.0.${at}\n`)
        .sort()
        .join(''),
    );
  const repository = openGitRepository(
    GitRepositorySettings.parse({ use: 'git', url: remote.path }),
    adapterContext({ dataDir }),
  );
  const looseRefs = () =>
    readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).filter((path) =>
      /refs\/remote\/tags\/v/.test(path),
    );

  tagged(300);
  expect((await repository.refs()).tags).toHaveLength(300);
  expect(looseRefs()).toEqual([]);

  tagged(302);
  expect((await repository.refs()).tags).toHaveLength(302);
  expect(looseRefs()).toHaveLength(2);
  await repository.close();
});
