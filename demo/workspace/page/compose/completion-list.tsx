import type { PageCommand } from '../../protocol/directory.ts';
import { Avatar } from '../controls/avatar.tsx';
import { Emoji } from '../text/emoji.tsx';
import type { Completion } from './completion.ts';

interface Props {
  readonly completion: Completion;
  /** Of the list; each item has it too, with its number. */
  readonly id: string;
  readonly active: number;
  readonly onPoint: (at: number) => void;
  readonly onPick: (at: number) => void;
}

/** What could be meant by what is being typed. */
export function CompletionList({ completion, id, active, onPoint, onPick }: Props) {
  return (
    <div class="completion" role="listbox" id={`${id}-list`} aria-label={completion.title} tabIndex={-1}>
      <div class="menu-heading">{completion.title}</div>
      {completion.items.map((item, at) => (
        <div
          key={item.key}
          id={`${id}-${at}`}
          class="listbox-option"
          role="option"
          tabIndex={-1}
          aria-selected={at === active}
          data-active={at === active}
          data-testid="completion"
          data-value={item.key}
          onPointerMove={() => at !== active && onPoint(at)}
          onPointerDown={(event) => {
            event.preventDefault();
            onPick(at);
          }}
        >
          {item.user !== undefined && <Avatar user={item.user} size="small" />}
          {item.emoji !== undefined && <Emoji name={item.emoji} />}
          <span class="menu-text inline">
            <span class="menu-label">{item.label}</span>
            {item.usage !== undefined && <code class="menu-usage">{item.usage}</code>}
            <span class="menu-detail">{item.detail}</span>
          </span>
        </div>
      ))}
      <div class="completion-keys" aria-hidden="true">
        <kbd>↑</kbd> <kbd>↓</kbd> to choose, <kbd>Enter</kbd> to take, <kbd>Esc</kbd> to leave
      </div>
    </div>
  );
}

/** How the command is used that is being typed. */
export function Usage({ command }: { readonly command: PageCommand }) {
  return (
    <div class="usage" data-testid="usage">
      <code>
        {command.command} {command.usageHint}
      </code>
      <span>{command.description}</span>
    </div>
  );
}
