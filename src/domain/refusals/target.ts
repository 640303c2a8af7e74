import type { Given, RefusalCatalogue } from './sentence.ts';

export const targetRefusals = {
  'target-misconfigured': ({ target, reason }: Given<'target' | 'reason'>) => ({
    text: `The deploy target (${target}) cannot be used: ${reason}.`,
    hint: 'Correct `target` in the config, or install what it needs, then re-check.',
  }),
  'stages-not-possible': ({ service, target }: Given<'service' | 'target'>) => ({
    text: `${service} has stages, but its target (${target}) cannot send only a part of the requests to a release.`,
    hint: 'Use `cloud-run`, `argo-rollouts`, `aws-ecs` with `canary` (where ECS deploys, as CodeDeploy waits for nobody), a command with {percent} among its arguments, or a webhook with `percent: true`; or leave `stages` out.',
  }),
  'share-not-possible': ({ service, target, share }: Given<'service' | 'target' | 'share'>) => ({
    text: `${service} has a stage of ${share} %, and its target (${target}) splits requests by whole percents only.`,
    hint: 'Give `stages` whole percents.',
  }),
  'share-changed': ({ service, expected, found }: Given<'service' | 'expected' | 'found'>) => ({
    text: `Somebody else has changed the share of the requests that ${service} gets: it is ${found} instead of ${expected}, and stays so.`,
    hint: 'Set the weights as they were and try again, or roll back, which gives it none.',
  }),
  'already-live': ({ target }: Given<'target'>) => ({
    text: `What was deployed to ${target} is live by now, and was left.`,
    hint: 'To undo it, press Roll back.',
  }),
  'production-ahead': ({ target, branch, live }: Given<'target' | 'branch' | 'live'>) => ({
    text: `Production (${target}) holds ${String(live).slice(0, 8)}, which ${branch} does not contain: shipping would undo it.`,
    hint: `Find out who deployed it and why. Merge it into ${branch} and validate that on staging, or set production right by hand; then re-check.`,
  }),
  'target-check-failed': ({ target, reason }: Given<'target' | 'reason'>) => ({
    text: `The check of the deploy target (${target}) failed: ${reason}.`,
    hint: 'Run the check command by hand on the machine of the bot to see all of its output, then re-check.',
  }),
  'target-live-not-understood': ({ target, said }: Given<'target' | 'said'>) => ({
    text: `What is live on ${target} is unknown: the live command said "${said}".`,
    hint: 'It must print a full commit id, a version such as 1.2.0, or JSON with `commit` and `version`. Where somebody deployed by hand, deploy a release there first, then press Re-check.',
  }),
} satisfies RefusalCatalogue;
