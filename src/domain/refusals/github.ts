import type { RefusalCatalogue } from './catalogue.ts';

/** GitHub: signing in, permissions, and what it does not let happen. */
export const githubRefusals = {
  'github-key': ({ name }) => ({
    text: `${name ?? 'The environment variable'} does not hold the private key of a GitHub App (PEM, from BEGIN to END).`,
    hint: 'Set it to the whole content of the .pem file; line ends may be written as \\n.',
  }),
  'github-credentials': ({ repository, login, reason }) => ({
    text: `GitHub did not accept the ${login === 'app' ? 'GitHub App' : 'token'} of Slipway${repository ? ` for ${repository}` : ''}${reason ? ` (${reason})` : ''}.`,
    hint:
      login === 'app'
        ? 'Check app id, installation id and private key in the config, and that the app is still installed and not suspended.'
        : 'The token may have expired or been revoked: make a new one and set it in the environment of Slipway.',
  }),
  'github-permission': ({ repository, login, permission, reason }) => ({
    text: `The ${login === 'app' ? 'GitHub App' : 'token'} of Slipway lacks a permission${permission ? `: ${permission}` : ''}${repository ? ` on ${repository}` : ''}${reason ? ` (GitHub says: ${reason})` : ''}.`,
    hint:
      login === 'app'
        ? 'Add it under Permissions of the app, then accept the change where the app is installed.'
        : 'Add it to the fine-grained token (Settings → Developer settings → Fine-grained tokens), for this repository.',
  }),
  'github-not-found': ({ repository, what }) => ({
    text: `GitHub does not find what Slipway asked for${what ? ` (${what})` : ''}${repository ? ` in ${repository}` : ''}, or the token may not see it.`,
    hint: 'Check the name of the repository in the config, and that the token or app was given access to it.',
  }),
  'target-starts-by-itself': ({ target, reason }) => ({
    text: `The deploy target${target ? ` (${target})` : ''} would deploy twice: ${reason ?? 'the release itself starts it'}, and Slipway starts it as well.`,
    hint: 'Leave only `workflow_dispatch` among the triggers of the workflow. If it guards itself against that, set `other-triggers: allow`.',
  }),
  'release-checks-failed': ({ number, url, checks }) => ({
    text: `The release pull request ${number ? `#${number} ` : ''}cannot be merged: ${checks ? `${typeof checks === 'object' ? checks.join(', ') : checks} failed` : 'its checks failed'}${url ? ` (${url})` : ''}. Nothing was tagged or deployed.`,
    hint: 'Run the checks again or close the pull request, then re-check.',
  }),
  'release-pull-request-closed': ({ number, url }) => ({
    text: `Somebody closed the release pull request${number ? ` #${number}` : ''} without merging it${url ? ` (${url})` : ''}. Nothing was tagged or deployed.`,
    hint: 'Ask why. Re-check opens a new one once people have approved again.',
  }),
  'release-overtaken': ({ number, url, branch, tag }) => ({
    text: `Another change got into ${branch ?? 'the branch'} while the release pull request${number ? ` #${number}` : ''} was merged${url ? ` (${url})` : ''}, so the branch now holds something that nobody approved as ${tag ?? 'this release'}. Nothing was tagged or deployed.`,
    hint: 'Revert the merge of that pull request on the branch, then re-check. “Require branches to be up to date” on the branch keeps this from happening.',
  }),
  'github-refused': ({ repository, what, reason }) => ({
    text: `GitHub refused a request${repository ? ` to ${repository}` : ''}${what ? ` (${what})` : ''}${reason ? `: ${reason}` : ''}.`,
    hint: 'Mend what it names, then try again.',
  }),
} satisfies RefusalCatalogue;
