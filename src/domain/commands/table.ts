import { adopt } from './adopt.ts';
import { cancel } from './cancel.ts';
import { help } from './help.ts';
import { history } from './history.ts';
import { hotfix } from './hotfix.ts';
import { freeze, lock } from './lock.ts';
import { plan } from './plan.ts';
import { rollback } from './rollback.ts';
import { schedule } from './schedule.ts';
import { status } from './status.ts';
import { subscribe, unsubscribe } from './subscribe.ts';
import { thaw, unlock } from './unlock.ts';
import { validate } from './validate.ts';

/** Every command of `/ship-prod`, in the order of help and of the usage hint in manifest.yml. */
export const COMMANDS = [
  plan,
  status,
  history,
  cancel,
  schedule,
  rollback,
  hotfix,
  adopt,
  validate,
  lock,
  unlock,
  freeze,
  thaw,
  subscribe,
  unsubscribe,
  help,
] as const;

/** Words of `/ship-prod` itself: no service can be called so. */
export const COMMAND_WORDS: readonly string[] = COMMANDS.map(({ word }) => word);
