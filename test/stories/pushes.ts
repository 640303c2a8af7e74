import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vi } from 'vitest';
import type { Stage } from './stage.ts';

type Moment = 'pre-receive' | 'post-receive';

/**
 * The remote takes its time over pushes to a ref: before it takes them (`pre-receive`), or when they are in and
 * only its answer is missing (`post-receive`). Resolves `reached` when such a push has come.
 */
export async function slowPushes(
  stage: Pick<Stage, 'dir' | 'remote'>,
  moment: Moment,
  ref: string,
  seconds: number,
) {
  const mark = join(stage.dir, `reached-${moment}`);
  await rm(mark, { force: true });
  const off = await hook(
    stage,
    moment,
    `while read old new ref; do
  if [ "$ref" = "${ref}" ]; then echo "$ref" >> '${mark}'; sleep ${seconds}; fi
done`,
  );
  const reached = () =>
    vi.waitUntil(() => readFile(mark, 'utf8').catch(() => ''), { interval: 10, timeout: 20_000 });
  return { reached, off };
}

/** The remote declines pushes to a ref with these words. */
export function declinePushes(stage: Pick<Stage, 'dir' | 'remote'>, ref: string, words: string) {
  return hook(
    stage,
    'pre-receive',
    `while read old new ref; do
  if [ "$ref" = "${ref}" ]; then echo "${words}" >&2; exit 1; fi
done`,
  );
}

async function hook(
  stage: Pick<Stage, 'dir' | 'remote'>,
  moment: Moment,
  script: string,
): Promise<() => Promise<void>> {
  const folder = join(stage.remote.path, 'hooks');
  await mkdir(folder, { recursive: true });
  const file = join(folder, moment);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return () => rm(file, { force: true });
}
