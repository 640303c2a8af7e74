import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { WorldOptions } from '../../demo/world.ts';
import { FakeReceiver } from '../fakes/platforms/receiver.ts';
import { type Stage, setStage } from '../stories/stage.ts';

type Options = Partial<WorldOptions>;

/** A shop on a platform, and how it is shipped. */
export interface Scenario {
  readonly name: string;
  open(more: Options): Promise<Stage>;
}

/** Whatever the probes see is not what is tried here. */
const calm = { metrics: { rate: 50 } };

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'git, a branch',
    open: (more) => setStage({ ...more, overrides: calm }),
  },
  {
    name: 'git, a command',
    open: async (more) => {
      const { dir = '' } = more;
      const script = join(dir, 'deploy.sh');
      const remote = join(dir, 'remote.git');
      await writeFile(
        script,
        [
          '#!/bin/sh',
          `export GIT_DIR='${remote}'`,
          'if [ "$1" = live ]; then exec git rev-parse production; fi',
          'git update-ref refs/heads/production "$2"',
          '',
        ].join('\n'),
      );
      await chmod(script, 0o755);
      return setStage({
        ...more,
        overrides: calm,
        target: { use: 'command', deploy: [script, 'deploy', '{commit}'], live: [script, 'live'] },
      });
    },
  },
  {
    name: 'GitHub, actions',
    open: (more) =>
      setStage({ ...more, overrides: calm, github: { login: 'app', target: 'github-actions' } }),
  },
  {
    name: 'GitHub, a webhook',
    open: onWebhook,
  },
  {
    name: 'GitLab, pipelines',
    open: onGitlab,
  },
];

async function onWebhook(more: Options): Promise<Stage> {
  const fake = await new FakeReceiver().start();
  const stage = await setStage({
    ...more,
    overrides: calm,
    github: { login: 'app', repository: { environment: 'on webhook' } },
    target: {
      use: 'webhook',
      url: `${fake.url}/orders`,
      live: `${fake.url}/live`,
      secret: { env: 'WEBHOOK_SECRET' },
    },
    env: { ...more.env, WEBHOOK_SECRET: fake.secret },
  });
  fake.onLive = async (sha) => {
    await stage.git('update-ref', 'refs/heads/production', sha);
    await stage.shop.control.refresh();
  };
  fake.live = { commit: await stage.git('rev-parse', 'v1.2.0^{commit}') };
  const { end } = stage;
  return Object.assign(stage, {
    end: async () => {
      await end();
      await fake.close();
    },
  });
}

/** On a protected branch: the release goes through a merge request, and a rollback runs the job of the release before. */
async function onGitlab(more: Options): Promise<Stage> {
  const gitlab = { isProtected: true, repository: { environment: 'by hand' } };
  const stage = await setStage({ ...more, overrides: calm, gitlab });
  const { end } = stage;
  return Object.assign(stage, {
    end: async () => {
      await end();
      expect(stage.gitlab?.violations).toEqual([]);
    },
  });
}
