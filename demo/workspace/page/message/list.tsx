import { type ComponentChildren, Fragment, type VNode } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { PageMessage } from '../../protocol/messages.ts';
import { Icon } from '../controls/icons.tsx';
import { dayDivider, dayOf, momentOf } from '../markup/dates.ts';
import { isNotice, zoneOf } from '../state/state.ts';
import { useWorkspaceState } from '../state/use-workspace.ts';
import { MessageView } from './message.tsx';

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
/** Pixels from the end that still count as the end. */
const near = 60;

/** Messages, oldest first, that stays at its end while one is there. */
export function MessageList({ label, messages, inThread, place, top, afterFirst }: Props) {
  const zone = zoneOf(useWorkspaceState());
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const lastTop = useRef(0);
  const elements = useRef(new WeakMap<PageMessage, { grouped: boolean; element: VNode }>());
  const [missed, setMissed] = useState(false);
  const last = messages.at(-1)?.ts;
  const first = messages[0]?.ts;
  const held = useRef<{ first: string | undefined; height: number }>({ first, height: 0 });

  /** The same element for the same message: what did not change is not drawn again. */
  const drawn = (message: PageMessage, grouped: boolean) => {
    const known = elements.current.get(message);
    if (known !== undefined && known.grouped === grouped) return known.element;
    const element = <MessageView message={message} inThread={inThread} grouped={grouped} />;
    elements.current.set(message, { grouped, element });
    return element;
  };

  const toEnd = () => {
    const box = scroller.current;
    if (box !== null) {
      box.scrollTop = box.scrollHeight;
      lastTop.current = box.scrollTop;
    }
    setMissed(false);
  };

  useLayoutEffect(() => {
    atEnd.current = true;
    toEnd();
    if (content.current === null) return;
    const grown = new ResizeObserver(() => {
      if (atEnd.current) toEnd();
    });
    grown.observe(content.current);
    return () => grown.disconnect();
  }, [place]);

  useLayoutEffect(() => {
    if (atEnd.current) toEnd();
    else setMissed(true);
  }, [last]);

  // Older messages come in above without moving what one reads.
  useLayoutEffect(() => {
    const box = scroller.current;
    if (box === null) return;
    if (held.current.first !== first && !atEnd.current)
      box.scrollTop += box.scrollHeight - held.current.height;
    held.current = { first, height: box.scrollHeight };
  });

  const onScroll = () => {
    const box = scroller.current;
    if (box === null) return;
    // Growing content leaves the end behind without anybody having scrolled away.
    if (box.scrollTop < lastTop.current - 1) atEnd.current = false;
    if (box.scrollHeight - box.scrollTop - box.clientHeight < near) atEnd.current = true;
    lastTop.current = box.scrollTop;
    if (atEnd.current) setMissed(false);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const target = event.target as HTMLElement;
    if (step === 0 || !(target === scroller.current || target.matches('article.message'))) return;
    event.preventDefault();
    const all = [...(content.current?.querySelectorAll<HTMLElement>('article.message') ?? [])];
    const at = all.indexOf(target);
    all[at < 0 ? all.length - 1 : Math.max(0, Math.min(all.length - 1, at + step))]?.focus();
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
        onKeyDown={onKeyDown}
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
