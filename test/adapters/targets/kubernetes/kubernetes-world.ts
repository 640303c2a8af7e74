import { TOKEN } from '../../../../demo/platform/fake-platform.ts';
import {
  KubernetesSettings,
  openKubernetes,
} from '../../../../src/adapters/targets/kubernetes/kubernetes.ts';
import type { Target } from '../../../../src/adapters/targets/port.ts';
import { FakeKubernetes } from '../../../fakes/platforms/kubernetes.ts';
import { gitReleases } from '../platforms/git-releases.ts';
import { type FaultyWorld, worldOf } from '../platforms/platform-world.ts';

export interface KubernetesWorld extends FaultyWorld {
  readonly fake: FakeKubernetes;
  readonly open: (settings?: Record<string, unknown>) => Target;
}

export const image = (tag: string) => `ghcr.io/acme/shop:${tag}`;

/** A cluster with the Deployment `shop` in the namespace `shop`, and a service whose releases go there. */
export async function kubernetesWorld(now: () => number = () => Date.now()): Promise<KubernetesWorld> {
  const releases = gitReleases();
  const { first, second } = releases;
  const fake = await new FakeKubernetes().start();
  fake.add('shop', 'registry.k8s.io/pause:3.9');
  const open = ({ timeout = '15s', ...settings }: Record<string, unknown> = {}): Target => {
    const parsed = KubernetesSettings.parse({
      use: 'kubernetes',
      cluster: { api: fake.url, token: { env: 'KUBE_TOKEN' }, timeout },
      namespace: 'shop',
      workloads: [{ name: 'shop', containers: ['web'] }],
      image: image('{tag}'),
      ...settings,
    });
    return openKubernetes(parsed, releases.contextOf({ KUBE_TOKEN: TOKEN }, now));
  };
  const base = worldOf(fake, open, { intrude: async () => fake.setImage('shop', image('hotfix')) });
  return {
    ...base,
    fake,
    open,
    first,
    second,
    inject: (fault, match) => fake.inject(fault, { method: 'PATCH', ...match }),
    loseNextAnswer: () => fake.inject('reset-after', { method: 'PATCH' }),
    remove: async () => {
      await fake.close();
      releases.remove();
    },
  };
}
