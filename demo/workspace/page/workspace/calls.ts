import type { PageCallName, PageCalls } from '../../protocol/calls.ts';
import { CallFailed, type Connection } from './connection.ts';
import type { Store } from './store.ts';
import type { Toasts } from './toasts.ts';

type Args<Name extends PageCallName> = PageCalls[Name]['args'];
type Result<Name extends PageCallName> = PageCalls[Name]['result'];

/** Calls to the server, whose refusals are shown as toasts. */
export interface Calls {
  /** Undefined when it was refused. */
  ask<Name extends PageCallName>(name: Name, args: Args<Name>): Promise<Result<Name> | undefined>;
  /** The same, and nobody hears of a refusal. */
  quietly<Name extends PageCallName>(name: Name, args: Args<Name>): Promise<Result<Name> | undefined>;
  /** True when it went well; the key is busy meanwhile, and pressing again does nothing. */
  once<Name extends PageCallName>(key: string, name: Name, args: Args<Name>): Promise<boolean>;
}

export function createCalls({ state, set }: Store, { toast }: Toasts, connection: Connection): Calls {
  const failed = (error: unknown): undefined => {
    if (!(error instanceof CallFailed)) throw error;
    toast('error', error.message);
  };
  return {
    ask: (name, args) => connection.call(name, args).catch(failed),
    quietly: (name, args) => connection.call(name, args).catch(() => undefined),
    async once(key, name, args) {
      if (state().busy.has(key)) return false;
      set({ busy: new Set(state().busy).add(key) });
      try {
        await connection.call(name, args);
        return true;
      } catch (error) {
        failed(error);
        return false;
      } finally {
        const busy = new Set(state().busy);
        busy.delete(key);
        set({ busy });
      }
    },
  };
}
