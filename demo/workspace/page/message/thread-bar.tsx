import type { PageMessage } from '../../protocol/messages.ts';
import { Avatar } from '../controls/avatar.tsx';
import { useNow } from '../controls/use-now.ts';
import { ago, clockTime, dayDivider, momentOf } from '../markup/dates.ts';
import { useDirectory, useWorkspace } from '../workspace/use-workspace.ts';

/** Below a message that has replies: who answered, how often, and when last. */
export function ThreadBar({ message, zone }: { readonly message: PageMessage; readonly zone: string }) {
  const workspace = useWorkspace();
  const state = useDirectory();
  const now = useNow();
  const thread = message.thread;
  if (thread === undefined || thread.replies === 0) return null;
  const latest = momentOf(thread.latest);
  // The clock of the page moves in steps; a reply is never from the future.
  const ageMs = Math.max(0, now.getTime() - latest.getTime());
  const recent = ageMs < 3_600_000;
  return (
    <button
      type="button"
      class="thread-bar"
      data-testid="thread-bar"
      onClick={() => workspace.openThread(message.channel, message.ts)}
    >
      <span class="thread-faces">
        {thread.users.slice(0, 5).map((id) => (
          <Avatar key={id} user={state.users.get(id)} size="small" />
        ))}
      </span>
      <span class="thread-count">{thread.replies === 1 ? '1 reply' : `${thread.replies} replies`}</span>
      <span class="thread-when">
        Last reply{' '}
        {recent
          ? ago(latest, new Date(latest.getTime() + ageMs))
          : `${dayDivider(latest, zone, now)} at ${clockTime(latest, zone)}`}
      </span>
      <span class="thread-view">View thread</span>
    </button>
  );
}
