import {
  type Call,
  created,
  GithubError,
  iso,
  ok,
  paged,
  type Release,
  type Routes,
  textOf,
} from '../model.ts';
import { urlOf } from './git.ts';

const ROOT = '/repos/{owner}/{repo}/releases';

export const releaseRoutes: Routes = {
  [`GET ${ROOT}`]: (call) =>
    paged(
      call,
      [...call.repository.releases].reverse().map((release) => releaseBody(call, release)),
    ),
  [`POST ${ROOT}`]: async (call) => {
    const { releases, store } = call.repository;
    const tag = textOf(call.body['tag_name']);
    if (releases.some((release) => release.tag === tag && !release.draft)) {
      throw new GithubError(422, 'Validation Failed', [
        { resource: 'Release', code: 'already_exists', field: 'tag_name' },
      ]);
    }
    // GitHub would make a lightweight tag at the default branch.
    if (!(await store.ref(`tags/${tag}`)))
      throw new GithubError(422, 'this server makes no tags with releases');
    const release: Release = {
      id: call.repository.nextId(),
      tag,
      name: textOf(call.body['name']) || tag,
      body: textOf(call.body['body']),
      draft: call.body['draft'] === true,
      prerelease: call.body['prerelease'] === true,
      createdAt: call.now,
      immutable: call.repository.immutableReleases,
    };
    if (call.body['make_latest'] !== 'false' && !release.draft && !release.prerelease) {
      for (const other of releases) other.latest = false;
      release.latest = true;
    }
    releases.push(release);
    return created(releaseBody(call, release));
  },
  [`GET ${ROOT}/tags/{tag}`]: (call) => {
    const release = call.repository.releases.find(({ tag, draft }) => tag === call.params['tag'] && !draft);
    if (!release) throw new GithubError(404, 'Not Found');
    return ok(releaseBody(call, release));
  },
  [`PATCH ${ROOT}/{release_id}`]: (call) => {
    const release = call.repository.releases.find(({ id }) => id === Number(call.params['release_id']));
    if (!release) throw new GithubError(404, 'Not Found');
    const { name, body, prerelease } = call.body;
    if (release.immutable && typeof prerelease === 'boolean' && prerelease !== release.prerelease) {
      throw new GithubError(422, 'Validation Failed', [
        {
          resource: 'Release',
          code: 'custom',
          field: 'prerelease',
          message: 'immutable releases cannot be changed',
        },
      ]);
    }
    if (typeof name === 'string') release.name = name;
    if (typeof body === 'string') release.body = body;
    if (typeof prerelease === 'boolean') release.prerelease = prerelease;
    return ok(releaseBody(call, release));
  },
};

function releaseBody(
  call: Call,
  { id, tag, name, body, draft, prerelease, createdAt, immutable = false }: Release,
) {
  return {
    id,
    node_id: `RE_${id}`,
    url: `${urlOf(call)}/releases/${id}`,
    html_url: `${call.web}/${call.repository.fullName}/releases/tag/${encodeURIComponent(tag)}`,
    tag_name: tag,
    target_commitish: call.repository.defaultBranch,
    name,
    body,
    draft,
    prerelease,
    immutable,
    created_at: iso(createdAt),
    published_at: iso(createdAt),
    assets: [],
  };
}
