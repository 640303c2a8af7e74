import { expect, test } from 'vitest';
import { targets } from '../../../support/all-adapters.ts';
import { gitReleases } from '../platforms/git-releases.ts';

const kubernetes = {
  use: 'kubernetes',
  cluster: { api: 'https://k8s.test', token: { env: 'KUBE_TOKEN' } },
  namespace: 'shop',
  workloads: [{ name: 'shop', containers: ['web'] }],
  image: 'ghcr.io/acme/shop:{tag}',
};
const command = { use: 'command', deploy: ['./deploy.sh', '{version}'] };

test.each([
  [
    'names each wave, also one that has no commands',
    { eu: kubernetes, us: command },
    [
      '# eu: Kubernetes deployment shop/shop',
      'kubectl --namespace shop set image deployment/shop web=ghcr.io/acme/shop:v1.0.0',
      expect.stringMatching(/^# us: deploy v1\.0\.0 \([0-9a-f]{40}\) to .+ by hand$/),
    ],
  ],
  ['is left to the words of the report where no wave has any', { eu: command, us: command }, []],
])('the way back by hand %s', (_what, waves, expected) => {
  const releases = gitReleases();
  try {
    const target = targets.open(
      targets.settings.parse({
        use: 'waves',
        waves: Object.entries(waves).map(([name, one]) => ({ name, target: one })),
      }),
      releases.contextOf({ KUBE_TOKEN: 'token' }, Date.now),
    );
    expect(target.rollbackCommands?.(releases.first)).toEqual(expected);
  } finally {
    releases.remove();
  }
});
