import type { GateAnswer } from '../../domain/gates/gate.ts';
import type { PromotionRequest } from '../../domain/promotion/promotion.ts';
import type { Facts } from '../plan/facts.ts';
import type { Ports } from '../run/ports.ts';

/**
 * One precondition of a promotion. `check` answers, or throws: a Refusal is a failed gate with its sentence,
 * Unavailable is `unknown`. Only `passed` lets a promotion go on.
 */
export interface Gate {
  /** Stable: it is in the audit and in the config. */
  readonly id: string;
  readonly title: string;
  /** Whether it is asked once more between release and deploy, because a person may have withdrawn its yes. */
  readonly askedAgain: boolean;
  /** Whether this service has it, and this request; absent: all have. */
  applies?(ports: Pick<Ports, 'repository' | 'metrics' | 'alerts'>, request?: PromotionRequest): boolean;
  check(facts: Facts): Promise<GateAnswer>;
}
