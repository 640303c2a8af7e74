import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBot } from '../../../demo/bot.ts';
import { STATE_PATH } from '../../../demo/shop/remote.ts';
import { textOf } from '../../../demo/workspace/server/control/reading.ts';
import { offers, type Stage, setStage } from '../stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage?.end());

/** Sets every ref of the remote as it was. */
async function restore(refs: string): Promise<void> {
  const wanted = new Map(refs.split('\n').map((line) => line.split(' ') as [string, string]));
  for (const line of (await stage.refs()).split('\n').filter(Boolean)) {
    const [ref = ''] = line.split(' ');
    if (!wanted.has(ref)) await stage.git('update-ref', '-d', ref);
  }
  for (const [ref, id] of wanted) await stage.git('update-ref', ref, id);
}

const deleteAll = async () => {
  for (const line of (await stage.refs()).split('\n'))
    await stage.git('update-ref', '-d', line.split(' ')[0] ?? '');
};
const edit = async (path: string, change: (text: string) => string) => {
  const text = (await stage.remote.read('main', path)) ?? '';
  await stage.remote.commit({ message: 'chore: by hand\n', files: { [path]: change(text) } });
};

const BLOCKED: readonly [string, () => Promise<unknown>, RegExp][] = [
  [
    'no state file',
    () => stage.remote.commit({ message: 'chore: tidy\n', files: { [STATE_PATH]: null } }),
    /Every feature with a state file has shipped or was rolled back \(013-wish-list\)/,
  ],
  [
    'aliases that contradict each other',
    () =>
      edit(
        STATE_PATH,
        (text) => `${text}\nworkflow:\n  manual_gates:\n    staging_validation:\n      status: pending\n`,
      ),
    /contradict each other[\s\S]*status: approved[\s\S]*status: pending/,
  ],
  [
    'a state file that is not YAML',
    () => edit(STATE_PATH, (text) => `${text}\n  - : {`),
    /cannot be trusted[\s\S]*state\.yaml/,
  ],
  [
    'a tag that exists',
    async () => {
      const elsewhere = {
        branch: 'elsewhere',
        from: 'v1.1.0',
        message: 'fix: elsewhere\n',
        files: { a: 'a' },
      };
      await stage.git('tag', 'v1.3.0', await stage.remote.commit(elsewhere));
    },
    /The tag v1\.3\.0 already exists and belongs to something else/,
  ],
  [
    'a version that would go backwards',
    () => edit('package.json', (text) => text.replace('"version": "1.2.0"', '"version": "2.0.0"')),
    /The next version would be 1\.3\.0, but package\.json already says 2\.0\.0/,
  ],
  [
    'a production that has what the release lacks',
    () =>
      stage.remote.commit({
        branch: 'production',
        message: 'fix: by hand\n',
        files: { 'src/hotfix.js': 'export {};\n' },
      }),
    /Production \(branch production\) holds \w{8}, which main does not contain: shipping would undo it/,
  ],
  ['an empty repository', deleteAll, /has no commits yet|main does not exist/],
];

test.each(BLOCKED)(
  '%s: a clear sentence on the card, and nothing is touched',
  async (_name, spoil, sentence) => {
    const before = await stage.refs();
    await spoil();
    const spoilt = await stage.refs();
    const cards = stage.cards().length;
    await stage.workspace.as('ada').command('/ship-prod shop');
    const blocked = await stage.cardShows(/Blocked/);
    expect(stage.cards()).toHaveLength(cards + 1);
    expect(textOf(blocked)).toMatch(sentence);
    expect(offers(blocked, 'approve')).toBe(false);
    expect(await stage.refs()).toBe(spoilt);
    await stage.press('ada', 'cancel');
    await stage.cardShows(/Cancelled/);
    await restore(before);
  },
);

const PLANNED: readonly [string, () => Promise<unknown>, RegExp][] = [
  [
    'a changelog without Unreleased: the commits tell',
    () => edit('CHANGELOG.md', (text) => text.replace(/## \[Unreleased\][\s\S]*?(?=## \[1\.2\.0\])/, '')),
    /1\.2\.0 → 1\.3\.0 \(minor\)[\s\S]*coupons at checkout/i,
  ],
  [
    'a repository without tags: the version files tell',
    async () => {
      await stage.git('update-ref', '-d', 'refs/tags/v1.1.0');
      await stage.git('update-ref', '-d', 'refs/tags/v1.2.0');
    },
    /1\.3\.0/,
  ],
];

test.each(PLANNED)('%s', async (_name, spoil, sentence) => {
  const before = await stage.refs();
  await spoil();
  const spoilt = await stage.refs();
  await stage.workspace.as('ada').command('/ship-prod plan shop');
  expect(textOf(await stage.told('ada', /The plan|gates/))).toMatch(sentence);
  expect(await stage.refs()).toBe(spoilt);
  await restore(before);
});

test('a service that does not exist: the nearest name', async () => {
  await stage.workspace.as('ada').command('/ship-prod shpo');
  await stage.told('ada', /does not know "shpo"\. Did you mean shop\?/);
  await stage.workspace.as('ada').command('/ship-prod history shpo');
  await stage.told('ada', /There is no service called shpo\. Did you mean shop\?/);
  await stage.expectNothingAmiss();
});

test('a slipway.yaml that is wrong: the bot does not start and says where and why', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-story-'));
  const config = join(dir, 'slipway.yaml');
  const logFile = join(dir, 'log');
  await writeFile(config, 'slack: { channel: "#ship" }\nservices:\n  shop:\n    target: { use: teleport }\n');
  const bot = startBot({ env: { SLIPWAY_CONFIG: config }, logFile });
  expect(await bot.ended).not.toBe(0);
  const said = await readFile(logFile, 'utf8');
  expect(said).toMatch(/slipway\.yaml:4:\d+/);
  expect(said).toMatch(/git-branch/);
  expect(said).not.toMatch(/ {4}at .*\.js:\d+/);
  await rm(dir, { recursive: true });
});
