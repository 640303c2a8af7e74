import { tableOf } from '../shared/kinds.ts';
import { httpCheck } from './http.ts';
import { versionCheck } from './version.ts';

export const CHECK_KINDS = [httpCheck, versionCheck] as const;

/** A service's `checks`. */
export const checks = tableOf(CHECK_KINDS);
