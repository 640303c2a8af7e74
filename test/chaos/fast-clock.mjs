// Loaded into the bot before everything else (`node --import`): dates and timers of the process go FAST_CLOCK times as fast.
// What measures only how long something took (`performance.now`, `AbortSignal.timeout`) stays as it is.
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import { promisify } from 'node:util';

const TIMES = Number(process.env['FAST_CLOCK'] ?? 1);
const Real = Date;
const began = Real.now();
const now = () => Math.round(began + (Real.now() - began) * TIMES);

globalThis.Date = new Proxy(Real, {
  construct: (_target, given, as) =>
    given.length === 0 ? new Real(now()) : Reflect.construct(Real, given, as === globalThis.Date ? Real : as),
  apply: () => new Real(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});

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
