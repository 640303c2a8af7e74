/** Hosts on which names of repositories have no case. */
const CASELESS = /^(?:github\.com|gitlab\.com|bitbucket\.org)\//;

/**
 * The same text for services that live in one repository, as far as their settings tell: however it is reached, with whatever login.
 */
export function repositoryName({ repository }: { readonly repository: object }): string {
  const { url, api, repository: name, project } = repository as Readonly<Record<string, unknown>>;
  if (name !== undefined) {
    const host = placeOf(String(api)).replace(/\/api\/v3$/, '');
    return `${host.replace(/^api\.(?=github\.com$|.*\.ghe\.com$)/, '')}/${name}`.toLowerCase();
  }
  return project === undefined ? placeOf(String(url)) : `${placeOf(String(url))}/${project}`.toLowerCase();
}

/** `git.example.com/acme/shop` of whatever address leads there; a path as it is. */
function placeOf(url: string): string {
  const short = /^[\w.-]+@([\w.-]+):(?!\/\/)\/*(.*)$/.exec(url);
  const long = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?([^/]*)(\/.*)?$/i.exec(url);
  const [, host = '', path = ''] = short ?? long ?? ['', '', url];
  const name = path.replace(/\/+$/, '').replace(/\.git$/, '');
  if (host === '') return name;
  const place = `${host.toLowerCase().replace(/:(?:22|80|443)$/, '')}/${name.replace(/^\/+/, '')}`.replace(
    /\/$/,
    '',
  );
  return CASELESS.test(place) ? place.toLowerCase() : place;
}
