import { AsyncLocalStorage } from 'node:async_hooks';

/** Another process goes on with what this one began: nothing more is done outside, and the step ends without an outcome. */
export class TakenOver extends Error {
  constructor() {
    super('Another process goes on with this.');
  }
}

const allowed = new AsyncLocalStorage<() => Promise<boolean>>();

/** Does the work of a step. `mayAct` says whether this process still has the run; it is asked again before each change. */
export function acting<T>(mayAct: () => Promise<boolean>, work: () => Promise<T>): Promise<T> {
  return allowed.run(mayAct, work);
}

/**
 * To be called right before anything outside is changed: a step may have been frozen or cut off since it began. Throws
 * TakenOver. Outside of steps it does nothing.
 */
export async function mustStillAct(): Promise<void> {
  const mayAct = allowed.getStore();
  if (mayAct && !(await mayAct())) throw new TakenOver();
}
