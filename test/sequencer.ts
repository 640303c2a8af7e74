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

/**
 * Long tables of faults and crashes; suites of hosts and platforms of which few bots use more than one; variants of the
 * stories that product.md numbers, which always run; minutes of load; what packs, installs or starts the whole demo.
 * `npm test` leaves them out; CI runs as many of them as fit into its time, others each time.
 */
export const LONG_FILES = [
  'test/adapters/repositories/github/faults-signing-in.test.ts',
  'test/adapters/repositories/github/faults.test.ts',
  'test/adapters/repositories/github/repository-port.test.ts',
  'test/adapters/repositories/github/{app,authors,merge-queue,permissions,protected-branch,tag-rules}.test.ts',
  'test/adapters/repositories/gitlab/*.test.ts',
  'test/adapters/repositories/odd-files.test.ts',
  'test/adapters/repositories/requests/of-others-gitlab.test.ts',
  'test/adapters/targets/branch/git-branch.test.ts',
  'test/adapters/targets/command/command.test.ts',
  'test/adapters/targets/github-actions/github-actions.test.ts',
  'test/adapters/targets/gitlab-pipeline/*.test.ts',
  'test/adapters/targets/{argo-rollouts,aws-ecs,cloud-run,gitops,kubernetes,platforms,waves}/*.test.ts',
  'test/app/config/reload.test.ts',
  'test/cli/audit-proof.test.ts',
  'test/cli/{operations,run,ship,start,stop}.test.ts',
  'test/config/files/known-values.test.ts',
  'test/demo/main.test.ts',
  'test/deploy/publish.test.ts',
  'test/deploy/reproducible.test.ts',
  'test/docs/cookbook/*.test.ts',
  'test/doctor/proxies.test.ts',
  'test/domain/judge/side-by-side.test.ts',
  'test/engine/database/{data-folder,embedded,silence}.test.ts',
  'test/engine/durability.test.ts',
  'test/engine/outage.test.ts',
  'test/engine/runs/away-in-other-words.test.ts',
  'test/engine/runs/clean-up.test.ts',
  'test/engine/runs/fence.test.ts',
  'test/flows/locks/never-over-a-barrier.test.ts',
  'test/flows/requests/never-live.test.ts',
  'test/flows/rollback/forged-releases.test.ts',
  'test/flows/steps/never-unapproved.test.ts',
  'test/flows/steps/stages.test.ts',
  'test/handlers/support/socket-mode/receiver.test.ts',
  'test/jobs/repeat.test.ts',
  'test/repository/package.test.ts',
  'test/security/hostile-text.test.ts',
  'test/stories/faults/bad-input.test.ts',
  'test/stories/faults/outages.test.ts',
  'test/stories/faults/secrets.test.ts',
  'test/stories/faults/someone-else-pushes.test.ts',
  'test/stories/faults/{container,silent-database}.test.ts',
  'test/stories/hosts/*.test.ts',
  'test/stories/people/clicks.test.ts',
  'test/stories/people/forged-approval.test.ts',
  'test/stories/people/organisation.test.ts',
  'test/stories/people/readers.test.ts',
  'test/stories/people/ship.test.ts',
  'test/stories/people/surfaces.test.ts',
  'test/stories/people/trust.test.ts',
  'test/stories/people/{planned,teams}.test.ts',
  'test/stories/rollback/cache-dies.test.ts',
  'test/stories/rollback/clean-up.test.ts',
  'test/stories/rollback/rollback-later.test.ts',
  'test/stories/shipping/hotfix.test.ts',
  'test/stories/shipping/lower-bump.test.ts',
  'test/stories/shipping/stages.test.ts',
];

/** What a run takes (`SLIPWAY_FILES`); whatever is `named` on the command line runs. */
export function filesOf(
  { SLIPWAY_WHOLE, SLIPWAY_FILES = SLIPWAY_WHOLE === '1' ? 'all' : 'short' }: NodeJS.ProcessEnv,
  named: readonly string[] = [],
): { readonly only: readonly string[] | null; readonly without: readonly string[] } {
  if (SLIPWAY_FILES === 'long') return { only: LONG_FILES, without: [] };
  const isNamed = named.some((one) => one.includes('test'));
  return { only: null, without: SLIPWAY_FILES === 'all' || isNamed ? [] : LONG_FILES };
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
