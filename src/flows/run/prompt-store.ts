import type { NewPrompt, PromptOutcome, StoredPrompt } from '../../domain/promotion/asking/prompt.ts';

/** Messages with buttons outside of the threads of promotions, as far as they are. */
export interface PromptStore {
  /** A message with buttons is to be posted outside of a thread, once for this key. */
  putPrompt(prompt: NewPrompt): Promise<void>;
  /** Those that are to be posted, and those that show their buttons; first those that somebody waits for, else oldest first. */
  openPrompts(): Promise<readonly StoredPrompt[]>;
  /** One of them, by its key or by where it was posted; null where it is none of them. */
  openPrompt(of: string | NonNullable<StoredPrompt['posted']>): Promise<StoredPrompt | null>;
  /** Whether it is for this process to post it: it is not posted, and nobody has tried to less than `pauseMs` ago. */
  tryPrompt(key: string, pauseMs: number): Promise<boolean>;
  promptPosted(key: string, posted: NonNullable<StoredPrompt['posted']>): Promise<void>;
  /** What became of it: the first that is said counts. */
  settlePrompt(key: string, outcome: PromptOutcome): Promise<void>;
  /** It is held back no more. */
  wakePrompt(key: string): Promise<void>;
  /** Its message shows what became of it, or never will. */
  closePrompt(key: string): Promise<void>;
}
