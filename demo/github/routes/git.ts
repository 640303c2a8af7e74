import { creationRuleAgainst, isForwardOnly, ruleAgainst, tagRuleAgainst } from '../branch-rules.ts';
import { leaveByPush } from '../merge-queue.ts';
import { type Call, created, GithubError, iso, ok, paged, type Routes, textOf } from '../model.ts';
import { personOf, type Signature, type StoredCommit, type StoredRef } from '../store.ts';
import type { TreeChange } from '../trees.ts';

const ROOT = '/repos/{owner}/{repo}/git';

/** The Git data API: objects, and the refs that point at them. */
export const gitRoutes: Routes = {
  [`GET ${ROOT}/matching-refs/{ref}`]: async (call) => {
    const { store } = await filled(call);
    return ok((await store.refs(call.params['ref'] ?? '')).map((ref) => refBody(call, ref)));
  },
  [`GET ${ROOT}/ref/{ref}`]: async (call) => {
    const { store } = await filled(call);
    const ref = await store.ref(call.params['ref'] ?? '');
    if (!ref) throw new GithubError(404, 'Not Found');
    return ok(refBody(call, ref));
  },
  [`POST ${ROOT}/refs`]: async (call) => {
    const { store } = await filled(call);
    const [name, sha] = [textOf(call.body['ref']), textOf(call.body['sha'])];
    if (!/^refs\/(heads|tags)\/./.test(name))
      throw new GithubError(422, 'Reference name must start with refs/ and have at least two slashes.');
    if ((await store.typeOf(sha)) === null) throw new GithubError(422, 'Object does not exist');
    if (await store.ref(name.slice('refs/'.length))) throw new GithubError(422, 'Reference already exists');
    const refused = name.startsWith('refs/tags/')
      ? tagRuleAgainst(call, name.slice('refs/tags/'.length), 'creation')
      : creationRuleAgainst(call, name.slice('refs/heads/'.length), sha);
    if (refused) throw new GithubError(422, refused);
    if (!(await store.moveRef(name, sha, null))) throw new GithubError(422, 'Reference already exists');
    const ref = await store.ref(name.slice('refs/'.length));
    return created(ref && refBody(call, ref));
  },
  [`PATCH ${ROOT}/refs/{ref}`]: async (call) => {
    const { store } = await filled(call);
    const name = call.params['ref'] ?? '';
    const sha = textOf(call.body['sha']);
    const before = await store.ref(name);
    if (!before) throw new GithubError(422, 'Reference does not exist');
    if ((await store.typeOf(sha)) === null) throw new GithubError(422, 'Object does not exist');
    const forced = call.body['force'] === true;
    if (!(await store.isAncestor(before.sha, sha))) {
      if (!forced) throw new GithubError(422, 'Update is not a fast forward');
      if (isForwardOnly(call, name.replace(/^heads\//, ''))) {
        throw new GithubError(422, 'Repository rule violations found\n\nCannot force-push to this branch\n');
      }
    }
    const refused = name.startsWith('heads/') ? ruleAgainst(call, name.slice('heads/'.length), sha) : null;
    if (refused) throw new GithubError(422, refused);
    if (!(await store.moveRef(`refs/${name}`, sha, before.sha)))
      throw new GithubError(422, 'Update is not a fast forward');
    leaveByPush(call.repository, name);
    for (const pull of call.repository.pulls) {
      if (name !== `heads/${pull.base}` || pull.state !== 'open') continue;
      const head = (await store.ref(`heads/${pull.head}`))?.sha;
      // Whoever pushes the head of a pull request into its base has merged it.
      if (head && (await store.isAncestor(head, sha)))
        Object.assign(pull, { state: 'closed', merged: true, mergeCommit: head, lastHead: head });
    }
    return ok(refBody(call, { ...before, sha }));
  },
  [`DELETE ${ROOT}/refs/{ref}`]: async (call) => {
    const { store } = await filled(call);
    const name = call.params['ref'] ?? '';
    const before = await store.ref(name);
    if (!before) throw new GithubError(422, 'Reference does not exist');
    const refused = name.startsWith('tags/')
      ? tagRuleAgainst(call, name.slice('tags/'.length), 'deletion')
      : null;
    if (refused) throw new GithubError(422, refused);
    if (call.repository.releases.some(({ tag, immutable }) => immutable && name === `tags/${tag}`)) {
      throw new GithubError(422, 'Cannot delete this tag: it is used by an immutable release');
    }
    await store.moveRef(`refs/${name}`, null, before.sha);
    // A release whose tag is gone becomes a draft.
    for (const release of call.repository.releases) if (name === `tags/${release.tag}`) release.draft = true;
    return { status: 204 };
  },
  [`POST ${ROOT}/blobs`]: async (call) => {
    const { store } = await filled(call);
    const content = textOf(call.body['content']);
    const bytes = call.body['encoding'] === 'base64' ? Buffer.from(content, 'base64') : Buffer.from(content);
    const sha = await store.write('blob', bytes);
    return created({ sha, url: `${urlOf(call)}/git/blobs/${sha}` });
  },
  [`GET ${ROOT}/blobs/{file_sha}`]: async (call) => {
    const { store } = await filled(call);
    const sha = call.params['file_sha'] ?? '';
    if ((await store.typeOf(sha)) !== 'blob') throw new GithubError(404, 'Not Found');
    const bytes = await store.blob(sha);
    const content = bytes.toString('base64').replaceAll(/.{60}/g, '$&\n');
    return ok({
      sha,
      content,
      encoding: 'base64',
      size: bytes.length,
      url: `${urlOf(call)}/git/blobs/${sha}`,
      node_id: sha,
    });
  },
  [`GET ${ROOT}/trees/{tree_sha}`]: async (call) => {
    const { store } = await filled(call);
    const tree = await store.resolve(call.params['tree_sha'] ?? '', 'tree');
    if (!tree) throw new GithubError(404, 'Not Found');
    const entries = await store.tree(tree, call.query['recursive'] !== undefined);
    return ok({
      sha: tree,
      url: `${urlOf(call)}/git/trees/${tree}`,
      tree: entries.map((entry) => ({ ...entry, url: `${urlOf(call)}/git/${entry.type}s/${entry.sha}` })),
      truncated: false,
    });
  },
  [`POST ${ROOT}/trees`]: async (call) => {
    const { store } = await filled(call);
    const base = textOf(call.body['base_tree']);
    const baseTree = base === '' ? null : await store.resolve(base, 'tree');
    if (base !== '' && !baseTree) throw new GithubError(422, 'base_tree is not a valid tree oid');
    const entries = call.body['tree'] as readonly Record<string, unknown>[];
    const changes: TreeChange[] = [];
    for (const { path, mode, sha, content } of entries) {
      const name = textOf(path);
      const parts = name.split('/');
      if (name === '' || parts.some((part) => ['', '.', '..', '.git'].includes(part))) {
        throw new GithubError(422, 'tree.path contains a malformed path component');
      }
      mayWrite(call, name);
      const blob = typeof content === 'string' ? await store.write('blob', content) : sha;
      changes.push({ path: name, mode: textOf(mode), sha: typeof blob === 'string' ? blob : null });
    }
    const tree = await store.writeTree(baseTree, changes);
    return created({ sha: tree, url: `${urlOf(call)}/git/trees/${tree}`, tree: [], truncated: false });
  },
  [`GET ${ROOT}/commits/{commit_sha}`]: async (call) => {
    const { store } = await filled(call);
    const sha = await store.resolve(call.params['commit_sha'] ?? '');
    if (!sha) throw new GithubError(404, 'Not Found');
    return ok(gitCommitBody(call, await store.commit(sha)));
  },
  [`POST ${ROOT}/commits`]: async (call) => {
    const { store } = await filled(call);
    const { message, tree, parents, author, committer } = call.body;
    if (!(await store.resolve(textOf(tree), 'tree'))) throw new GithubError(422, 'Tree SHA does not exist');
    const by = signatureOf(call, author);
    const sha = await store.writeCommit({
      tree: textOf(tree),
      parents: (parents as readonly string[] | undefined) ?? [],
      author: by,
      committer: committer === undefined ? by : signatureOf(call, committer),
      message: textOf(message),
    });
    if (call.caller.kind === 'token' && call.caller.isApp && author === undefined && committer === undefined)
      call.repository.signed.add(sha);
    return created(gitCommitBody(call, await store.commit(sha)));
  },
  [`POST ${ROOT}/tags`]: async (call) => {
    const { store } = await filled(call);
    const { tag, message, object, type, tagger } = call.body;
    if ((await store.typeOf(textOf(object))) !== type) throw new GithubError(422, 'Object does not exist');
    const by = signatureOf(call, tagger);
    const content = `object ${textOf(object)}\ntype ${textOf(type)}\ntag ${textOf(tag)}\ntagger ${personOf(by)}\n\n${textOf(message)}`;
    const sha = await store.write('tag', content);
    return created(await tagBody(call, sha));
  },
  [`GET ${ROOT}/tags/{tag_sha}`]: async (call) => {
    const { store } = await filled(call);
    const sha = call.params['tag_sha'] ?? '';
    if ((await store.typeOf(sha)) !== 'tag') throw new GithubError(404, 'Not Found');
    return ok(await tagBody(call, sha));
  },
  'GET /repos/{owner}/{repo}/tags': async (call) => {
    const { store } = call.repository;
    const refs = await store.refs('tags/');
    const tags = await Promise.all(
      refs.map(async ({ name }) => {
        const sha = (await store.resolve(name)) ?? '';
        const short = name.slice('refs/tags/'.length);
        return {
          name: short,
          commit: { sha, url: `${urlOf(call)}/commits/${sha}` },
          zipball_url: '',
          tarball_url: '',
          node_id: short,
        };
      }),
    );
    return paged(call, tags.filter(({ commit }) => commit.sha !== '').reverse());
  },
};

/** Workflow files take a permission of their own; only an app is told so. */
/** Workflow files take a permission of their own. */
export function mayWrite({ caller }: Call, path: string): void {
  if (!path.startsWith('.github/workflows/') || caller.kind !== 'token') return;
  if (caller.permissions['workflows'] === 'write' || caller.scopes?.includes('workflow')) return;
  throw caller.isApp
    ? new GithubError(403, 'Resource not accessible by integration')
    : new GithubError(404, 'Not Found');
}

/** Git endpoints of an empty repository answer with a conflict. */
async function filled(call: Call) {
  if (await call.repository.store.isEmpty()) throw new GithubError(409, 'Git Repository is empty.');
  return call.repository;
}

export function urlOf({ api, repository }: Call): string {
  return `${api}/repos/${repository.fullName}`;
}

function refBody(call: Call, { name, type, sha }: StoredRef) {
  const kind = type === 'tag' ? 'tags' : 'commits';
  return {
    ref: name,
    node_id: name,
    url: `${urlOf(call)}/git/${name}`,
    object: { type, sha, url: `${urlOf(call)}/git/${kind}/${sha}` },
  };
}

function gitCommitBody(call: Call, { sha, author, committer, message, tree, parents }: StoredCommit) {
  const url = urlOf(call);
  return {
    sha,
    node_id: sha,
    url: `${url}/git/commits/${sha}`,
    html_url: `${call.web}/${call.repository.fullName}/commit/${sha}`,
    author,
    committer,
    message,
    tree: { sha: tree, url: `${url}/git/trees/${tree}` },
    parents: parents.map((parent) => ({ sha: parent, url: `${url}/git/commits/${parent}`, html_url: '' })),
    verification: verificationOf(call, sha),
  };
}

/** GitHub itself signs what an app commits through the API without saying who commits. */
export function verificationOf({ repository }: Call, sha: string) {
  const verified = repository.signed.has(sha);
  return {
    verified,
    reason: verified ? 'valid' : 'unsigned',
    payload: null,
    signature: null,
    verified_at: null,
  };
}

async function tagBody(call: Call, sha: string) {
  const [head = '', ...message] = (await call.repository.store.object('tag', sha)).split('\n\n');
  const field = (name: string) => new RegExp(`^${name} (.*)$`, 'm').exec(head)?.[1] ?? '';
  const [, name = '', email = '', seconds = '0'] = /^(.*) <(.*)> (\d+)/.exec(field('tagger')) ?? [];
  const url = urlOf(call);
  return {
    sha,
    node_id: sha,
    tag: field('tag'),
    url: `${url}/git/tags/${sha}`,
    message: message.join('\n\n'),
    tagger: { name, email, date: iso(Number(seconds) * 1_000) },
    object: { sha: field('object'), type: field('type'), url: `${url}/git/commits/${field('object')}` },
  };
}

/** Whoever is not named is the caller. */
export function signatureOf({ caller, now }: Call, given: unknown): Signature {
  const { name, email, date } = (given ?? {}) as Partial<Signature>;
  const login = caller.kind === 'token' ? caller.login : 'app';
  return {
    name: name ?? login,
    email: email ?? `1+${login}@users.noreply.github.test`,
    date: date ?? iso(now),
  };
}

/** An account, as far as anybody reads it. */
export function userBody(web: string, login: string) {
  return {
    login,
    id: login.length,
    type: login.endsWith('[bot]') ? 'Bot' : 'User',
    html_url: `${web}/${login}`,
  };
}
