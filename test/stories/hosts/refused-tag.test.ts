import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import type { TagRuleset } from '../../../demo/github/model.ts';
import type { Github } from '../../../demo/github/server.ts';
import { textOf } from '../../../demo/workspace/server/control/reading.ts';
import { type Stage, setStage } from '../stage.ts';

let stage: Stage;
let github: Github;
let ruleset: TagRuleset;

/** The pull request is merged, and a rule that came after the gates refuses the tag. */
beforeEach(async () => {
  stage = await setStage({ github: { login: 'app', target: 'github-actions' } });
  if (stage.github === null) throw new Error('the stage is not on GitHub');
  github = stage.github;
  github.protect('main', { type: 'pull_request' });
  github.state.onPullHead = (sha) => {
    github.setCheck(sha, 'build', 'success');
    ruleset = github.protectTags({ include: ['refs/tags/v*'] });
    github.state.onPullHead = () => {};
  };
  await stage.asks();
  await stage.press('grace', 'approve');
  await stage.cardWith('retry_deploy');
});
afterEach(() => stage?.end());

const merged = () => github.state.pulls.filter(({ head }) => head === 'slipway/release/v1.3.0');

test('the same promotion finishes the release once the tag may be made', async () => {
  const said = textOf(await stage.threadSays(/The release is half done/));
  expect(said).toMatch(/The tag v1\.3\.0 is refused by .*only its tag is missing/s);
  expect(textOf(stage.card())).toMatch(/❌ The release is half done: The tag v1\.3\.0 is refused/);
  const commit = await stage.git('rev-parse', 'main');
  ruleset.bypass = 'always';
  await stage.press('ada', 'retry_deploy');
  await stage.cardShows(/Shipped/);
  expect(await stage.git('rev-parse', 'v1.3.0^{commit}', 'production')).toBe(`${commit}\n${commit}`);
  expect(merged()).toHaveLength(1);
  expect(github.violations).toEqual([]);
  await stage.expectNothingAmiss();
});

// Told where everything runs, like other long ones.
test.runIf(inject('sampling').whole)(
  'cancelled, the next promotion says what refuses the tag, and then finishes the release',
  async () => {
    await stage.press('ada', 'cancel');
    await stage.cardShows(/🚫 Cancelled/);
    await stage.workspace.as('ada').command('/ship-prod shop');
    await stage.cardShows(/“release tags”, nobody may make such a tag/);
    ruleset.bypass = 'always';
    await stage.cardWith('recheck');
    await stage.press('ada', 'recheck');
    // The half of the release that is on the branch changes nothing that was validated.
    expect(textOf(await stage.cardWith('approve'))).toMatch(/1\.2\.0 → 1\.3\.0/);
    await stage.press('grace', 'approve');
    await stage.cardShows(/Shipped/);
    expect(await stage.git('rev-parse', 'v1.3.0^{commit}')).toBe(await stage.git('rev-parse', 'production'));
    const changelog = await stage.git('show', 'v1.3.0:CHANGELOG.md');
    expect(changelog.match(/^## .*1\.3\.0/gm)).toHaveLength(1);
    expect(github.violations).toEqual([]);
  },
);
