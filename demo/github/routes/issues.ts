import { iso, paged, type Routes } from '../model.ts';
import { userBody } from './git.ts';

export const issueRoutes: Routes = {
  'GET /repos/{owner}/{repo}/issues': async (call) => {
    const { labels = '', state = 'open', sort = 'created', direction = 'desc' } = call.query;
    if (sort !== 'created') throw new Error(`this GitHub does not sort by ${sort}`);
    const wanted = labels.split(',').filter((label) => label !== '');
    const found = call.repository.issues
      .filter((issue) => wanted.every((label) => issue.labels.includes(label)))
      .filter((issue) => state === 'all' || issue.state === state)
      .sort((a, b) => (direction === 'desc' ? b.createdAt - a.createdAt : a.createdAt - b.createdAt));
    const { web, api } = call;
    const name = call.repository.fullName;
    return paged(
      call,
      found.map((issue) => ({
        id: 1_000 + issue.number,
        number: issue.number,
        title: issue.title,
        state: issue.state,
        user: issue.by === null ? null : userBody(web, issue.by),
        labels: issue.labels.map((label) => ({ name: label })),
        created_at: iso(issue.createdAt),
        updated_at: iso(issue.createdAt),
        url: `${api}/repos/${name}/issues/${issue.number}`,
        html_url: `${web}/${name}/${issue.isPull ? 'pull' : 'issues'}/${issue.number}`,
        ...(issue.isPull
          ? {
              pull_request: {
                url: `${api}/repos/${name}/pulls/${issue.number}`,
                html_url: null,
                diff_url: null,
                patch_url: null,
              },
            }
          : {}),
      })),
    );
  },
};
