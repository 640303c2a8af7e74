import { keepBaselines } from '../flows/jobs/keep-baselines.ts';
import type { HandlerContext } from '../handlers/support/context.ts';
import { EVERY, type Repeated, repeat } from './repeat.ts';

/** Stores what sources without a history saw, so that a restart before the deploy loses nothing of the baseline. */
export function startBaselines({ requests, log }: Pick<HandlerContext, 'requests' | 'log'>): Repeated {
  return repeat(EVERY.tenSeconds, () => keepBaselines(requests), {
    log,
    trouble: 'baselines could not be stored',
    atOnce: false,
  });
}
