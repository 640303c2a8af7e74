import { type ComponentChildren, Fragment, type TargetedKeyboardEvent, type VNode } from 'preact';
import { useRef } from 'preact/hooks';
import type { PageMessage } from '../../protocol/messages.ts';
import { Icon } from '../controls/icons.tsx';
import { dayDivider, dayOf, momentOf } from '../markup/dates.ts';
import { isNotice, zoneOf } from '../state/state.ts';
import { useWorkspaceState } from '../workspace/use-workspace.ts';
import { MessageView } from './message.tsx';
import { useScrollToEnd } from './scroll.ts';

interface Props {
  readonly label: string;
  readonly messages: readonly PageMessage[];
  readonly inThread: boolean;
  /** Changes when another conversation is shown; the list then begins at its end again. */
  readonly place: string;
  readonly top?: ComponentChildren;
  /** After the first message: the count of replies in a thread. */
  readonly afterFirst?: ComponentChildren;
}

/** Seconds within which messages of one person stand together. */
const together = 300;

/** Messages, oldest first, that stays at its end while one is there. */
export function MessageList({ label, messages, inThread, place, top, afterFirst }: Props) {
  const zone = zoneOf(useWorkspaceState());
  const elements = useRef(new WeakMap<PageMessage, { grouped: boolean; element: VNode }>());
  const { scroller, content, missed, toEnd, onScroll } = useScrollToEnd(
    place,
    messages[0]?.ts,
    messages.at(-1)?.ts,
  );

  /** The same element for the same message: what did not change is not drawn again. */
  const drawn = (message: PageMessage, grouped: boolean) => {
    const known = elements.current.get(message);
    if (known !== undefined && known.grouped === grouped) return known.element;
    const element = <MessageView message={message} inThread={inThread} grouped={grouped} />;
    elements.current.set(message, { grouped, element });
    return element;
  };

  return (
    <div class="messages-frame">
      <div
        ref={scroller}
        class="messages"
        role="log"
        aria-live="off"
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region is reached by keyboard
        tabIndex={0}
        onScroll={onScroll}
        onKeyDown={focusNeighbour}
      >
        <div ref={content} class="messages-content">
          {top}
          {messages.map((message, at) => {
            const before = messages[at - 1];
            const newDay = before === undefined || dayKey(before, zone) !== dayKey(message, zone);
            return (
              <Fragment key={message.ts}>
                {newDay && !inThread && (
                  <div class="day">
                    <span>{dayDivider(momentOf(message.ts), zone, new Date())}</span>
                  </div>
                )}
                {drawn(message, !newDay && !(inThread && at === 1) && standsWith(before, message))}
                {at === 0 && afterFirst}
              </Fragment>
            );
          })}
        </div>
      </div>
      {missed && (
        <button type="button" class="jump" onClick={toEnd}>
          New messages <Icon name="down" />
        </button>
      )}
    </div>
  );
}

/** The arrow keys go from message to message. */
function focusNeighbour(event: TargetedKeyboardEvent<HTMLDivElement>): void {
  const scroller = event.currentTarget;
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  const target = event.target as HTMLElement;
  if (step === 0 || !(target === scroller || target.matches('article.message'))) return;
  event.preventDefault();
  const all = [...scroller.querySelectorAll<HTMLElement>('article.message')];
  const at = all.indexOf(target);
  all[at < 0 ? all.length - 1 : Math.max(0, Math.min(all.length - 1, at + step))]?.focus();
}

function dayKey(message: PageMessage, zone: string): string {
  return dayOf(momentOf(message.ts), zone);
}

function standsWith(before: PageMessage | undefined, message: PageMessage): boolean {
  return (
    before !== undefined &&
    before.user === message.user &&
    !isNotice(before) &&
    !isNotice(message) &&
    before.ephemeralTo === message.ephemeralTo &&
    message.ephemeralTo === undefined &&
    message.broadcast !== true &&
    Number(message.ts) - Number(before.ts) < together
  );
}
