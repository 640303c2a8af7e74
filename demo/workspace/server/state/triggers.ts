import { SlackError } from '../strict/slack-error.ts';
import type { Ids } from './ids.ts';

interface Trigger {
  readonly user: string;
  readonly expires: number;
  used: boolean;
}

/** Slack's allowance between an interaction and the modal it opens. */
const TRIGGER_MS = 3_000;
const MEMORY_MS = 600_000;

/** trigger_ids: each opens one view, for the user who acted, within three seconds. */
export class Triggers {
  readonly #ids: Ids;
  readonly #known = new Map<string, Trigger>();

  constructor(ids: Ids) {
    this.#ids = ids;
  }

  issue(user: string): string {
    const id = `${this.#ids.next('').toLowerCase()}.${this.#ids.secret(4)}.${this.#ids.secret(16)}`;
    this.#forgetOld();
    this.#known.set(id, { user, expires: this.#ids.now() + TRIGGER_MS, used: false });
    return id;
  }

  /** Long expired ones become invalid, so that the memory of a long demo stays small. */
  #forgetOld(): void {
    for (const [id, trigger] of this.#known) {
      if (trigger.expires > this.#ids.now() - MEMORY_MS) return;
      this.#known.delete(id);
    }
  }

  /** The user it was for. */
  redeem(id: string): string {
    const trigger = this.#known.get(id);
    if (trigger === undefined) throw new SlackError('invalid_trigger_id');
    if (this.#ids.now() > trigger.expires) throw new SlackError('expired_trigger_id');
    if (trigger.used) throw new SlackError('exchanged_trigger_id');
    trigger.used = true;
    return trigger.user;
  }
}
