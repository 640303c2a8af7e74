/** A fault that the next matching Web API calls run into. */
export type Fault =
  | { readonly kind: 'rate-limit'; readonly retryAfter: number }
  | { readonly kind: 'http'; readonly status: number }
  | { readonly kind: 'error'; readonly code: string };

interface Planned {
  readonly method: string;
  readonly fault: Fault;
  left: number;
}

/** What is broken on purpose. */
export class Faults {
  readonly #planned: Planned[] = [];
  /** Added to every Web API answer. */
  apiDelayMs = 0;
  /** Histories as apps get them that are not internal: one call a minute, fifteen messages. */
  scarceHistory = false;
  /** Files with a text for screen readers are taken and shared nowhere, as some have reported. */
  losesDescribedFiles = false;
  /** Files are shared so many ms after they were taken. */
  shareDelayMs = 0;
  /** Until then (ms since 1970) nothing of the API answers. */
  downUntil = 0;

  /** `method` is a name or `*`. `calls` says how many calls it hits, Infinity for all. */
  plan(method: string, fault: Fault, calls: number): void {
    this.#planned.push({ method, fault, left: calls });
  }

  /** The fault this call meets, used up by it. */
  next(method: string): Fault | undefined {
    const planned = this.#planned.find(
      (entry) => entry.left > 0 && (entry.method === method || entry.method === '*'),
    );
    if (planned === undefined) return undefined;
    planned.left -= 1;
    return planned.fault;
  }

  clear(): void {
    this.#planned.length = 0;
    this.apiDelayMs = 0;
    this.scarceHistory = false;
    this.losesDescribedFiles = false;
    this.shareDelayMs = 0;
    this.downUntil = 0;
  }
}
