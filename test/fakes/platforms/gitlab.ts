import { FakeGitlab } from '../../../demo/gitlab/gitlab.ts';
import { Published } from './described.ts';

const DOCS = 'https://docs.gitlab.com/api';
const PROJECT = '/api/v4/projects/{id}';
const published = new Published('gitlab', {
  elsewhere: {
    [`GET ${PROJECT}/members/all/{user_id}`]: `${DOCS}/project_members/`,
    [`GET ${PROJECT}/protected_branches`]: `${DOCS}/protected_branches/`,
    'GET /api/v4/user': `${DOCS}/users/`,
    'GET /api/v4/user/emails': `${DOCS}/user_email_addresses/`,
    [`GET ${PROJECT}/push_rule`]: `${DOCS}/project_push_rules/`,
    [`GET ${PROJECT}/merge_requests/{iid}/approvals`]: `${DOCS}/merge_request_approvals/`,
    [`GET ${PROJECT}/merge_requests/{iid}/notes`]: `${DOCS}/notes/`,
    [`GET ${PROJECT}/merge_trains/{branch}`]: `${DOCS}/merge_trains/`,
    [`POST ${PROJECT}/merge_trains/merge_requests/{iid}`]: `${DOCS}/merge_trains/`,
  },
});

/** The GitLab of the demo, held against what GitLab publishes. */
export class DescribedGitlab extends FakeGitlab {
  override readonly described = {
    has: (method: string, route: string) => published.has(method, this.#own(route)),
    problemOf: (sent: Parameters<Published['problemOf']>[0], route: string) => {
      // Handed out in the link to the next page: https://docs.gitlab.com/api/rest/#keyset-based-pagination
      const { cursor: _, ...query } = sent.query;
      return published.problemOf({ ...sent, query, path: this.#own(sent.path) }, this.#own(route));
    },
    problemOfAnswer: (...[sent, route, reply]: Parameters<Published['problemOfAnswer']>) =>
      // https://docs.gitlab.com/api/rest/#redirects
      reply.status === 301
        ? null
        : published.problemOfAnswer({ ...sent, path: this.#own(sent.path) }, this.#own(route), reply),
  };

  #own(path: string): string {
    return path.slice(this.prefix.length);
  }
}
