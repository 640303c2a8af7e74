import { expect, test } from 'vitest';
import { githubClientSet } from '../../../src/adapters/repositories/github/client-set.ts';
import { GithubSettings } from '../../../src/adapters/repositories/github/settings.ts';
import { SharedInstances } from '../../../src/adapters/shared/shared-instances.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';

test('opens once for each kind and key', () => {
  const shared = new SharedInstances();
  let opened = 0;
  const open = () => ++opened;
  expect(shared.get('git', ['/data', 'a'], open)).toBe(1);
  expect(shared.get('git', ['/data', 'a'], open)).toBe(1);
  expect(shared.get('git', ['/data', 'b'], open)).toBe(2);
  expect(shared.get('github', ['/data', 'a'], open)).toBe(3);
});

test('does not keep what could not be opened', () => {
  const shared = new SharedInstances();
  const broken = () => {
    throw new Error('no secret');
  };
  expect(() => shared.get('github', 'a', broken)).toThrow('no secret');
  expect(shared.get('github', 'a', () => 'opened')).toBe('opened');
});

test('services of one process share a client of their repository; the next process has its own', () => {
  const settings = GithubSettings.parse({ repository: 'acme/shop', token: { env: 'TOKEN' } });
  const env = { TOKEN: 'one' };
  const shop = adapterContext({ env });
  const api = { ...shop, service: 'api' };
  expect(githubClientSet(settings, api)).toBe(githubClientSet(settings, shop));
  expect(githubClientSet({ ...settings, timeout: 1 }, shop)).not.toBe(githubClientSet(settings, shop));
  expect(githubClientSet(settings, adapterContext({ env }))).not.toBe(githubClientSet(settings, shop));
});
