import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Workspace } from '../../../demo/workspace/server/start.ts';
import { SlackDouble } from '../../slack-double/slack-double.ts';
import type { StoryStage } from '../slacks.ts';
import { setStage } from '../stage.ts';

let slack: SlackDouble;
let stage: StoryStage;

const { whole } = inject('sampling');

beforeAll(async () => {
  if (!whole) return;
  slack = await SlackDouble.start();
  slack.api.limits.scarceHistory = true;
  stage = await setStage({ workspace: slack as unknown as Workspace });
});
afterAll(() => stage?.end());

const asked = (method: string) => slack.api.calls.filter((call) => call.method === method);

test.runIf(whole)(
  'killed between a post and its record, where an app gets one page of history a minute: one card, one reply',
  async () => {
    const { workspace, shop } = stage;
    shop.control.set({ mode: 'slow', slowMs: 1_500 });
    workspace.control.delayApi(1_000);
    await workspace.as('ada').command('/ship-prod shop');
    // The card is in Slack, but the bot has not heard so.
    await stage.cardShows(/Checking the gates/);
    await stage.crash(() => {
      workspace.control.delayApi(0);
      shop.control.set({ mode: 'healthy' });
    });
    await stage.cardWith('approve');
    expect(stage.cards()).toHaveLength(1);
    expect(asked('conversations.history')).toHaveLength(1);

    // The same with a reply.
    workspace.control.delayApi(1_000);
    await stage.press('grace', 'approve');
    await stage.threadSays(/approved/i);
    await stage.crash(() => workspace.control.delayApi(0));
    await stage.cardShows(/Shipped/, 60_000);
    const said = stage.thread().map(({ metadata }) => JSON.stringify(metadata));
    expect(new Set(said).size).toBe(said.length);
    expect(stage.cards()).toHaveLength(1);
    expect(asked('conversations.replies').length).toBeLessThanOrEqual(2);
    await stage.expectNothingAmiss();
  },
  120_000,
);
