import { describe, expect, it } from 'vitest';
import {
  authorsOf,
  isLarge,
  lastReleases,
  touchedFiles,
  usualSize,
} from '../../../../src/domain/promotion/earlier/risk.ts';
import * as fixtures from '../../../blocks/fixtures.ts';

describe('what a release touches', () => {
  const kinds = (...paths: string[]) =>
    Object.fromEntries(touchedFiles(paths).map(({ kind, paths: found }) => [kind, found]));

  it('is told by names that the field uses', () => {
    expect(
      kinds(
        'db/migrate/20261122_add_coupons.rb',
        'apps/api/migrations/0007.py',
        'sql/upgrade.sql',
        'package.json',
        'api/go.sum',
        'requirements-dev.txt',
        'config/production.yml',
        '.env.production',
        'src/settings.py',
        'Dockerfile',
        '.github/workflows/deploy.yml',
        'infra/main.tf',
        'helm/values.yaml',
        'src/cart.ts',
        'docs/migration.md',
        'src/configured.ts.txt',
      ),
    ).toEqual({
      migrations: ['db/migrate/20261122_add_coupons.rb', 'apps/api/migrations/0007.py', 'sql/upgrade.sql'],
      infrastructure: ['Dockerfile', '.github/workflows/deploy.yml', 'infra/main.tf', 'helm/values.yaml'],
      dependencies: ['package.json', 'api/go.sum', 'requirements-dev.txt'],
      configuration: ['config/production.yml', '.env.production', 'src/settings.py'],
    });
    expect(touchedFiles([])).toEqual([]);
  });

  it('is counted in whole and listed in part', () => {
    const paths = Array.from({ length: 5_000 }, (_, index) => `migrations/${index}.sql`);
    expect(touchedFiles(paths)).toMatchObject([{ kind: 'migrations', total: 5_000 }]);
    expect(touchedFiles(paths)[0]?.paths).toHaveLength(20);
  });
});

describe('the releases before', () => {
  const release = (version: string) => ({ ...fixtures.release, version });
  const of = (state: Parameters<typeof fixtures.promotion>[0], version: string, more = {}) =>
    fixtures.promotion(state, { plan: fixtures.plan, release: release(version), ...more });
  const risk = (files: number) => ({ risk: { files, touched: [], authors: [], last: [] } });

  it('are told with how they ended; what never released anything is none', () => {
    const accepted = { accepted: { by: 'U0KIM', verdict: 'warning', what: [] } };
    expect(
      lastReleases([
        of('monitoring', '2.7.0'),
        of('shipped', '2.6.0', accepted),
        fixtures.promotion('cancelled', { plan: fixtures.plan }),
        of('rolled-back', '2.5.0'),
        of('failed', '2.4.0'),
        of('shipped', '2.3.0'),
      ]),
    ).toEqual([
      { version: '2.6.0', end: 'accepted' },
      { version: '2.5.0', end: 'rolled-back' },
      { version: '2.4.0', end: 'failed' },
      { version: '2.3.0', end: 'shipped' },
    ]);
  });

  it('say what size is usual, and what is much larger', () => {
    const before = [of('shipped', '1', risk(9)), of('shipped', '2', risk(4)), of('shipped', '3', risk(30))];
    expect(usualSize(before)).toEqual({ usual: { commits: 3, files: 9 } });
    expect(usualSize([])).toEqual({});
    const now = { ...risk(18).risk, usual: { commits: 3, files: 9 } };
    expect(isLarge(now, 3)).toBe(true);
    expect(isLarge({ ...now, files: 17 }, 3)).toBe(false);
    expect(isLarge({ ...now, files: 17 }, 40)).toBe(true);
    expect(isLarge(risk(900).risk, 40)).toBe(false);
  });
});

it('authors come with the most commits first', () => {
  expect(authorsOf(['Bo', 'Ada', 'Bo'])).toEqual(['Bo', 'Ada']);
});
