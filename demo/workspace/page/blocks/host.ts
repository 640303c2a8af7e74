import type { ConfirmationDialog } from '@slack/types';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Container, ElementValue } from '../../protocol/views.ts';

/** What a block needs of the message or view that it stands in. */
export interface BlockHost {
  readonly surface: 'message' | 'modal' | 'home';
  readonly container: Container;
  /** The value now: what a person put in, else the initial one. */
  readonly value: (blockId: string, actionId: string) => ElementValue | undefined;
  /** Changes a value; with `tell` the app hears of it at once. */
  readonly put: (blockId: string, actionId: string, value: ElementValue, tell: Tell | undefined) => void;
  /** A button was pressed. */
  readonly press: (blockId: string, actionId: string, tell: Tell) => void;
  readonly busy: (blockId: string, actionId: string) => boolean;
  readonly error: (blockId: string) => string | undefined;
  /** The element that should have the focus, as `block_id action_id`. */
  readonly focused: string | undefined;
}

/** How the app is told: after the question, if there is one. */
export interface Tell {
  readonly confirm?: ConfirmationDialog | undefined;
  /** The value of the button that was pressed, as it stood there then. */
  readonly rendered?: string | undefined;
}

const nowhere: BlockHost = {
  surface: 'message',
  container: { type: 'view', viewId: '' },
  value: () => undefined,
  put: () => {},
  press: () => {},
  busy: () => false,
  error: () => undefined,
  focused: undefined,
};

export const BlockHostContext = createContext<BlockHost>(nowhere);

export function useBlockHost(): BlockHost {
  return useContext(BlockHostContext);
}
