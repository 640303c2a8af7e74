import type { FormChoice, Subscription } from '../../domain/habits/habits.ts';

/** What people have set for themselves. */
export interface HabitStore {
  /** Twice is once, and keeps the first time. */
  subscribe(person: string, service: string): Promise<void>;
  /** Without a service: from all. False when there was none. */
  unsubscribe(person: string, service?: string): Promise<boolean>;
  /** Of one person, or of all people. */
  subscriptions(person?: string): Promise<readonly Subscription[]>;
  /** In place of what they chose before. */
  rememberChoice(person: string, choice: FormChoice): Promise<void>;
  choiceOf(person: string): Promise<FormChoice | null>;
}
