import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOSTILE_TITLE } from '../../../demo/shop/remote.ts';
import { textOf } from '../../../demo/workspace/server/control/reading.ts';
import { type StoryStage, settingsOf } from '../slacks.ts';
import { releaseFacts, setStage } from '../stage.ts';

interface Shown {
  readonly text?: { readonly text: string };
  readonly elements?: readonly {
    readonly type: string;
    readonly elements?: readonly { readonly text?: string }[];
  }[];
}

/** The text of a block that is shown as it is. */
function partOf(block: Shown | undefined): string {
  const [first] = block?.elements ?? [];
  if (first?.type !== 'rich_text_preformatted') return '';
  return (first.elements ?? []).map(({ text }) => text ?? '').join('');
}

describe.each(settingsOf('1'))('on $name', ({ options }) => {
  let stage: StoryStage;

  beforeAll(async () => {
    stage = await setStage({ approvals: 2, ...(await options()) });
  });
  afterAll(() => stage?.end());

  test('story 1: /ship-prod shop, two people, shipped, report committed, release tagged, window closed', async () => {
    const { workspace, shop } = stage;
    const asked = await stage.asks();
    expect(textOf(asked)).toContain('1.2.0 → 1.3.0');

    await stage.press('ada', 'approve');
    await stage.told('ada', /somebody else has to approve/);

    await stage.press('grace', 'approve');
    await stage.threadSays(/approved/);
    expect(shop.control.state().live?.version).toBe('1.2.0');
    await stage.press('linus', 'approve');
    await stage.cardShows(/Shipped/);

    expect(shop.control.state().live?.version).toBe('1.3.0');
    const facts = await releaseFacts(stage);
    expect(facts).toMatchObject({ releases: 1, reports: 1, results: 1, tags: 1, tagKind: 'tag', fsck: '' });
    expect(facts.production).toBe(facts.tagged);
    const changed = await stage.git('show', '--name-only', '--format=', 'v1.3.0^{commit}');
    expect(changed.split('\n').sort()).toEqual([
      'CHANGELOG.md',
      'package-lock.json',
      'package.json',
      'src/version.js',
    ]);
    expect(await stage.git('tag', '-l', '--format=%(contents)', 'v1.3.0')).toContain('Coupons at checkout');

    const report = await stage.git('show', 'main:specs/014-coupons/production-ship-report.md');
    expect(report).toContain('v1.3.0');
    expect(report).toContain('Grace');
    expect(report).toMatch(/- \*\*Thread\*\*: \[conversation in Slack\]\(<http/);
    const state = await stage.git('show', 'main:specs/014-coupons/state.yaml');
    expect(state).toContain('# Workflow state of this feature.');
    expect(state).toMatch(/production:\n\s+url/);
    expect(textOf(workspace.message(asked))).toMatch(/release v1\.3\.0.*ship report/);
  });

  test('Details has the release commit as a patch: it makes the very tree that was tagged', async () => {
    await stage.press('ada', 'details');
    const { blocks } = (await stage.workspace.waitForView('ada')).definition;
    const shown = JSON.parse(JSON.stringify(blocks)) as Shown[];
    const heading = (text: string) => shown.findIndex((block) => block.text?.text === text);
    const patch = shown.slice(heading('Release commit'), heading('Tag message')).map(partOf).join('');
    expect(partOf(shown[heading('Tag message') + 1])).toContain('Coupons at checkout');

    const options = { cwd: stage.remote.path, env: { ...process.env, GIT_INDEX_FILE: 'preview-index' } };
    execFileSync('git', ['read-tree', 'v1.3.0^{commit}^'], options);
    execFileSync('git', ['apply', '--cached', '-'], { ...options, input: patch });
    const tree = execFileSync('git', ['write-tree'], options).toString().trim();
    expect(tree).toBe(await stage.git('rev-parse', 'v1.3.0^{tree}'));
  });

  test('a hostile commit title is plain text wherever it is shown', async () => {
    await stage.press('ada', 'details');
    const details = await stage.workspace.waitForView('ada');
    expect(textOf(details)).toContain(HOSTILE_TITLE);
    await stage.expectNothingAmiss();
  });
});
