import type { AlertSource } from '../../src/adapters/alerts/port.ts';
import type { FiringAlert } from '../../src/domain/alerts/alert.ts';
import { Unavailable } from '../../src/domain/refusals/refusal.ts';

/** An alert source whose alerts are a function of the moment, ms since the epoch; null: it does not answer. */
export class MemoryAlerts implements AlertSource {
  readonly kind = 'memory';
  readonly name: string;
  asked = 0;
  readonly #firing: () => readonly FiringAlert[] | null | 'never';

  constructor(firing: () => readonly FiringAlert[] | null | 'never', name = 'Pager') {
    this.#firing = firing;
    this.name = name;
  }

  async preflight(): Promise<string> {
    return `${this.name} answers: ${(await this.firing()).length} alerts fire.`;
  }

  async firing(): Promise<readonly FiringAlert[]> {
    this.asked += 1;
    const firing = this.#firing();
    if (firing === 'never') return new Promise(() => {});
    if (firing === null) throw new Unavailable(this.name, 'connection refused');
    return firing;
  }
}
