/** What the keys do while a list of completions is open. */
interface CompletionKeys {
  readonly move: (step: 1 | -1) => void;
  readonly pick: () => void;
  readonly leave: () => void;
}

interface FieldKeys {
  readonly send: () => void;
  /** Undefined where there is nothing to leave. */
  readonly leave: (() => void) | undefined;
  /** Edits the last own message above; false when there is none. */
  readonly editLast: () => boolean;
  readonly wrap: (marker: string) => void;
}

/** True when the key was for the list. */
export function completionKey(event: KeyboardEvent, keys: CompletionKeys): boolean {
  if (event.shiftKey) return false;
  switch (event.key) {
    case 'ArrowDown':
      keys.move(1);
      break;
    case 'ArrowUp':
      keys.move(-1);
      break;
    case 'Enter':
    case 'Tab':
      keys.pick();
      break;
    case 'Escape':
      keys.leave();
      break;
    default:
      return false;
  }
  event.preventDefault();
  event.stopPropagation();
  return true;
}

export function fieldKey(event: KeyboardEvent, keys: FieldKeys): void {
  if (event.key === 'Enter' && !event.shiftKey) {
    event.preventDefault();
    keys.send();
  } else if (event.key === 'Escape' && keys.leave !== undefined) {
    event.stopPropagation();
    keys.leave();
  } else if (event.key === 'ArrowUp') {
    if (keys.editLast()) event.preventDefault();
  } else if ((event.ctrlKey || event.metaKey) && (event.key === 'b' || event.key === 'i')) {
    event.preventDefault();
    keys.wrap(event.key === 'b' ? '*' : '_');
  }
}
