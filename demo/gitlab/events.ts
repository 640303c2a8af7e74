import { z } from 'zod';
import type { Route } from '../platform/fake-platform.ts';
import { type GitlabWorld, PAGED } from './world.ts';

export interface PushEvent {
  /** Null: GitLab has the event, and no account for it. */
  readonly by: string | null;
  readonly ref: string;
  readonly ref_type?: 'branch' | 'tag';
  /** Null: the branch is made. */
  readonly from: string | null;
  /** Null: it is deleted. */
  readonly to: string | null;
  /** ms since the epoch */
  readonly at: number;
}

interface Stored {
  readonly id: number;
  readonly by: string | null;
  readonly at: number;
  readonly push_data: Readonly<Record<string, unknown>>;
}

const DAY = z.string().regex(/^\d{4}-\d\d-\d\d$/);
const ACTIONS = [
  'created',
  'updated',
  'closed',
  'reopened',
  'pushed',
  'commented',
  'merged',
  'joined',
  'left',
  'destroyed',
  'expired',
  'approved',
] as const;
/** As many branches may one push move until GitLab only counts them (`push_event_activities_limit`). */
const FEW = 3;

/** The pushes to a project as its events tell of them. */
export class Events {
  /** Whether the token may read them. */
  areShown = true;
  /** Happens after each page. */
  onPage: () => void = () => {};
  /** Events among these that the reader may not see are taken from a page after it was counted. */
  readonly hidden = new Set<number>();
  /** Oldest first. */
  #all: Stored[] = [];
  #nextId = 1;
  readonly #gitlab: GitlabWorld;

  constructor(gitlab: GitlabWorld) {
    this.#gitlab = gitlab;
  }

  /** One push, of one ref or of several at once. */
  push(...refs: readonly PushEvent[]): void {
    const action = ({ from, to }: PushEvent) =>
      from === null ? 'created' : to === null ? 'removed' : 'pushed';
    const [first] = refs;
    if (first && refs.length > FEW) {
      this.#add(first, {
        commit_count: 0,
        action: action(first),
        ref_type: first.ref_type ?? 'branch',
        commit_from: null,
        commit_to: null,
        ref: null,
        commit_title: null,
        ref_count: refs.length,
      });
      return;
    }
    for (const one of refs) {
      this.#add(one, {
        commit_count: one.to === null ? 0 : 1,
        action: action(one),
        ref_type: one.ref_type ?? 'branch',
        commit_from: one.from,
        commit_to: one.to,
        ref: one.ref,
        commit_title: one.to === null ? null : 'a commit',
        ref_count: null,
      });
    }
  }

  /** An account is deleted, and its events with it. */
  forget(account: string): void {
    this.#all = this.#all.filter(({ by }) => by !== account);
  }

  /** What is older than this, ms since the epoch, is removed, as all is after three years. */
  prune(before: number): void {
    this.#all = this.#all.filter(({ at }) => at >= before);
  }

  #add({ by, at }: PushEvent, push_data: Stored['push_data']): void {
    this.#all.push({ id: this.#nextId++, by, at, push_data });
  }

  get routes(): readonly Route[] {
    return [
      {
        method: 'GET',
        path: '/projects/{id}/events',
        query: z.strictObject({
          ...PAGED,
          action: z.enum(ACTIONS).optional(),
          target_type: z
            .enum(['issue', 'milestone', 'merge_request', 'note', 'project', 'snippet', 'user'])
            .optional(),
          before: DAY.optional(),
          after: DAY.optional(),
          sort: z.enum(['asc', 'desc']).optional(),
        }),
        answer: (asked) => {
          if (!this.areShown) return { status: 403, body: this.#gitlab.failure(403, 'Forbidden') };
          const { before, after, sort = 'desc', action } = asked.query;
          const found = this.#all.filter(
            ({ at }) =>
              (action === undefined || action === 'pushed') &&
              (before === undefined || at < Date.parse(before)) &&
              (after === undefined || at > Date.parse(after) + 86_399_999),
          );
          const page = this.#gitlab.page(asked, sort === 'desc' ? found.toReversed() : found);
          const body = (page.body as readonly Stored[])
            .filter(({ id }) => !this.hidden.has(id))
            .map((one) => this.#shown(one));
          this.onPage();
          return { ...page, body };
        },
      },
    ];
  }

  #shown({ id, by, at, push_data }: Stored): Readonly<Record<string, unknown>> {
    return {
      id,
      project_id: 1,
      action_name: push_data['action'] === 'created' ? 'pushed new' : 'pushed to',
      target_id: null,
      target_iid: null,
      target_type: null,
      target_title: null,
      created_at: new Date(at).toISOString(),
      ...(by === null ? {} : { author: { username: by, name: by, state: 'active' } }),
      author_username: by,
      push_data,
    };
  }
}
