import { EcsSettings, openAwsEcs } from '../../../../src/adapters/targets/aws-ecs/aws-ecs.ts';
import type { Target } from '../../../../src/adapters/targets/port.ts';
import { AWS_KEY, type FakeEcs } from '../../../fakes/platforms/ecs.ts';
import { FakeEcsCanary, RULE } from '../../../fakes/platforms/ecs-canary.ts';
import { gitReleases } from '../platforms/git-releases.ts';
import { type FaultyWorld, worldOf } from '../platforms/platform-world.ts';

export interface EcsWorld<Fake extends FakeEcs = FakeEcs> extends FaultyWorld {
  readonly fake: Fake;
  readonly open: (settings?: Record<string, unknown>) => Target;
  /** The git host does not answer any more. */
  readonly hostIsAway: () => void;
}

export const imageOf = (tag: string) => `123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop:${tag}`;

/** `act`: the call that is a deployment, and meets the faults. */
export async function ecsWorld<Fake extends FakeEcs>(
  made: Fake,
  {
    now = () => Date.now(),
    act,
    more = () => ({}),
  }: {
    readonly now?: (() => number) | undefined;
    readonly act: RegExp;
    readonly more?: (url: string) => Readonly<Record<string, unknown>>;
  },
): Promise<EcsWorld<Fake>> {
  const releases = gitReleases();
  const { first, second } = releases;
  const fake = await made.start();
  fake.now = now;
  const open = (settings: Record<string, unknown> = {}): Target => {
    const parsed = EcsSettings.parse({
      use: 'aws-ecs',
      region: 'eu-central-1',
      endpoint: fake.url,
      'logs-endpoint': fake.url,
      'access-key': { env: 'AWS_ID' },
      'secret-key': { env: 'AWS_SECRET' },
      cluster: 'main',
      service: 'shop',
      containers: ['web'],
      image: imageOf('{tag}'),
      ...more(fake.url),
      ...settings,
    });
    const env = { AWS_ID: AWS_KEY.accessKeyId, AWS_SECRET: AWS_KEY.secretAccessKey };
    return openAwsEcs(parsed, releases.contextOf(env, now));
  };
  const base = worldOf(fake, open, {
    intrude: async () => void (await fake.deployByHand(imageOf('hotfix'))),
  });
  return {
    ...base,
    fake,
    open,
    hostIsAway: releases.hostIsAway,
    first,
    second,
    inject: (fault, match) => fake.inject(fault, match ?? { method: 'POST', path: act }),
    loseNextAnswer: () => fake.inject('reset-after', { method: 'POST', path: act }),
    remove: async () => {
      await fake.close();
      releases.remove();
    },
  };
}

/** One with a second service for shares of the requests. */
export function canaryWorld(now?: () => number): Promise<EcsWorld<FakeEcsCanary>> {
  const more = (endpoint: string) => ({ canary: { service: 'shop-canary', rule: RULE, endpoint } });
  return ecsWorld(new FakeEcsCanary(), { act: /UpdateService/, now, more });
}
