import type { Logger } from 'pino';
import { failureOf, type PromptSender } from '../../adapters/slack/port.ts';
import { Unavailable } from '../../domain/refusals/refusal.ts';
import { postPrompt, settlePrompts } from '../../flows/jobs/settle-prompts.ts';
import type { RequestContext } from '../../flows/requests/request.ts';
import type { PromptStore } from '../../flows/run/stores.ts';

/** A failure is said once in so many looks that fail. */
const SAID_EVERY = 60;

interface PromptSettings {
  readonly requests: Pick<RequestContext, 'ledger'>;
  readonly sender: PromptSender;
  readonly log: Logger;
}

/** Looks after messages with buttons outside of threads, one look at a time. */
export class Prompts {
  readonly #settings: PromptSettings;
  #running: Promise<void> | null = null;
  #next: Promise<void> | null = null;
  #failures = 0;

  constructor(settings: PromptSettings) {
    this.#settings = settings;
  }

  /**
   * Stores one for somebody who waits for it, and posts it now. Throws what Slack answers where it does not: then it is
   * tried again later, unless it cannot be posted there.
   */
  async ask(prompt: Parameters<PromptStore['putPrompt']>[0]): Promise<void> {
    const { requests, sender } = this.#settings;
    await requests.ledger.putPrompt(prompt);
    try {
      await postPrompt(requests, sender, prompt.key);
    } catch (error) {
      if (failureOf(error).kind === 'shut') await requests.ledger.closePrompt(prompt.key);
      throw error;
    }
  }

  async #look(): Promise<void> {
    const { requests, sender, log } = this.#settings;
    try {
      await settlePrompts(requests, sender);
      this.#failures = 0;
    } catch (error) {
      if (error instanceof Unavailable) return;
      if (this.#failures % SAID_EVERY === 0)
        log.warn({ err: error }, 'a message with buttons cannot be posted or updated; it is tried again');
      this.#failures += 1;
    }
  }

  /** Once all that is stored by now has been looked at. Never throws: what fails is tried again with the next look. */
  look(): Promise<void> {
    if (this.#running === null) {
      this.#running = this.#look().finally(() => {
        this.#running = null;
      });
      return this.#running;
    }
    this.#next ??= this.#running.then(() => {
      this.#next = null;
      return this.look();
    });
    return this.#next;
  }

  /** Once nothing is being sent. */
  async idle(): Promise<void> {
    await this.#running;
  }
}
