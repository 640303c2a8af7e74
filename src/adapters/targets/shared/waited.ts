import type { DeployHandle } from '../port.ts';

/** Time in which a platform waits for people is not time that it takes, as far as this process has seen it wait. */
export class Waited {
  #last: { readonly id: string; readonly until: number } | null = null;

  /** Since when it takes its time, ms since the epoch. `isWaiting`: for people, now. */
  since({ id, startedAt }: DeployHandle, isWaiting: boolean, now: number): number {
    if (isWaiting) this.#last = { id, until: now };
    return this.#last?.id === id ? this.#last.until : startedAt;
  }
}
