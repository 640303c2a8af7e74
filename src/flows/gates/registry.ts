import type { PromotionRequest } from '../../domain/promotion/promotion.ts';
import type { Ports } from '../run/ports.ts';
import { candidateValidated } from './candidate-validated.ts';
import { ci } from './ci.ts';
import { asGate } from './configured.ts';
import { hotfix } from './hotfix.ts';
import { metricsAnswer } from './metrics-answer.ts';
import { noCriticalAlert } from './no-critical-alert.ts';
import { notFrozen } from './not-frozen.ts';
import { notLocked } from './not-locked.ts';
import type { Gate } from './port.ts';
import { remoteWritable } from './remote-writable.ts';
import { rollbackTested } from './rollback-gate.ts';
import { rollbackTarget } from './rollback-target.ts';
import { stagingDeployment } from './staging-deployment.ts';
import { stagingValidation } from './staging-validation.ts';
import { targetConfigured } from './target-configured.ts';
import { version } from './version.ts';

/** Every gate that comes along, in the order of the card. */
export const GATES: readonly Gate[] = [
  stagingValidation,
  rollbackTested,
  stagingDeployment,
  candidateValidated,
  hotfix,
  ci,
  version,
  remoteWritable,
  targetConfigured,
  rollbackTarget,
  metricsAnswer,
  noCriticalAlert,
  notFrozen,
  notLocked,
];

/** Every gate of a service: those that come along and those of its config. */
export function gatesOf(
  ports: Needed,
  builtIn: readonly Gate[] = GATES,
  request?: PromotionRequest,
): readonly Gate[] {
  return [...builtIn.filter((gate) => gate.applies?.(ports, request) ?? true), ...ports.gates.map(asGate)];
}

/** Those that are asked once more before the deploy. */
export function gatesBeforeDeploy(ports: Needed, builtIn: readonly Gate[] = GATES): readonly Gate[] {
  return gatesOf(ports, builtIn).filter(({ askedAgain }) => askedAgain);
}

type Needed = Pick<Ports, 'gates' | 'repository' | 'metrics' | 'alerts'>;
