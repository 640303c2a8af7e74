import type { PageMessage } from '../../protocol/messages.ts';
import type { Calls } from './calls.ts';
import type { Store } from './store.ts';
import type { Toasts } from './toasts.ts';

/** What a person does with messages. */
export function createMessages({ state, set }: Store, { ask, quietly, once }: Calls, { toast }: Toasts) {
  let said = 0;
  return {
    /** True when it was sent; the composer then forgets it. A line that begins with a slash is a command. */
    async say(channel: string, text: string, typed: string, threadTs?: string, broadcast?: boolean) {
      // Each its own: the next one is sent while this one is under way, in the order of typing.
      said += 1;
      const key = `say ${channel} ${threadTs ?? ''} ${said}`;
      if (/^\/\S/.test(typed)) {
        const name = typed.split(/\s/)[0] ?? '';
        if (threadTs !== undefined) {
          toast('error', `${name} is not supported in threads. Send it in the channel instead.`);
          return false;
        }
        return once(key, 'command', { channel, line: typed });
      }
      return once(key, 'post', {
        channel,
        text,
        ...(threadTs === undefined ? {} : { threadTs }),
        ...(broadcast ? { broadcast } : {}),
      });
    },
    edit: (message: PageMessage, text: string) =>
      once(`edit ${message.ts}`, 'edit', { channel: message.channel, ts: message.ts, text }),
    remove: (message: PageMessage) => ask('delete', { channel: message.channel, ts: message.ts }),
    react: (message: PageMessage, name: string, on: boolean) =>
      ask('react', { channel: message.channel, ts: message.ts, name, on }),
    /** Puts away a message that only this person sees. */
    dismiss(message: PageMessage): void {
      set({ dismissed: new Set(state().dismissed).add(`${message.channel} ${message.ts}`) });
      void quietly('delete', { channel: message.channel, ts: message.ts });
    },
  };
}
