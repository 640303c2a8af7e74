import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take long, longest first. */
export const LONG = [
  'security/hostile-text.test.ts',
  'flows/steps/never-unapproved.test.ts',
  'adapters/repositories/github/faults.test.ts',
  'adapters/repositories/gitlab/faults.test.ts',
  'flows/requests/never-live.test.ts',
  'engine/durability.test.ts',
  'stories/hosts/targets.test.ts',
  'stories/hosts/github.test.ts',
  'stories/hosts/pull-request.test.ts',
  'stories/faults/kill.test.ts',
  'stories/shipping/freeze.test.ts',
];

/** Long tables of faults and crashes: they run only where everything does (`SLIPWAY_WHOLE=1`). */
const TABLES = [
  'test/engine/durability.test.ts',
  'test/adapters/repositories/github/faults-signing-in.test.ts',
];

/**
 * The longest tables of two hosts; variants of the stories that product.md numbers, which always run; minutes of load; what packs, installs or starts the
 * whole demo. They run where everything does too, and in CI a part of them, another one each time (`SLIPWAY_VARIANTS=2/12`:
 * the third of twelve parts).
 */
const VARIANTS = [
  'test/adapters/repositories/github/faults.test.ts',
  'test/adapters/repositories/gitlab/faults.test.ts',
  'test/stories/hosts/targets.test.ts',
  'test/stories/hosts/waves.test.ts',
  'test/stories/hosts/clusters.test.ts',
  'test/stories/hosts/split-stages.test.ts',
  'test/stories/hosts/github.test.ts',
  'test/deploy/reproducible.test.ts',
  'test/handlers/support/socket-mode/receiver.test.ts',
  'test/repository/package.test.ts',
  'test/stories/hosts/gitlab.test.ts',
  'test/stories/people/clicks.test.ts',
  'test/adapters/targets/gitlab-pipeline/gitlab-pipeline.test.ts',
  'test/stories/hosts/pull-request.test.ts',
  'test/stories/hosts/refused-tag.test.ts',
  'test/stories/people/organisation.test.ts',
  'test/adapters/targets/github-actions/github-actions.test.ts',
  'test/stories/faults/outages.test.ts',
  'test/cli/stop.test.ts',
  'test/stories/shipping/hotfix.test.ts',
  'test/stories/hosts/proxy.test.ts',
  'test/stories/faults/someone-else-pushes.test.ts',
  'test/flows/rollback/forged-releases.test.ts',
  'test/stories/faults/bad-input.test.ts',
  'test/demo/main.test.ts',
  'test/stories/faults/secrets.test.ts',
  'test/stories/hosts/signed-and-linked.test.ts',
  'test/stories/people/forged-approval.test.ts',
  'test/stories/people/readers.test.ts',
  'test/stories/people/surfaces.test.ts',
  'test/stories/people/trust.test.ts',
  'test/stories/rollback/cache-dies.test.ts',
  'test/stories/rollback/clean-up.test.ts',
  'test/adapters/targets/aws-ecs/canary.test.ts',
  'test/adapters/repositories/gitlab/protected-branch.test.ts',
  'test/adapters/targets/waves/waves.test.ts',
];

/** Suites of platforms of which few bots use more than one, and what takes half a minute by itself. They run where everything does. */
const PLATFORMS = [
  'test/adapters/repositories/gitlab/*.test.ts',
  'test/adapters/repositories/github/{authors,merge-queue,permissions,protected-branch,tag-rules}.test.ts',
  'test/adapters/targets/{argo-rollouts,aws-ecs,cloud-run,gitops,kubernetes,platforms,waves}/*.test.ts',
  'test/engine/database/{data-folder,embedded,silence}.test.ts',
  'test/engine/runs/away-in-other-words.test.ts',
  'test/stories/faults/{container,silent-database}.test.ts',
  'test/stories/shipping/lower-bump.test.ts',
  'test/stories/rollback/rollback-later.test.ts',
  'test/docs/cookbook/*.test.ts',
  'test/stories/people/{planned,teams}.test.ts',
  'test/adapters/repositories/odd-files.test.ts',
  'test/engine/runs/clean-up.test.ts',
  'test/jobs/repeat.test.ts',
  'test/stories/shipping/stages.test.ts',
  'test/stories/people/ship.test.ts',
  'test/flows/requests/never-live.test.ts',
  'test/flows/steps/never-unapproved.test.ts',
  'test/cli/audit-proof.test.ts',
  'test/security/hostile-text.test.ts',
];

export const WHOLE_ONLY = [...TABLES, ...VARIANTS, ...PLATFORMS];

/** What does not run, by the variables of the environment; whatever is `named` on the command line runs. */
export function leftOut(
  { SLIPWAY_WHOLE, SLIPWAY_VARIANTS }: NodeJS.ProcessEnv,
  named: readonly string[] = [],
): readonly string[] {
  if (named.some((one) => one.includes('test'))) return [];
  if (SLIPWAY_WHOLE !== '1') return WHOLE_ONLY;
  const [part = 0, parts = 1] = (SLIPWAY_VARIANTS ?? '0/1').split('/').map(Number);
  return VARIANTS.filter((_file, index) => index % parts !== part);
}

/** Long files begin first, so that no worker is left alone with one of them at the end. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => rankOf(a.moduleId) - rankOf(b.moduleId));
  }
}

/** Stories mostly wait; only tables that run whole take longer than all of them. */
function rankOf(path: string): number {
  const place = LONG.findIndex((end) => path.endsWith(`/test/${end}`));
  const within = place < 0 ? LONG.length : place;
  if (path.includes('/test/stories/')) return 100 + within;
  if (place < 0) return 300;
  return (process.env['SLIPWAY_WHOLE'] === '1' ? 0 : 200) + within;
}
