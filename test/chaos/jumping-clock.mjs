// Loaded into the bot before everything else (`node --import`): on SIGUSR2 its date is set CLOCK_JUMP_MS forward, and back on
// the next one. Timers go on as they did, as with a machine whose clock somebody sets.
import { datesBy, realNow } from './dates-by.mjs';

const JUMP_MS = Number(process.env['CLOCK_JUMP_MS'] ?? 0);
let isAhead = false;
datesBy(() => realNow() + (isAhead ? JUMP_MS : 0));

process.on('SIGUSR2', () => {
  isAhead = !isAhead;
});
