import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { configOf, readKnownSources, readSources } from '../../../src/config/load.ts';

let dir: string;
let path: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-known-'));
  path = join(dir, 'slipway.yaml');
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const kept = (folder = '.slipway') => join(dir, folder, 'config-values.json');

function manyServices(count: number, more: readonly string[] = []): string {
  const one = (nth: number) =>
    [
      `  service-${nth}:`,
      `    repository: { use: git, url: "https://git.example.com/service-${nth}.git" }`,
      '    target: { use: git-branch, branch: production, url: "https://example.com" }',
      '    checks: [{ use: http, url: "https://example.com/health" }]',
    ].join('\n');
  return [
    ...more,
    'slack: { channel: "#ship" }',
    'services:',
    ...Array.from({ length: count }, (_, nth) => one(nth)),
    '',
  ].join('\n');
}

async function start(): Promise<Awaited<ReturnType<typeof readSources>>> {
  const { sources, keep } = await readKnownSources(path);
  keep((await configOf(path, sources)).dataDir);
  return sources;
}

describe('what a start keeps for the next one', () => {
  test('a large text is known again, with the same config and the same places', async () => {
    await writeFile(path, manyServices(600));
    await start();
    const values = JSON.parse(await readFile(kept(), 'utf8')) as Record<
      string,
      { services: Record<string, object> }
    >;
    expect(Object.keys(Object.values(values)[0]?.services ?? {})).toHaveLength(600);
    const again = await start();
    const parsed = await readSources(path);
    expect((await configOf(path, again)).services).toEqual((await configOf(path, parsed)).services);
    if ('problems' in again.main || 'problems' in parsed.main) throw new Error('it is broken');
    const at = ['services', 'service-599', 'target', 'url'];
    expect(again.main.document.placeOf(at)).toEqual(parsed.main.document.placeOf(at));
    expect(again.main.document.has([...at, 'more'])).toBe(false);
  });

  test('it is what is taken, as long as the text is the same', async () => {
    await writeFile(path, manyServices(600));
    await start();
    const stored = await readFile(kept(), 'utf8');
    await writeFile(kept(), stored.replaceAll('#ship', '#kept'));
    expect((await configOf(path, await start())).slack.channel).toBe('#kept');
    await writeFile(path, `${manyServices(600)}# one more line\n`);
    expect((await configOf(path, await start())).slack.channel).toBe('#ship');
  });

  test.each(['data: var', "data: 'var' # here", 'data:   "var"'])('in the folder of %s', async (line) => {
    await writeFile(path, manyServices(600, [line]));
    await start();
    await writeFile(kept('var'), (await readFile(kept('var'), 'utf8')).replaceAll('#ship', '#kept'));
    expect((await configOf(path, await start())).slack.channel).toBe('#kept');
  });

  test('nothing of a small one', async () => {
    await writeFile(path, manyServices(3));
    await start();
    expect(existsSync(kept())).toBe(false);
  });

  test.each(['', '{', '[]', '{"a":1}', 'null'])('a file that says %j is as none', async (text) => {
    await writeFile(path, manyServices(600));
    await start();
    await writeFile(kept(), text);
    expect((await configOf(path, await start())).services.size).toBe(600);
  });

  test('nothing that JSON would change', async () => {
    await writeFile(path, manyServices(600, ['x-most: .inf']));
    await start();
    expect(await readFile(kept(), 'utf8')).toBe('{}');
  });

  test('no secret, and nothing of a config that is refused', async () => {
    await writeFile(path, manyServices(600, ['# xoxb-123456789012-abcdefghijkl']));
    await expect(start()).rejects.toThrow();
    expect(existsSync(kept())).toBe(false);
    await writeFile(path, manyServices(600, ['whatever: 1']));
    await expect(start()).rejects.toThrow();
    expect(existsSync(kept())).toBe(false);
  });
});
