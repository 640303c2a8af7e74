import { pre, safe } from '../platform/page.ts';
import type { MergeRequests } from './merge-requests.ts';
import type { Pipelines } from './pipelines.ts';
import type { Records } from './records.ts';
import type { GitlabWorld } from './world.ts';

/** What the pages tell of. */
export interface Shown extends GitlabWorld {
  readonly pipelines: Pipelines;
  readonly merging: MergeRequests;
  readonly records: Records;
}

/**
 * What GitLab shows in a browser, plainly, so that every link of a card opens; null where there is no such page. `path` is
 * what comes after the project, such as `/-/commit/1a2b`.
 */
export function pageOf(gitlab: Shown, path: string): string | null {
  const [, , kind = '', ...more] = path.split('/').map(decodeURIComponent);
  const [first = ''] = more;
  const name = more.join('/');
  switch (kind) {
    case '':
      return `<h2>Commits on main</h2>${pre(gitlab.remote.git('log', '--oneline', '--decorate', '-20', 'main'))}`;
    case 'commit':
      return shown(gitlab, first, `Commit ${first.slice(0, 8)}`);
    case 'tags':
      return shown(gitlab, `refs/tags/${name}`, `Tag ${name}`);
    case 'releases': {
      const release = gitlab.records.releases.get(name);
      return release
        ? `<h2>${safe(release.name)}</h2>${pre(release.description)}`
        : shown(gitlab, `refs/tags/${name}`, name);
    }
    case 'blob': {
      const file = more.slice(1).join('/');
      return gitlab.commitOf(`${first}`) && textOf(gitlab, file, 'show', `${first}:${file}`);
    }
    case 'compare': {
      const [from = '', to = ''] = name.split('...').map((ref) => gitlab.commitOf(ref));
      return from && to && textOf(gitlab, name, 'log', '--oneline', `${from}..${to}`);
    }
    default:
      return pageOfWork(gitlab, kind, Number(first));
  }
}

/** Of pipelines, jobs and merge requests. */
function pageOfWork({ pipelines, merging }: Shown, kind: string, id: number): string | null {
  if (kind === 'merge_requests') {
    const one = merging.all.find(({ iid }) => iid === id);
    return one ? `<h2>!${id} ${safe(one.title)} (${one.state})</h2>${pre(one.description)}` : null;
  }
  const found = pipelines.all.find(
    (one) => one.id === id || (kind === 'jobs' && one.jobs.some((job) => job.id === id)),
  );
  if (!found || !['jobs', 'pipelines'].includes(kind)) return null;
  const jobs = found.jobs.map(({ name, status, log = '' }) => `<h3>${safe(name)}: ${status}</h3>${pre(log)}`);
  return `<h2>Pipeline ${found.id} on ${safe(found.ref)} (${pipelines.statusOf(found)})</h2>${jobs.join('')}`;
}

function shown(gitlab: Shown, ref: string, title: string): string | null {
  const sha = gitlab.commitOf(ref);
  return sha && textOf(gitlab, title, 'show', '--stat', '--format=fuller', sha);
}

function textOf({ remote }: Shown, title: string, ...args: readonly string[]): string | null {
  try {
    return `<h2>${safe(title)}</h2>${pre(remote.git(...args))}`;
  } catch {
    return null;
  }
}
