import { z } from 'zod';
import type { Reply, Route } from '../platform/fake-platform.ts';
import { AS, type Merge, type MergeRequests } from './merge-requests.ts';
import { type GitlabWorld, PAGED } from './world.ts';

const Merging = z.strictObject({
  sha: z.string().optional(),
  squash: z.boolean().optional(),
  merge_commit_message: z.string().optional(),
  squash_commit_message: z.string().optional(),
});
const Boarded = z.strictObject({
  sha: z.string().optional(),
  squash: z.boolean().optional(),
  auto_merge: z.boolean().optional(),
});

/** Merging, tags, and merge trains. */
export function mergingRoutes(requests: MergeRequests, gitlab: GitlabWorld): readonly Route[] {
  return [...mergeRoutes(requests, gitlab), ...trainRoutes(requests, gitlab)];
}

function mergeRoutes(requests: MergeRequests, gitlab: GitlabWorld): readonly Route[] {
  return [
    {
      method: 'PUT',
      path: '/projects/{id}/merge_requests/{iid}/merge',
      body: Merging,
      answer: requests.one((one, { body }) => {
        const how = body as Merge;
        if (requests.mergeFault !== null) return requests.mergeFault;
        if (!requests.mayMerge) return { status: 401, body: { message: '401 Unauthorized' } };
        if (how.sha !== undefined && how.sha !== gitlab.remote.tip(one.source))
          return { status: 409, body: { message: 'SHA does not match HEAD of source branch' } };
        if (requests.statusOf(one) !== 'mergeable')
          return { status: 405, body: { message: '405 Method Not Allowed' } };
        one.merge_error = requests.mergeError;
        if (requests.mergeError !== null)
          return { status: 422, body: { message: 'Branch cannot be merged' } };
        requests.merge(one, how);
        return { status: 200, body: requests.shown(one) };
      }),
    },
    {
      method: 'GET',
      path: '/projects/{id}/repository/commits/{sha}/merge_requests',
      query: z.strictObject(PAGED),
      answer: (asked) => gitlab.page(asked, requests.opened.get(asked.params['sha'] ?? '') ?? []),
    },
    {
      method: 'GET',
      path: '/projects/{id}/repository/tags/{tag}',
      answer: ({ params }) => {
        const id = gitlab.commitOf(`refs/tags/${params['tag']}`);
        return id === null
          ? gitlab.notFound('Tag')
          : { status: 200, body: { name: params['tag'], commit: { id } } };
      },
    },
    {
      method: 'POST',
      path: '/projects/{id}/repository/tags',
      body: z.strictObject({ tag_name: z.string(), ref: z.string(), message: z.string().optional() }),
      answer: ({ body }) => {
        const {
          tag_name: name,
          ref,
          message = '',
        } = body as { tag_name: string; ref: string; message?: string };
        if (gitlab.commitOf(`refs/tags/${name}`) !== null)
          return { status: 400, body: { message: `Tag ${name} already exists` } };
        if (gitlab.refusesTag(name))
          return {
            status: 400,
            body: { message: 'You are not allowed to create this tag as it is protected.' },
          };
        gitlab.remote.git(...AS, 'tag', '-a', '-m', message, name, ref);
        return {
          status: 201,
          body: { name, message, commit: { id: gitlab.commitOf(`refs/tags/${name}`) } },
        };
      },
    },
  ];
}

/** Every Enterprise Edition has them, also where trains are turned off, or have no licence: a train is empty then. */
function trainRoutes(requests: MergeRequests, gitlab: GitlabWorld): readonly Route[] {
  const car = (iid: number) => ({ id: iid, status: 'fresh', merge_request: { id: 1_000 + iid, iid } });
  const failed = (message: string): Reply => ({
    status: 400,
    body: { message: `400 Bad request - ${message}` },
  });
  return [
    {
      method: 'GET',
      path: '/projects/{id}/merge_trains/{branch}',
      query: z.strictObject({
        ...PAGED,
        scope: z.enum(['active', 'complete']).optional(),
        sort: z.enum(['asc', 'desc']).optional(),
      }),
      answer: (asked) => gitlab.page(asked, (requests.train ?? []).map(car)),
    },
    {
      method: 'POST',
      path: '/projects/{id}/merge_trains/merge_requests/{iid}',
      body: Boarded,
      answer: requests.one((one, { body }) => {
        const { sha, auto_merge: later } = body as z.infer<typeof Boarded>;
        if (sha !== gitlab.remote.tip(one.source))
          return { status: 409, body: { message: 'SHA does not match HEAD of source branch' } };
        if (!requests.mayMerge) return { status: 401, body: { message: '401 Unauthorized' } };
        if (requests.train === null) return failed('Merge trains are not enabled for this project');
        const pipeline = requests.pipelineOf(one);
        const isFit = pipeline !== null && requests.statusOf(one) === 'mergeable';
        if (!isFit && (!later || pipeline === null)) return failed('No available merge train strategy');
        if (!isFit) requests.boardsLater.add(one.iid);
        else if (!requests.train.includes(one.iid)) requests.train.push(one.iid);
        return { status: isFit ? 201 : 202, body: requests.train.map(car) };
      }),
    },
  ];
}
