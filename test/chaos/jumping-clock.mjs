// Loaded into the bot before everything else (`node --import`): on SIGUSR2 its date is set CLOCK_JUMP_MS forward, and back on
// the next one. Timers go on as they did, as with a machine whose clock somebody sets.
const REAL = Date;
const JUMP_MS = Number(process.env['CLOCK_JUMP_MS'] ?? 0);
let isAhead = false;
const now = () => REAL.now() + (isAhead ? JUMP_MS : 0);

globalThis.Date = new Proxy(REAL, {
  construct: (_target, given, as) =>
    given.length === 0 ? new REAL(now()) : Reflect.construct(REAL, given, as === globalThis.Date ? REAL : as),
  apply: () => new REAL(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});

process.on('SIGUSR2', () => {
  isAhead = !isAhead;
});
