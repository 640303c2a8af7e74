import { type Call, GithubError, paged, type Routes } from '../model.ts';
import type { StoredCommit } from '../store.ts';
import { urlOf, userBody, verificationOf } from './git.ts';

const ROOT = '/repos/{owner}/{repo}';

/** Commits as lists and comparisons, and the archive of one. */
export const historyRoutes: Routes = {
  [`GET ${ROOT}/commits`]: async (call) => {
    const { store, defaultBranch } = call.repository;
    if (await store.isEmpty()) throw new GithubError(409, 'Git Repository is empty.');
    const name = call.query['sha'] ?? defaultBranch;
    const sha = await store.resolve(name);
    if (!sha)
      throw new GithubError(/^[0-9a-f]{40}$/.test(name) ? 422 : 404, `No commit found for SHA: ${name}`);
    const path = call.query['path'];
    const size = Math.min(100, Number(call.query['per_page'] ?? 30));
    const page = Number(call.query['page'] ?? 1);
    const commits = await store.log([
      `--max-count=${size + 1}`,
      `--skip=${(page - 1) * size}`,
      sha,
      '--',
      ...(path === undefined ? [] : [path]),
    ]);
    const link =
      commits.length > size ? { link: `<${urlOf(call)}/commits?page=${page + 1}>; rel="next"` } : {};
    return {
      status: 200,
      body: commits.slice(0, size).map((commit) => commitBody(call, commit)),
      headers: link,
    };
  },
  [`GET ${ROOT}/commits/{ref}`]: async (call) => {
    const { store } = call.repository;
    const sha = await store.resolve(call.params['ref'] ?? '');
    if (!sha) throw new GithubError(422, `No commit found for SHA: ${call.params['ref']}`);
    const { parents } = await store.commit(sha);
    const files = (await changedFiles(call, parents[0] ?? null, sha)).slice(0, 3_000);
    const body = commitBody(call, await store.commit(sha));
    return paged(call, files, (page) => ({ ...body, files: page }));
  },
  [`GET ${ROOT}/compare/{basehead}`]: async (call) => {
    const { store } = call.repository;
    const [from = '', to = ''] = (call.params['basehead'] ?? '').split('...');
    const [base, head] = await Promise.all([store.resolve(from), store.resolve(to)]);
    if (!base || !head) throw new GithubError(404, 'Not Found');
    const common = await store.mergeBase(base, head);
    if (!common) throw new GithubError(404, `No common ancestor between ${from} and ${to}.`);
    const [ahead, behind, all] = await Promise.all([
      store.count(`${base}..${head}`),
      store.count(`${head}..${base}`),
      store.log(['--reverse', `${base}..${head}`]),
    ]);
    const bodies = all.map((commit) => commitBody(call, commit));
    const status =
      ahead === 0 && behind === 0
        ? 'identical'
        : behind === 0
          ? 'ahead'
          : ahead === 0
            ? 'behind'
            : 'diverged';
    // All of them are on the first page, and no more than these.
    const isFirst = Number(call.query['page'] ?? 1) === 1;
    const files = isFirst ? (await changedFiles(call, common, head)).slice(0, 300) : [];
    return paged({ ...call, query: { per_page: '100', ...call.query } }, bodies, (commits) => ({
      url: `${urlOf(call)}/compare/${from}...${to}`,
      html_url: `${call.web}/${call.repository.fullName}/compare/${from}...${to}`,
      status,
      ahead_by: ahead,
      behind_by: behind,
      total_commits: ahead,
      commits,
      files,
    }));
  },
  [`GET ${ROOT}/tarball/{ref}`]: async (call) => {
    const { store, fullName } = call.repository;
    const sha = await store.resolve(call.params['ref'] ?? '');
    if (!sha) throw new GithubError(404, 'Not Found');
    return { status: 302, headers: { location: `${call.web}/_codeload/${fullName}/${sha}` } };
  },
};

/** Between two commits, with what moved as one file. */
async function changedFiles(call: Call, from: string | null, sha: string) {
  const { store } = call.repository;
  const trees = from === null ? ['--root', sha] : [from, sha];
  const { stdout } = await store.must([
    'diff-tree',
    '-r',
    '-z',
    '-M',
    '--name-status',
    '--no-commit-id',
    ...trees,
  ]);
  const fields = stdout.toString().split('\0');
  const files = [];
  for (let at = 0; (fields[at] ?? '') !== ''; ) {
    const letter = fields[at]?.[0] ?? '';
    const [previous, filename] =
      letter === 'R' ? [fields[at + 1], fields[at + 2]] : [undefined, fields[at + 1]];
    at += letter === 'R' ? 3 : 2;
    const url = `${urlOf(call)}/contents/${filename}?ref=${sha}`;
    files.push({
      sha,
      filename: filename ?? '',
      ...(previous === undefined ? {} : { previous_filename: previous }),
      status: { A: 'added', D: 'removed', R: 'renamed' }[letter] ?? 'modified',
      additions: 0,
      deletions: 0,
      changes: 0,
      blob_url: url,
      raw_url: url,
      contents_url: url,
    });
  }
  return files;
}

function accountBody(call: Call, email: string) {
  const login = call.repository.accounts.get(email);
  return login === undefined ? null : userBody(call.web, login);
}

export function commitBody(call: Call, { sha, author, committer, message, tree, parents }: StoredCommit) {
  const url = urlOf(call);
  return {
    sha,
    node_id: sha,
    url: `${url}/commits/${sha}`,
    html_url: `${call.web}/${call.repository.fullName}/commit/${sha}`,
    commit: {
      author,
      committer,
      message,
      tree: { sha: tree, url: `${url}/git/trees/${tree}` },
      url: `${url}/git/commits/${sha}`,
      comment_count: 0,
      verification: verificationOf(call, sha),
    },
    author: accountBody(call, author.email),
    committer: accountBody(call, committer.email),
    parents: parents.map((parent) => ({ sha: parent, url: `${url}/commits/${parent}`, html_url: '' })),
  };
}
