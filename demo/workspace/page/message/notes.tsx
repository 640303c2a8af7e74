import type { PageMessage } from '../../protocol/messages.ts';
import { Icon } from '../controls/icons.tsx';
import { plainLine } from '../state/plain-line.ts';
import { PlainText } from '../text/text.tsx';
import { useWorkspace, useWorkspaceState } from '../workspace/use-workspace.ts';

interface Props {
  readonly message: PageMessage;
  readonly pinned: boolean;
  readonly inThread: boolean;
}

/** What is said over a message: pinned, for one person only, from a thread. */
export function Notes({ message, pinned, inThread }: Props) {
  return (
    <>
      {pinned && (
        <div class="message-note">
          <Icon name="pin" /> Pinned
        </div>
      )}
      {message.ephemeralTo !== undefined && (
        <div class="message-note">
          <Icon name="eye" /> Only visible to you
        </div>
      )}
      {message.broadcast === true && !inThread && message.threadTs !== undefined && (
        <BroadcastNote message={message} threadTs={message.threadTs} />
      )}
    </>
  );
}

/** Where a reply belongs that is shown in the channel too. */
function BroadcastNote({ message, threadTs }: { readonly message: PageMessage; readonly threadTs: string }) {
  const workspace = useWorkspace();
  const state = useWorkspaceState();
  const parent = state.logs.get(message.channel)?.messages.get(threadTs);
  return (
    <div class="message-note">
      <button type="button" class="link" onClick={() => workspace.openThread(message.channel, threadTs)}>
        replied to a thread
        {parent !== undefined && (
          <PlainText text={{ text: `: ${shortened(plainLine(state, parent.text))}` }} />
        )}
      </button>
    </div>
  );
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
