import { inject } from 'vitest';
import type { Actor } from '../../demo/workspace/server/control/actor.ts';
import type { Watcher } from '../../demo/workspace/server/control/watcher.ts';
import type { Workspace } from '../../demo/workspace/server/start.ts';
import type { WorldOptions } from '../../demo/world.ts';
import { SlackDouble } from '../slack-double/slack-double.ts';
import { sampled } from '../support/whole.ts';
import type { Stage } from './stage.ts';

/** What stories that run on more than one Slack may use of it. */
interface StorySlack
  extends Pick<Watcher, 'messages' | 'thread' | 'message' | 'ephemerals' | 'waitForMessage' | 'waitForView'> {
  readonly botUser: string;
  as(user: string): Pick<Actor, 'command' | 'click' | 'say' | 'edit'>;
  readonly control: Pick<Workspace['control'], 'delayApi'>;
}

/** A stage on any Slack. */
export type StoryStage = Omit<Stage, 'workspace'> & { readonly workspace: StorySlack };

/** A Slack and the way events come from it. */
interface StorySetting {
  readonly name: string;
  readonly story: string;
  readonly options: () => Promise<Pick<WorldOptions, 'workspace' | 'overHttp'>>;
}

/** A double has no more than StorySlack and what the stage itself asks for; whatever else is used fails at once. */
const double = async () => ({ workspace: (await SlackDouble.start()) as unknown as Workspace });

const OTHERS: readonly Omit<StorySetting, 'story'>[] = [
  { name: 'the workspace over HTTP', options: async () => ({ overHttp: true }) },
  { name: 'the second double over a socket', options: double },
  { name: 'the second double over HTTP', options: async () => ({ ...(await double()), overHttp: true }) },
];
const STORIES = ['1', '7', '9'];

/**
 * Where a story runs: always on the workspace over a socket; of the other settings of all stories one is drawn, and one of
 * each story where everything runs.
 */
export function settingsOf(story: string): readonly StorySetting[] {
  // The ninth story takes a minute: elsewhere it is told only when everything is, and there where most is different.
  const others = STORIES.flatMap((one) =>
    (one === '9' ? OTHERS.slice(-1) : OTHERS).map((setting) => ({ ...setting, story: one })),
  );
  const { whole } = inject('sampling');
  const kindsOf = ({ story: one }: StorySetting) => (whole ? [one] : one === '9' ? [] : ['another setting']);
  const drawn = sampled(others, kindsOf, false);
  const own = { name: 'the workspace over a socket', story, options: async () => ({}) };
  return [own, ...drawn.filter((setting) => setting.story === story)];
}
