import { isGreen, isOf } from '../branch-rules.ts';
import { hasQueue } from '../merge-queue.ts';
import {
  type Call,
  created,
  GithubError,
  iso,
  ok,
  type Pull,
  type Push,
  paged,
  type Routes,
  textOf,
} from '../model.ts';
import { signatureOf, urlOf, userBody } from './git.ts';

const ROOT = '/repos/{owner}/{repo}/pulls';

const METHODS = { merge: 'Merge commits', squash: 'Squash merges', rebase: 'Rebase merges' };

export const pullRoutes: Routes = {
  [`GET ${ROOT}`]: async (call) => {
    const { state = 'open', head, base } = call.query;
    const [owner = ''] = call.repository.fullName.split('/');
    const found = call.repository.pulls.filter(
      (pull) =>
        (state === 'all' || pull.state === state) &&
        (head === undefined || head === `${owner}:${pull.head}`) &&
        (base === undefined || pull.base === base),
    );
    const bodies = [];
    for (const pull of found.reverse()) bodies.push(await pullBody(call, pull, false));
    return paged(call, bodies);
  },
  [`POST ${ROOT}`]: async (call) => {
    const { store, pulls } = call.repository;
    const [head, base] = [textOf(call.body['head']), textOf(call.body['base'])];
    const tip = await store.ref(`heads/${head}`);
    const target = await store.ref(`heads/${base}`);
    const invalid = (message: string) =>
      new GithubError(422, 'Validation Failed', [{ resource: 'PullRequest', code: 'custom', message }]);
    if (!tip || !target) throw invalid(`No ref ${tip ? base : head}`);
    if ((await store.count(`${target.sha}..${tip.sha}`)) === 0)
      throw invalid(`No commits between ${base} and ${head}`);
    if (pulls.some((pull) => pull.state === 'open' && pull.head === head && pull.base === base)) {
      throw invalid(`A pull request already exists for ${call.repository.fullName.split('/')[0]}:${head}.`);
    }
    const pull: Pull = {
      number: pulls.length + 1,
      title: textOf(call.body['title']),
      body: textOf(call.body['body']),
      head,
      base,
      state: 'open',
      merged: false,
      mergeCommit: null,
      lastHead: tip.sha,
      createdAt: call.now,
    };
    pulls.push(pull);
    call.repository.onPullHead(tip.sha);
    return created(await pullBody(call, pull, true));
  },
  ['GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls']: async (call) => {
    const { store, pulls } = call.repository;
    const commit = call.params['commit_sha'] ?? '';
    const bodies = [];
    for (const pull of pulls) {
      const merge = pull.mergeCommit;
      const brought = merge === null ? [] : (await store.log([`${merge}^1..${merge}`])).map(({ sha }) => sha);
      if (brought.includes(commit)) bodies.push(await pullBody(call, pull, false));
    }
    return paged(call, bodies);
  },
  'GET /repos/{owner}/{repo}/activity': async (call) => {
    const { ref, per_page = '30' } = call.query;
    const { pulls, pushes, activityReach } = call.repository;
    const made = pulls.map(({ head: branch, createdAt: at, by }): Push => {
      return { branch, type: 'branch_creation', at, ...(by === undefined ? {} : { by }) };
    });
    // By a cursor in the Link header, as GitHub does; nobody here reads on.
    const shown = [...made, ...pushes]
      .sort((a, b) => b.at - a.at)
      .slice(0, ref === undefined ? activityReach : undefined)
      .filter(({ branch }) => ref === undefined || ref === `refs/heads/${branch}` || ref === branch)
      .slice(0, Number(per_page));
    return ok(shown.map((push, index) => activityBody(call, push, index)));
  },
  [`GET ${ROOT}/{pull_number}`]: async (call) => ok(await pullBody(call, pullOf(call), true)),
  [`PATCH ${ROOT}/{pull_number}`]: async (call) => {
    const pull = pullOf(call);
    if (call.body['state'] === 'closed') {
      pull.state = 'closed';
      const at = call.repository.mergeQueue.findIndex((one) => one.pull === pull);
      if (at >= 0) call.repository.mergeQueue.splice(at, 1);
    }
    if (typeof call.body['title'] === 'string') pull.title = call.body['title'];
    if (typeof call.body['body'] === 'string') pull.body = call.body['body'];
    return ok(await pullBody(call, pull, true));
  },
  [`PUT ${ROOT}/{pull_number}/merge`]: async (call) => {
    const pull = pullOf(call);
    const { store, rules } = call.repository;
    if (pull.state === 'closed') throw new GithubError(405, 'Pull Request is not mergeable');
    if (hasQueue(call.repository, pull)) {
      throw new GithubError(405, 'Changes must be made through the merge queue');
    }
    const head = (await store.ref(`heads/${pull.head}`))?.sha ?? '';
    const base = (await store.ref(`heads/${pull.base}`))?.sha ?? '';
    if (call.body['sha'] !== undefined && call.body['sha'] !== head) {
      throw new GithubError(409, 'Head branch was modified. Review and try the merge again.');
    }
    const missing = requiredOf(call, pull.base).filter((name) => !isGreen(call.repository, head, name));
    if (missing.length > 0) throw new GithubError(405, `Required status check "${missing[0]}" is expected.`);
    const method = (textOf(call.body['merge_method']) || 'merge') as keyof typeof METHODS;
    if (!call.repository.mergeMethods.has(method)) {
      throw new GithubError(405, `${METHODS[method]} are not allowed on this repository.`);
    }
    if (
      method === 'merge' &&
      rules.some((rule) => isOf(rule, pull.base) && rule.type === 'required_linear_history')
    ) {
      throw new GithubError(405, 'Merge commits are not allowed on this repository.');
    }
    const tree = await store.mergeTree(base, head);
    if (!tree) throw new GithubError(405, 'Pull Request has merge conflicts');
    const title = textOf(call.body['commit_title']) || `Merge pull request #${pull.number} from ${pull.head}`;
    const message = textOf(call.body['commit_message']);
    const by = signatureOf(call, undefined);
    const sha = await store.writeCommit({
      tree,
      parents: method === 'merge' ? [base, head] : [base],
      author: by,
      committer: by,
      message: message === '' ? title : `${title}\n\n${message}`,
    });
    if (!(await store.moveRef(`refs/heads/${pull.base}`, sha, base))) {
      throw new GithubError(409, 'Base branch was modified. Review and try the merge again.');
    }
    Object.assign(pull, { state: 'closed', merged: true, mergeCommit: sha, lastHead: head });
    return ok({ sha, merged: true, message: 'Pull Request successfully merged' });
  },
};

function activityBody(call: Call, { branch, type, at, by }: Push, index: number) {
  return {
    id: index + 1,
    node_id: `PSH_${index + 1}`,
    before: '0'.repeat(40),
    after: '1'.repeat(40),
    ref: `refs/heads/${branch}`,
    timestamp: iso(at),
    activity_type: type,
    actor: by === undefined ? null : userBody(call.web, by),
  };
}

function pullOf(call: Call): Pull {
  const found = call.repository.pulls.find(({ number }) => number === Number(call.params['pull_number']));
  if (!found) throw new GithubError(404, 'Not Found');
  return found;
}

function requiredOf({ repository }: Call, branch: string): readonly string[] {
  return repository.rules
    .filter((rule) => isOf(rule, branch) && rule.type === 'required_status_checks')
    .flatMap(({ contexts }) => contexts);
}

async function pullBody(call: Call, pull: Pull, whole: boolean) {
  const { store, fullName } = call.repository;
  const [owner = ''] = fullName.split('/');
  const head = (await store.ref(`heads/${pull.head}`))?.sha ?? pull.lastHead;
  const base = (await store.ref(`heads/${pull.base}`))?.sha ?? '';
  const url = `${urlOf(call)}/pulls/${pull.number}`;
  const side = (ref: string, sha: string) => ({ label: `${owner}:${ref}`, ref, sha });
  return {
    id: pull.number,
    number: pull.number,
    node_id: `PR_${pull.number}`,
    url,
    html_url: `${call.web}/${fullName}/pull/${pull.number}`,
    state: pull.state,
    locked: false,
    ...(pull.by === undefined ? {} : { user: userBody(call.web, pull.by) }),
    title: pull.title,
    body: pull.body,
    created_at: iso(pull.createdAt),
    updated_at: iso(call.now),
    closed_at: pull.state === 'closed' ? iso(call.now) : null,
    merged_at: pull.merged ? iso(call.now) : null,
    merge_commit_sha: pull.mergeCommit,
    head: { ...side(pull.head, head), repo: { full_name: pull.fork ?? fullName } },
    base: { ...side(pull.base, base), repo: { full_name: fullName } },
    draft: false,
    ...(whole ? { merged: pull.merged, ...(await mergeability(call, pull, head, base)) } : {}),
  };
}

async function mergeability(call: Call, pull: Pull, head: string, base: string) {
  if (pull.state === 'closed') return { mergeable: null, mergeable_state: 'unknown' };
  if ((await call.repository.store.mergeTree(base, head)) === null)
    return { mergeable: false, mergeable_state: 'dirty' };
  const waits = requiredOf(call, pull.base).some((name) => !isGreen(call.repository, head, name));
  return { mergeable: true, mergeable_state: waits ? 'blocked' : 'clean' };
}
