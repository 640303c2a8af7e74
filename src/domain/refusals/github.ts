import type { Maybe, RefusalCatalogue } from './sentence.ts';

/** GitHub: signing in, permissions, and what it does not let happen. */
export const githubRefusals = {
  'github-key': ({ name }: Maybe<'name'>) => ({
    text: `${name ?? 'The environment variable'} does not hold the private key of a GitHub App (PEM, from BEGIN to END).`,
    hint: 'Set it to the whole content of the .pem file; line ends may be written as \\n.',
  }),
  'github-credentials': ({ repository, login, reason }: Maybe<'login' | 'repository' | 'reason'>) => ({
    text: `GitHub did not accept the ${login === 'app' ? 'GitHub App' : 'token'} of Slipway${repository ? ` for ${repository}` : ''}${reason ? ` (${reason})` : ''}.`,
    hint:
      login === 'app'
        ? 'Check app id and private key in the config, and the clock of this machine: GitHub takes what is signed by a clock that is at most a minute off.'
        : 'The token may have expired or been revoked: make a new one and set it in the environment of Slipway.',
  }),
  'github-app-not-installed': ({
    repository,
    installation,
    found,
  }: Maybe<'found' | 'repository' | 'installation'>) => ({
    text: found
      ? `The GitHub App of Slipway is installed on ${repository ?? 'the repository'} as installation ${found}, and the config names ${installation ?? 'another one'}.`
      : installation
        ? `The GitHub App of Slipway has no installation ${installation}${repository ? `, which the config names for ${repository}` : ''}: it was uninstalled, or the number belongs to another app.`
        : `The GitHub App of Slipway is not installed on ${repository ?? 'the repository'}.`,
    hint: found
      ? `Set app.installation to ${found}.`
      : 'Install it there, or add the repository to it (Settings → GitHub Apps → Configure → Repository access). The number at the end of that page’s address is app.installation.',
  }),
  'github-app-suspended': ({ repository }: Maybe<'repository'>) => ({
    text: `The installation of the GitHub App of Slipway${repository ? ` for ${repository}` : ''} is suspended: GitHub answers nothing that it asks.`,
    hint: 'An owner can lift that: Settings → GitHub Apps → Configure → Unsuspend.',
  }),
  'github-permission': ({
    repository,
    login,
    permission,
    reason,
  }: Maybe<'login' | 'repository' | 'permission' | 'what' | 'reason'>) => ({
    text: `The ${login === 'app' ? 'GitHub App' : 'token'} of Slipway lacks a permission${permission ? `: ${permission}` : ''}${repository ? ` on ${repository}` : ''}${reason ? ` (GitHub says: ${reason})` : ''}.`,
    hint: permissionHint(login, String(permission ?? '')),
  }),
  'github-not-found': ({ repository, what }: Maybe<'repository' | 'what'>) => ({
    text: `GitHub does not find what Slipway asked for${what ? ` (${what})` : ''}${repository ? ` in ${repository}` : ''}, or the token may not see it.`,
    hint: 'Check the name of the repository in the config, and that the token or app was given access to it.',
  }),
  'target-starts-by-itself': ({ target, reason, order }: Maybe<'target' | 'reason' | 'order'>) => ({
    text: `The deploy target${target ? ` (${target})` : ''} would deploy twice: ${reason ?? 'the release itself starts it'}, and Slipway starts it as well.`,
    hint: order
      ? `Let that job run only where Slipway starts it, by \`rules: [{ if: $${order} }]\`. If it guards itself against that, set \`other-triggers: allow\`.`
      : 'Leave only `workflow_dispatch` among the triggers of the workflow. If it guards itself against that, set `other-triggers: allow`.',
  }),
  'target-deployed-by-another': ({ target, other, reason }: Maybe<'target' | 'other' | 'reason'>) => ({
    text: `Production would be deployed twice: ${other ? `the workflow ${other}` : 'another workflow'} deploys there as well${reason ? `, and ${reason}` : ''}${target ? `, while Slipway starts the ${target}` : ''}.`,
    hint: 'Let that workflow start by hand only, or take the deployment out of it. If it guards itself against that, set `other-triggers: allow`.',
  }),
  'release-checks-failed': ({ host, number, url, checks }: Maybe<'host' | 'number' | 'url' | 'checks'>) => ({
    text: `The release ${requestOn(host, number)} cannot be merged: ${checks ? `${typeof checks === 'object' ? checks.join(', ') : checks} failed` : 'its checks failed'}${url ? ` (${url})` : ''}. Nothing was tagged or deployed.`,
    hint: `Run the checks again or close the ${requestOn(host)}, then re-check.`,
  }),
  'release-pull-request-closed': ({ host, number, url }: Maybe<'host' | 'number' | 'url'>) => ({
    text: `Somebody closed the release ${requestOn(host, number)} without merging it${url ? ` (${url})` : ''}. Nothing was tagged or deployed.`,
    hint: 'Ask why. Re-check opens a new one once people have approved again.',
  }),
  'release-queue-removed': ({ host, number, url, reason }: Maybe<'host' | 'number' | 'url' | 'reason'>) => ({
    text: `${host ?? 'GitHub'} took the release ${requestOn(host, number)} out of the ${queueOn(host)}${reason ? `: ${reason}` : ''}${url ? ` (${url})` : ''}. Slipway closed it. Nothing was tagged or deployed.`,
    hint: `Look at the checks of the ${queueOn(host)}. Re-check opens a new one once people have approved again.`,
  }),
  'release-overtaken': ({
    host,
    number,
    url,
    branch,
    tag,
  }: Maybe<'host' | 'number' | 'url' | 'branch' | 'tag'>) => ({
    text: `Another change got into ${branch ?? 'the branch'} while the release ${requestOn(host, number)} was merged${url ? ` (${url})` : ''}, so the branch now holds something that nobody approved as ${tag ?? 'this release'}. Nothing was tagged or deployed.`,
    hint:
      host === 'GitLab'
        ? 'Revert the merge of that merge request on the branch, then re-check. A project that merges fast-forward or semi-linear keeps this from happening.'
        : 'Revert the merge of that pull request on the branch, then re-check. “Require branches to be up to date” on the branch keeps this from happening.',
  }),
  'github-refused': ({ repository, what, reason }: Maybe<'repository' | 'what' | 'reason'>) => ({
    text: `GitHub refused a request${repository ? ` to ${repository}` : ''}${what ? ` (${what})` : ''}${reason ? `: ${reason}` : ''}.`,
    hint: 'Mend what it names, then try again.',
  }),
} satisfies RefusalCatalogue;

/** How people call a request there: "pull request #12", "merge request !12". */
function requestOn(host: unknown, number?: unknown): string {
  const [noun, sign] = host === 'GitLab' ? ['merge request', '!'] : ['pull request', '#'];
  return number ? `${noun} ${sign}${number}` : noun;
}

function queueOn(host: unknown): string {
  return host === 'GitLab' ? 'merge train' : 'merge queue';
}

/** Where a permission is given. */
function permissionHint(login: unknown, permission: string): string {
  if (login === 'app') {
    return 'Add it under Permissions of the app, then accept the change where the app is installed.';
  }
  if (permission.startsWith('the scope')) {
    return 'Give the classic token that scope, or better: use a GitHub App or a fine-grained token.';
  }
  return permission.startsWith('checks')
    ? 'GitHub gives fine-grained tokens no such permission on private repositories. Use a GitHub App, or name the checks that must pass as `repository.ci`: those of GitHub Actions can be read with actions: read.'
    : 'Add it to the fine-grained token (Settings → Developer settings → Fine-grained tokens), for this repository.';
}
