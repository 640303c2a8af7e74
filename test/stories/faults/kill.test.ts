import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { slowPushes } from '../pushes.ts';
import { type StoryStage, settingsOf } from '../slacks.ts';
import { movesOf, releaseFacts, setStage } from '../stage.ts';

describe.each(settingsOf('9'))('on $name', ({ options }) => {
  let stage: StoryStage;

  beforeAll(async () => {
    stage = await setStage({ ...(await options()), overrides: { metrics: { rate: 50 } } });
    await stage.git('config', 'core.logAllRefUpdates', 'always');
  });
  afterAll(() => stage?.end());

  test('story 9: killed at each step of one promotion: one commit, one tag, one deployment, one report', async () => {
    const { workspace, shop } = stage;
    // Checking, and the card is in Slack, but the bot has not heard so.
    shop.control.set({ mode: 'slow', slowMs: 1_500 });
    workspace.control.delayApi(1_000);
    await workspace.as('ada').command('/ship-prod shop');
    await stage.cardShows(/Checking the gates/);
    await stage.crash(() => {
      workspace.control.delayApi(0);
      shop.control.set({ mode: 'healthy' });
    });

    await stage.cardWith('approve');
    await stage.crash();

    // Releasing: the push of the one that died goes on by itself, beside that of the one that comes back.
    const release = await slowPushes(stage, 'pre-receive', 'refs/heads/main', 2);
    const deploy = await slowPushes(stage, 'post-receive', 'refs/heads/production', 2);
    await stage.press('grace', 'approve');
    await release.reached();
    await stage.crash(release.off);

    // Deploying: production has moved, but the bot has not heard so.
    await deploy.reached();
    shop.control.set({ mode: 'slow', slowMs: 600 });
    await stage.crash(deploy.off);

    await stage.cardShows(/Checking that production is healthy/);
    const report = await slowPushes(stage, 'pre-receive', 'refs/heads/main', 2);
    await stage.crash(() => shop.control.set({ mode: 'healthy' }));

    await report.reached();
    await stage.crash(report.off);

    await stage.cardShows(/Watching production/);
    await stage.crash();

    await stage.cardShows(/Shipped/);
    const facts = await releaseFacts(stage);
    expect(facts).toMatchObject({ releases: 1, reports: 1, results: 1, tags: 1, tagKind: 'tag' });
    expect(facts.production).toBe(facts.tagged);
    expect(await movesOf(stage, 'refs/heads/production')).toBe(1);
    expect(await movesOf(stage, 'refs/tags/v1.3.0')).toBe(1);
    expect(stage.cards()).toHaveLength(1);
    await stage.expectNothingAmiss();
  });

  test('story 9: killed while rolling back: production moved back once, one incident', async () => {
    const undo = await slowPushes(stage, 'post-receive', 'refs/heads/production', 2);
    await stage.press('linus', 'rollback');
    await undo.reached();
    await stage.crash(undo.off);
    await stage.cardShows(/Rolled back/);

    expect(await movesOf(stage, 'refs/heads/production')).toBe(2);
    expect(await stage.git('rev-parse', 'production')).toBe(await stage.git('rev-parse', 'v1.2.0^{commit}'));
    const incidents = await stage.git('log', '--format=%s', '--grep=docs(ship): incident', 'main');
    expect(incidents).toBe('docs(ship): incident of v1.3.0');
    await stage.expectNothingAmiss();
  });
});
