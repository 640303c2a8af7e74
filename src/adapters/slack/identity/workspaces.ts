import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { slackCode } from '../errors.ts';
import { knownInstallation } from './installation.ts';

const Teams = z.looseObject({
  teams: z.array(z.looseObject({ id: z.string() })).default([]),
  response_metadata: z.looseObject({ next_cursor: z.string().optional() }).optional(),
});

const MOST_PAGES = 20;
/** An organisation lets the app into another workspace now and then: how long what was answered is good, in ms. */
const KEEP_MS = 600_000;

/** The workspace that a question is about; empty where the app is installed in one only. */
export interface Workspace {
  readonly team_id?: string;
}

/**
 * The workspaces that the app is in. Where it is installed in a whole organisation, Slack answers some questions only
 * for one workspace at a time, and they are asked of each.
 *
 * @see https://docs.slack.dev/enterprise/developing-for-enterprise-orgs
 */
export class Workspaces {
  readonly #client: WebClient;
  readonly #now: () => number;
  /** Null while Slack has answered without being told which. */
  #known: { readonly ids: readonly string[]; readonly until: number } | null = null;

  constructor(client: WebClient, now: () => number = Date.now) {
    this.#client = client;
    this.#now = now;
  }

  /** Asks of every workspace. */
  async all<T>(ask: (of: Workspace) => Promise<T>): Promise<readonly T[]> {
    const answers: T[] = [];
    for await (const answer of this.#answers(ask)) answers.push(answer);
    return answers;
  }

  async *#answers<T>(ask: (of: Workspace) => Promise<T>): AsyncGenerator<T> {
    if (this.#known === null && !(await this.#isOrgWide())) {
      try {
        return yield await ask({});
      } catch (error) {
        if (!isWithoutTeam(error)) throw error;
      }
    }
    for (const id of await this.#ids()) {
      try {
        yield await ask({ team_id: id });
      } catch (error) {
        // A workspace that was taken from the app since.
        if (!['team_access_not_granted', 'team_not_found'].includes(slackCode(error) ?? '')) throw error;
      }
    }
  }

  /** As far as it is known; Slack says it too, as an error. */
  async #isOrgWide(): Promise<boolean> {
    const known = await knownInstallation(this.#client)?.catch(() => undefined);
    return known?.enterprise !== undefined;
  }

  async #ids(): Promise<readonly string[]> {
    if (this.#known !== null && this.#known.until > this.#now()) return this.#known.ids;
    const ids: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const asked = { limit: 1_000, ...(cursor ? { cursor } : {}) };
      const answer = Teams.parse(await this.#client.auth.teams.list(asked));
      ids.push(...answer.teams.map(({ id }) => id));
      cursor = answer.response_metadata?.next_cursor || undefined;
      if (cursor === undefined) break;
    }
    this.#known = { ids, until: this.#now() + KEEP_MS };
    return ids;
  }
}

/** Slack wants to know which workspace is meant: it does of an app of a whole organisation only. */
function isWithoutTeam(error: unknown): boolean {
  return ['missing_argument', 'team_id_required', 'team_not_specified'].includes(slackCode(error) ?? '');
}
