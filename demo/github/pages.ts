import { frame, MISSING, pre, safe } from '../platform/page.ts';
import type { Answer, RepositoryState } from './model.ts';

/** What GitHub shows in a browser, plainly, so that every link of a card opens; and the downloads behind redirects. */
export async function pageOf(url: URL, state: RepositoryState): Promise<Answer> {
  const [, owner = '', name = '', ...rest] = decodeURIComponent(url.pathname).split('/');
  if (owner === '_codeload') return archive(state, rest[1] ?? '');
  if (owner === '_logs') return log(state, Number(rest[1]));
  if (`${owner}/${name}` !== state.fullName) return missing();
  const [kind = '', ...more] = rest;
  const html = await page(state, kind, more);
  return html === null ? missing() : { status: 200, body: frame(state.fullName, html) };
}

async function page(state: RepositoryState, kind: string, more: readonly string[]): Promise<string | null> {
  const { store, actions, releases, deployments, pulls } = state;
  switch (kind) {
    case '': {
      const branch = state.defaultBranch;
      return `<h2>Commits on ${branch}</h2>${pre(await store.text('log', '--oneline', '--decorate', '-20', branch))}`;
    }
    case 'commit': {
      const sha = await store.resolve(more[0] ?? '');
      return (
        sha &&
        `<h2>Commit ${sha.slice(0, 7)}</h2>${pre(await store.text('show', '--stat', '--format=fuller', sha))}`
      );
    }
    case 'blob': {
      const [at = '', ...path] = more;
      const blob = await store.blobAt(at, path.join('/'));
      return blob && `<h2>${safe(path.join('/'))}</h2>${pre((await store.blob(blob)).toString())}`;
    }
    case 'compare': {
      const [from = '', to = ''] = more.join('/').split('...');
      const [base, head] = [await store.resolve(from), await store.resolve(to)];
      return (
        base &&
        head &&
        `<h2>${safe(from)} … ${safe(to)}</h2>${pre(await store.text('log', '--oneline', `${base}..${head}`))}`
      );
    }
    case 'releases': {
      const tag = more.slice(1).join('/');
      const release = releases.find((one) => one.tag === tag);
      if (release) return `<h2>${safe(release.name)}</h2>${pre(release.body)}`;
      const found = await store.ref(`tags/${tag}`);
      return found && `<h2>Tag ${safe(tag)}</h2>${pre(await store.text('show', '--stat', found.sha))}`;
    }
    case 'deployments':
      return `<h2>Deployments</h2>${pre(deployments.map(({ environment, ref, sha, statuses }) => `${environment}  ${ref}  ${sha.slice(0, 7)}  ${statuses.map(({ state: said }) => said).join(' → ')}`).join('\n'))}`;
    case 'pull': {
      const pull = pulls.find(({ number }) => number === Number(more[0]));
      return pull
        ? `<h2>#${pull.number} ${safe(pull.title)} (${pull.merged ? 'merged' : pull.state})</h2>${pre(pull.body)}`
        : null;
    }
    case 'actions': {
      const run = actions.runs.find(({ id }) => id === Number(more[1]));
      if (!run) return null;
      const jobs = run.jobs.map(
        (job) =>
          `<h3>${safe(job.name)}: ${job.conclusion ?? job.status}</h3>${pre(job.steps.map((step) => `${step.conclusion ?? step.status}  ${step.name}`).join('\n'))}${pre(job.log.join('\n'))}`,
      );
      return `<h2>${safe(run.title)} (${run.conclusion ?? run.status})</h2>${jobs.join('')}`;
    }
    default:
      return null;
  }
}

async function archive(state: RepositoryState, sha: string): Promise<Answer> {
  const commit = await state.store.resolve(sha);
  if (!commit) return missing();
  return {
    status: 200,
    bytes: await state.store.archive(commit, `${state.fullName.replace('/', '-')}-${commit.slice(0, 7)}`),
  };
}

function log(state: RepositoryState, id: number): Answer {
  const job = state.actions.runs.flatMap(({ jobs }) => jobs).find((one) => one.id === id);
  if (!job) return missing();
  const text = job.log.map((line) => `2026-11-20T09:30:00.0000000Z ${line}`).join('\n');
  return { status: 200, body: `${text}\n`, headers: { 'content-type': 'text/plain; charset=utf-8' } };
}

function missing(): Answer {
  return { status: 404, body: MISSING };
}
