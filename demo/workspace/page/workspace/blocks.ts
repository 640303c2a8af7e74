import type { ConfirmationDialog } from '@slack/types';
import type { PageCalls } from '../../protocol/calls.ts';
import type { PageMessage } from '../../protocol/messages.ts';
import type { Container, ElementValue, StateValues } from '../../protocol/views.ts';
import { actionKey, containerKey, inputKey } from '../state/keys.ts';
import type { Calls } from './calls.ts';
import type { Store } from './store.ts';

/** What a person does with blocks, views and shortcuts: the app hears of it. */
export function createBlockActions({ state, set }: Store, { ask, once }: Calls) {
  return {
    /** Resolves with the answer of the person. */
    question: (confirm: ConfirmationDialog) =>
      new Promise<boolean>((resolve) => {
        const answer = (yes: boolean) => {
          set({ question: null });
          resolve(yes);
        };
        set({ question: { confirm, answer } });
      }),
    put(container: Container, blockId: string, actionId: string, value: ElementValue): void {
      const key = containerKey(container);
      const inputs = { ...state().inputs[key], [inputKey(blockId, actionId)]: value };
      set({ inputs: { ...state().inputs, [key]: inputs } });
    },
    act: (
      container: Container,
      blockId: string,
      actionId: string,
      values: StateValues,
      value?: ElementValue,
      rendered?: string,
    ): Promise<boolean> =>
      once(actionKey(container, blockId, actionId), 'action', {
        container,
        blockId,
        actionId,
        state: values,
        ...(value === undefined ? {} : { value }),
        ...(rendered === undefined ? {} : { rendered }),
      }),
    submit(viewId: string, values: StateValues): Promise<boolean> {
      const { [viewId]: _, ...viewErrors } = state().viewErrors;
      set({ viewErrors });
      return once(`submit ${viewId}`, 'submit', { viewId, state: values });
    },
    close: (viewId: string, clear: boolean) => ask('close', { viewId, clear }),
    options: (args: PageCalls['options']['args']) => ask('options', args),
    shortcut: (callbackId: string) => ask('shortcut', { callbackId }),
    messageShortcut: (callbackId: string, message: PageMessage) =>
      ask('message_shortcut', { callbackId, channel: message.channel, ts: message.ts }),
  };
}
