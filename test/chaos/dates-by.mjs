const REAL = Date;

/** The time that the process would have, ms since the epoch. */
export const realNow = REAL.now;

/** From now on dates of this process go by `now`, ms since the epoch. */
export function datesBy(now) {
  globalThis.Date = new Proxy(REAL, {
    construct: (_target, given, as) =>
      given.length === 0
        ? new REAL(now())
        : Reflect.construct(REAL, given, as === globalThis.Date ? REAL : as),
    apply: () => new REAL(now()).toString(),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  });
}
