import type { Given, Maybe, RefusalCatalogue } from './sentence.ts';

/** The git repository, its host, and the target that is a branch of it. */
export const gitRefusals = {
  'git-missing': ({ found }: Maybe<'found'>) => ({
    text: found
      ? `The git program is version ${found}; Slipway needs 2.32 or newer.`
      : 'The git program was not found on the machine that runs Slipway.',
    hint: 'Install git (for example: apt-get install git) and start Slipway again.',
  }),
  'repository-unreachable': ({ remote, reason }: Maybe<'remote' | 'reason'>) => ({
    text: `There is no repository to be read at ${remote ?? 'the configured remote'}${reason ? ` (${reason})` : ''}.`,
    hint: 'Check the address of the repository in the config, and that the account of Slipway may see it.',
  }),
  'repository-auth': ({ remote, reason }: Maybe<'remote' | 'reason'>) => ({
    text: `${remote ?? 'The git host'} did not accept the credentials of Slipway${reason ? ` (${reason})` : ''}.`,
    hint: 'Check that the token or key is set, has not expired, and may read and write this repository.',
  }),
  'repository-host-key': ({ remote, isOther }: Given<'remote', 'isOther'>) => ({
    text: isOther
      ? `The server of ${remote} has another host key than the one that this machine knows. It was replaced, or somebody else answers.`
      : `This machine does not know the host key of ${remote}, so nobody can tell who answers.`,
    hint: isOther
      ? 'Ask those who run the server whether the key was replaced. Then take the old one out of ~/.ssh/known_hosts and put the new one in.'
      : 'Put the key that the host publishes into ~/.ssh/known_hosts of the account that runs Slipway (ssh-keyscan prints what the server says it is).',
  }),
  'repository-no-git': ({ remote, type }: Given<'remote' | 'type'>) => ({
    text: `${remote} answers, but not as a git repository: with ${type}. It may be the page of a sign-in or of a proxy.`,
    hint: 'Check the address of the repository in the config, and that it can be cloned from this machine with the token of Slipway.',
  }),
  'repository-shallow': ({ remote }: Given<'remote'>) => ({
    text: `The repository ${remote} is shallow: part of its history is missing. Slipway needs the whole history to tell what a release contains.`,
    hint: 'Name the repository that it was cloned from, or complete it there with git fetch --unshallow.',
  }),
  'repository-damaged': ({ remote, reason }: Given<'remote', 'reason'>) => ({
    text: `The repository ${remote} has lost objects${reason ? ` (${reason})` : ''}.`,
    hint: 'Have those who run the host look at it with git fsck. Nothing can be released from it before.',
  }),
  'repository-runaway': ({ remote, reason }: Given<'remote' | 'reason'>) => ({
    text: `Reading ${remote} was stopped: ${reason}. That happens when the host does not send what it promised: it is shallow, or has lost objects.`,
    hint: 'Have those who run the host look at it with git fsck, and check that it is no shallow clone.',
  }),
  'repository-redirects': ({ remote, to }: Given<'remote', 'to'>) => ({
    text: `${remote} sends Slipway on to ${to ?? 'another address'}. Slipway does not follow, because its credentials are for the address in the config alone.`,
    hint: to
      ? `If you know and trust it, make ${to} the address of the repository in the config.`
      : 'Look up the new address of the repository with its host, and put that into the config.',
  }),
  'repository-plain': ({ remote }: Given<'remote'>) => ({
    text: `${remote} is not encrypted: others on the way could read the credentials of Slipway and change what it ships.`,
    hint: 'Use the https or ssh address of the repository. Only this machine itself may be spoken to without encryption.',
  }),
  'repository-empty': ({ remote }: Maybe<'remote'>) => ({
    text: `The repository ${remote ? `${remote} ` : ''}has no commits yet, so there is nothing to ship.`,
    hint: 'Push the first commit to the release branch.',
  }),
  'branch-missing': ({ branch, remote }: Maybe<'branch' | 'remote'>) => ({
    text: `The branch ${branch ?? 'of the config'} does not exist${remote ? ` in ${remote}` : ''}.`,
    hint: 'Push the branch, or correct its name in the config.',
  }),
  'branch-moved': ({ branch, expected, found }: Maybe<'branch' | 'expected' | 'found'>) => ({
    text: `${branch ?? 'The branch'} has moved${expected ? ` from ${short(expected)}` : ''}${found ? ` to ${short(found)}` : ''} since this release was planned. Nothing was pushed.`,
    hint: 'Re-check: the plan is made again on the new commit, and people approve that.',
  }),
  'branch-diverged': ({ branch }: Maybe<'branch' | 'found'>) => ({
    text: `The history of ${branch ?? 'the branch'} was rewritten on the remote and no longer contains the commit that this is about. Nothing was pushed.`,
    hint: 'Find out who rewrote it and why; then start again from what is there now.',
  }),
  'not-writable': ({ branch, remote, reason, rule }: Maybe<'branch' | 'remote' | 'reason' | 'rule'>) => ({
    text: `A push to ${branch ?? 'the branch'}${remote ? ` of ${remote}` : ''} is refused${reason ? `: ${reason}` : ''}. Nothing was pushed.`,
    hint:
      RULES[String(rule)] ??
      'Give the account of Slipway the right to push, or an exception in the protection of the branch.',
  }),
  'tag-refused': ({
    tag,
    remote,
    reason,
    commit,
    branch,
    rule,
  }: Given<'tag', 'remote' | 'reason' | 'commit' | 'branch' | 'rule'>) => ({
    text: `The tag ${tag}${remote ? ` is refused by ${remote}` : ' is refused'}${reason ? `: ${unstopped(reason)}` : ''}. ${
      commit
        ? `The release commit ${short(commit)} is on ${branch ?? 'the branch'} already; only its tag is missing, and nothing was deployed.`
        : 'Nothing was pushed.'
    }`,
    hint: commit
      ? 'Let the account of Slipway make such tags, then retry: the same release is finished. Cancelled, the next promotion finishes what is on the branch.'
      : (RULES[String(rule)] ??
        'Let the account of Slipway make such tags (an exception in the rule or the hook), or choose tags that it takes with `version.tag-prefix`.'),
  }),
  'tag-not-deleted': ({ tag, remote, reason }: Given<'tag', 'remote' | 'reason'>) => ({
    text: `The tag ${tag}${remote ? ` of ${remote}` : ''} cannot be deleted${reason ? `: ${unstopped(reason)}` : ''}. It stays.`,
    hint: 'Delete it by hand, or let the account of Slipway do that.',
  }),
  'signing-key': ({ key, reason }: Given<'key' | 'reason'>) => ({
    text: `Slipway cannot sign with the key of ${key}: ${unstopped(reason)}. Nothing was changed.`,
    hint: 'Name a private key without a passphrase under repository.signing, and let the host know its public half.',
  }),
  'signing-program-missing': ({ program }: Given<'program'>) => ({
    text: `Commits and tags are to be signed, but the program ${program} was not found on the machine that runs Slipway.`,
    hint: `Install it (for example: apt-get install ${program === 'gpg' ? 'gnupg' : 'openssh-client'}) and start Slipway again.`,
  }),
  'link-not-followed': ({ path, link, to, reason }: Given<'path' | 'link' | 'to' | 'reason'>) => ({
    text: `${path === link ? path : `${path} lies behind ${link}, which`} is a symbolic link to ${to}, ${LINKS[String(reason)] ?? 'which cannot be followed'}. Nothing was changed.`,
    hint: `Put the file in place of the link on the release branch, or let the link lead to a file of this repository.`,
  }),
  'not-a-file': ({ path, what, at }: Given<'path' | 'what' | 'at'>) => ({
    text:
      what === 'submodule'
        ? `${path === at ? `${path} is a submodule` : `${path} lies in the submodule ${at}`}: another repository, which Slipway does not change. Nothing was changed.`
        : `${path === at ? path : `${path} cannot be a file: ${at}`} is ${what === 'link' ? 'a symbolic link' : `a ${what}`}. Nothing was changed.`,
    hint: 'Name a file of this repository in the config, or set it right on the release branch.',
  }),
  'commit-unknown': ({ commit }: Maybe<'commit'>) => ({
    text: `The commit ${commit ? short(commit) : ''} is not in the repository any more.`,
    hint: 'It may have been removed by rewriting history. Start again from what is there now.',
  }),
  'target-diverged': ({ target, expected, found }: Maybe<'target' | 'expected' | 'found'>) => ({
    text: `${target ?? 'Production'} is not where it was${expected ? `: expected ${short(expected)}` : ''}${found ? `, found ${short(found)}` : ''}. Somebody else has deployed; nothing was pushed over it.`,
    hint: 'Find out what was deployed. Then merge it into the release branch, or set the production branch right by hand.',
  }),
  'release-not-deployable': ({ tag, reason }: Maybe<'tag' | 'reason'>) => ({
    text: `${tag ?? 'This release'} cannot be deployed${reason ? `: ${reason}` : ''}.`,
    hint: 'Choose another release, or bring its commit and tag back to the remote.',
  }),
} satisfies RefusalCatalogue;

/** What to do about the rule that a host named. */
const RULES: Readonly<Record<string, string>> = {
  signature:
    'The host wants signatures. Let Slipway sign: set `repository.signing` and tell the host the public half of the key for the address of `committer` (on GitHub: use a GitHub App without `committer`). Or make an exception for the account of Slipway.',
  'sign-off':
    'The host wants a line Signed-off-by in each message, which stands for a person and Slipway does not write. Make an exception for the account of Slipway; GitLab has none for accounts: turn off “Reject commits that aren’t DCO certified” in the push rules of this project.',
  message:
    'The host has a rule for messages. Those of Slipway begin with “chore(release): v1.2.3” and “docs(ship): …”: let the rule take them, or make an exception for the account of Slipway.',
  identity:
    'The host has a rule for who commits. Set `repository.committer` to a name and an address that it takes, or make an exception for the account of Slipway.',
  'pull-request':
    'The host takes changes of this branch only through pull requests. Give the account of Slipway an exception; on GitHub, `use: github` releases by pull request.',
};

const LINKS: Readonly<Record<string, string>> = {
  outside: 'which is outside of the repository',
  circle: 'and the links lead in a circle',
  nowhere: 'which is not there',
  'no-file': 'which is no file',
};

/** A sentence of somebody else, without its full stop. */
function unstopped(value: string | number | boolean | readonly string[]): string {
  return String(value).trim().replace(/\.$/, '');
}

function short(value: string | number | readonly string[]): string {
  const text = String(value);
  return /^[0-9a-f]{40,64}$/.test(text) ? text.slice(0, 8) : text;
}
