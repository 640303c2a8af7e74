import type { Fault } from '../../../../demo/github/faults.ts';

/** Trouble that is over by itself: nobody has to do anything about it. */
export const PASSING: readonly Fault[] = [
  '500',
  '502',
  'timeout',
  'reset-before',
  'reset-after',
  '403-rate-limit',
  '429',
];
