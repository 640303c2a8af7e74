import type { PageMessage } from '../../protocol/messages.ts';
import { nameOf } from '../state/state.ts';
import { Emoji } from '../text/emoji.tsx';
import { useDirectory, useWorkspace } from '../workspace/use-workspace.ts';

export function Reactions({ message }: { readonly message: PageMessage }) {
  const workspace = useWorkspace();
  const state = useDirectory();
  if (message.reactions === undefined || message.reactions.length === 0) return null;
  return (
    <div class="reactions">
      {message.reactions.map(({ name, users }) => {
        const mine = users.includes(state.me);
        return (
          <button
            key={name}
            type="button"
            class={mine ? 'reaction mine' : 'reaction'}
            aria-pressed={mine}
            title={`${users.map((user) => nameOf(state, user)).join(', ')} reacted with :${name}:`}
            onClick={() => workspace.react(message, name, !mine)}
          >
            <Emoji name={name} /> {users.length}
          </button>
        );
      })}
    </div>
  );
}
