// Loaded into the bot before everything else (`node --import`): dates and timers of the process go FAST_CLOCK times as fast.
// What measures only how long something took (`performance.now`, `AbortSignal.timeout`) stays as it is.
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import { promisify } from 'node:util';
import { datesBy, realNow } from './dates-by.mjs';

const TIMES = Number(process.env['FAST_CLOCK'] ?? 1);
const began = realNow();
datesBy(() => Math.round(began + (realNow() - began) * TIMES));

for (const name of ['setTimeout', 'setInterval']) {
  const real = globalThis[name];
  const inPromise = timersPromises[name];
  const fast = (work, delay = 1, ...given) => real(work, delay / TIMES, ...given);
  timersPromises[name] = (delay = 1, ...given) => inPromise(delay / TIMES, ...given);
  fast[promisify.custom] = timersPromises[name];
  globalThis[name] = fast;
  timers[name] = fast;
}
syncBuiltinESMExports();
