import { withoutTrailing } from '../../../domain/text/trailing.ts';
import type { Repository } from '../port.ts';
import { protocolOf } from './remote.ts';

type Links = Repository['links'];

interface Paths {
  readonly commit: (sha: string) => string;
  readonly tag: (name: string) => string;
  readonly file: (path: string, at: string) => string;
  readonly compare: (from: string, to: string) => string;
}

const GITHUB: Paths = {
  commit: (sha) => `commit/${sha}`,
  tag: (name) => `releases/tag/${name}`,
  file: (path, at) => `blob/${at}/${path}`,
  compare: (from, to) => `compare/${from}...${to}`,
};
const GITLAB: Paths = {
  commit: (sha) => `-/commit/${sha}`,
  tag: (name) => `-/tags/${name}`,
  file: (path, at) => `-/blob/${at}/${path}`,
  compare: (from, to) => `-/compare/${from}...${to}`,
};
const BITBUCKET: Paths = {
  commit: (sha) => `commits/${sha}`,
  tag: (name) => `src/${name}`,
  file: (path, at) => `src/${at}/${path}`,
  compare: (from, to) => `branches/compare/${to}%0D${from}`,
};
const GITEA: Paths = {
  commit: (sha) => `commit/${sha}`,
  tag: (name) => `src/tag/${name}`,
  file: (path, at) =>
    /^[0-9a-f]{40,64}$/.test(at) ? `src/commit/${at}/${path}` : `src/branch/${at}/${path}`,
  compare: (from, to) => `compare/${from}...${to}`,
};

export type WebHost = 'github' | 'gitlab' | 'bitbucket' | 'gitea';
const PATHS: Readonly<Record<WebHost, Paths>> = {
  github: GITHUB,
  gitlab: GITLAB,
  bitbucket: BITBUCKET,
  gitea: GITEA,
};

/**
 * Web pages of a repository at a host that has them; undefined for paths, `file:` and hosts that are not known.
 * `host` says which pages a host of one's own has (GitHub Enterprise, a GitLab, a Gitea or Forgejo).
 */
export function webLinks(url: string, host?: WebHost): Links {
  const base = webAddress(url);
  const kind = base && (host ?? hostOf(new URL(base).hostname));
  const link = (path: (paths: Paths) => string) =>
    base && kind ? `${base}/${path(PATHS[kind]).split('/').map(encodeSegment).join('/')}` : undefined;
  return {
    commit: (sha) => link((paths) => paths.commit(sha)),
    tag: (name) => link((paths) => paths.tag(name)),
    file: (path, at) => link((paths) => paths.file(path, at)),
    compare: (from, to) => link((paths) => paths.compare(from, to)),
  };
}

/** `git@github.com:acme/shop.git` and `ssh://git@…` live at the same place on the web. */
function webAddress(url: string): string | null {
  const protocol = protocolOf(url);
  if (protocol !== 'http' && protocol !== 'ssh') return null;
  const scp = /^[^@/]+@([^:/]+):(.+)$/.exec(url);
  const [host, path] = scp ? [scp[1] ?? '', scp[2] ?? ''] : hostAndPath(url);
  const scheme = url.startsWith('http://') ? 'http' : 'https';
  const clean = withoutTrailing(path.replace(/^\/+/, ''), '/').replace(/\.git$/, '');
  return host === '' || clean === '' ? null : `${scheme}://${host}/${clean}`;
}

function hostAndPath(url: string): readonly [string, string] {
  const parsed = new URL(url);
  return [parsed.protocol === 'ssh:' ? parsed.hostname : parsed.host, parsed.pathname];
}

function hostOf(name: string): WebHost | null {
  if (/(^|\.)github\./.test(name)) return 'github';
  if (/(^|\.)gitlab\./.test(name)) return 'gitlab';
  if (/(^|\.)bitbucket\.org$/.test(name)) return 'bitbucket';
  return /(^|\.)(gitea|codeberg|forgejo)\./.test(name) ? 'gitea' : null;
}

function encodeSegment(segment: string): string {
  // Bitbucket writes a range with an escaped carriage return.
  return encodeURIComponent(segment).replaceAll('%250D', '%0D');
}
