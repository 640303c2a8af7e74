import type { ModalView } from '@slack/types';
import { z } from 'zod';
import { slackCode } from '../../adapters/slack/port.ts';
import type { HandlerContext } from './context.ts';

/** How many forms are remembered; older ones are closed by then. */
const MOST = 200;
/** The form was closed meanwhile: there is nobody to tell. */
const CLOSED = ['not_found', 'view_not_found'];

const Updated = z.looseObject({ view: z.looseObject({ hash: z.string().optional() }).optional() });

interface Shown {
  /** When the choice was made that the form shows, in seconds; as Slack counts. */
  readonly at: number;
  /** Of the newest version that we know of. */
  readonly hash: string | undefined;
}

/** Forms that change while somebody fills them in. What they chose last is what they see in the end. */
export class ShownForms {
  readonly #client: Pick<HandlerContext['client'], 'views'>;
  readonly #shown = new Map<string, Shown>();

  constructor(client: Pick<HandlerContext['client'], 'views'>) {
    this.#client = client;
  }

  /**
   * Shows the form that a choice made at that time leads to, unless a later one is shown. When Slack has a newer
   * version than the choice was made in, it is shown over that one. Throws what the client throws.
   */
  async update(
    { id, hash }: { readonly id: string; readonly hash: string },
    at: number,
    view: ModalView,
  ): Promise<void> {
    const later = this.#shown.get(id);
    if (later && later.at > at) return;
    this.#shown.set(id, { at, hash: later?.hash });
    try {
      await this.#show(id, at, view, hash).catch((error: unknown) => {
        if (slackCode(error) !== 'hash_conflict') throw error;
        const newest = this.#shown.get(id);
        return newest && newest.at > at ? undefined : this.#show(id, at, view, newest?.hash);
      });
    } catch (error) {
      if (!CLOSED.includes(slackCode(error) ?? '')) throw error;
    }
  }

  async #show(id: string, at: number, view: ModalView, hash: string | undefined): Promise<void> {
    const answer = await this.#client.views.update({ view_id: id, view, ...(hash ? { hash } : {}) });
    const newest = this.#shown.get(id);
    const now = Updated.safeParse(answer).data?.view?.hash;
    this.#shown.set(id, { at: Math.max(at, newest?.at ?? 0), hash: now });
    const [oldest] = this.#shown.keys();
    if (this.#shown.size > MOST && oldest !== undefined) this.#shown.delete(oldest);
  }
}
