import type { Given, RefusalCatalogue, RefusalFacts } from './sentence.ts';

type Fact = RefusalFacts[string] | undefined;

/** Deploy targets: those that are reached over an API (Vercel, Netlify, Heroku, receivers of the webhook), then all. */
export const platformRefusals = {
  'platform-unauthorised': ({
    platform,
    proof,
    token,
    said,
  }: Given<'platform', 'proof' | 'said' | 'token'>) =>
    proof === 'signature'
      ? {
          text: `${platform} does not accept the signature of Slipway${quote(said)}.`,
          hint: `Both sides must hold the same secret, here in ${token ?? 'its environment variable'}, and their clocks must agree to within five minutes; then re-check.`,
        }
      : {
          text: `${platform} does not accept the token of Slipway${quote(said)}: it is wrong, has expired, or was revoked.`,
          hint: `Make a new token there, put it into ${token ?? 'its environment variable'}, start Slipway again and re-check.`,
        },
  'platform-forbidden': ({
    platform,
    doing,
    needs,
    token,
    said,
  }: Given<'platform' | 'doing' | 'needs', 'said' | 'token'>) => ({
    text: `${platform} does not let Slipway ${doing}${quote(said)}.`,
    hint: `The token in ${token ?? 'its environment variable'} needs ${needs}. Give that to it, or to the account it belongs to, then re-check.`,
  }),
  'platform-not-found': ({ platform, what, needs, said }: Given<'platform' | 'what' | 'needs', 'said'>) => ({
    text: `${platform} knows nothing of ${what}, or does not show it to this token${quote(said)}.`,
    hint: `Check its name in the config, and that the token has ${needs}; then re-check.`,
  }),
  'platform-refused': ({
    platform,
    doing,
    status,
    said,
  }: Given<'platform' | 'doing', 'said' | 'status'>) => ({
    text: `${platform} refused to ${doing}${status ? ` (${status})` : ''}${quote(said)}.`,
    hint: 'Mend what it names, or look at its own page; then re-check or retry.',
  }),
  'build-missing': ({ platform, commit, reason }: Given<'platform' | 'commit' | 'reason'>) => ({
    text: `${platform} has no build of ${short(commit)} that could be promoted: ${reason}.`,
    hint: 'Deploy that commit to staging again, and validate it there; then re-check.',
  }),
  'build-not-for-production': ({ platform, commit, found }: Given<'platform' | 'commit' | 'found'>) => ({
    text: `${platform} built ${short(commit)} only as ${found}: to promote that it would have to be built anew, with other settings than those that were validated.`,
    hint: 'Have staging validate builds made for production, or set `target.deploy: build` where the target has that; then re-check.',
  }),
  'deploys-by-itself': ({ platform, what, remedy }: Given<'platform' | 'what' | 'remedy'>) => ({
    text: `${platform} puts every push to ${what} into production by itself: the release would be live before people and checks have had their say.`,
    hint: `${remedy}; then re-check.`,
  }),
  'google-credentials': ({ reason }: Given<'reason'>) => ({
    text: `There are no credentials for Google Cloud: ${reason}.`,
    hint: 'Give the machine or pod a service account, or name a key by `key` or GOOGLE_APPLICATION_CREDENTIALS; see that its clock is right and that the key was not deleted; then re-check.',
  }),
  'live-unnamed': ({ platform, deployment }: Given<'platform' | 'deployment'>) => ({
    text: `${platform} serves ${deployment}, which was deployed without saying from which commit. So there is no release to compare with or to return to.`,
    hint: 'Deploy once from git, by hand, so that the platform knows the commit of what it serves; then re-check.',
  }),
  'webhook-not-understood': ({ receiver, reason }: Given<'receiver' | 'reason'>) => ({
    text: `The answer of ${receiver} was not understood: ${reason}.`,
    hint: 'docs/webhook-target.md says what a receiver answers. Whether it deployed something is not known: look there first.',
  }),
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

/** What the platform said, in brackets. */
function quote(said: Fact): string {
  return said === undefined || said === '' ? '' : ` (“${said}”)`;
}

function short(commit: Fact): string {
  return String(commit ?? 'the commit').slice(0, 8);
}
