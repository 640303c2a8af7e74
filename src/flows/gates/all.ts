import { candidateValidated } from './candidate-validated.ts';
import type { Gate } from './gate.ts';
import { metricsAnswer } from './metrics-answer.ts';
import { notLocked } from './not-locked.ts';
import { remoteWritable } from './remote-writable.ts';
import { rollbackTested } from './rollback-gate.ts';
import { rollbackTarget } from './rollback-target.ts';
import { stagingDeployment } from './staging-deployment.ts';
import { stagingValidation } from './staging-validation.ts';
import { targetConfigured } from './target-configured.ts';
import { version } from './version.ts';

/** Every gate, in the order of the card. */
export const GATES: readonly Gate[] = [
  stagingValidation,
  rollbackTested,
  stagingDeployment,
  candidateValidated,
  version,
  remoteWritable,
  targetConfigured,
  rollbackTarget,
  metricsAnswer,
  notLocked,
];

/** Asked once more between release and deploy: what a person may have withdrawn meanwhile. */
export const GATES_BEFORE_DEPLOY: readonly Gate[] = [
  stagingValidation,
  rollbackTested,
  targetConfigured,
  rollbackTarget,
  notLocked,
];
