import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Pixels from the end that still count as the end. */
const near = 60;

interface Scroll {
  readonly scroller: RefObject<HTMLDivElement | null>;
  /** What grows inside the scroller. */
  readonly content: RefObject<HTMLDivElement | null>;
  /** Something came while one was elsewhere. */
  readonly missed: boolean;
  readonly toEnd: () => void;
  readonly onScroll: () => void;
}

/**
 * Stays at the end while one is there. `place` changes when another conversation is shown, which begins at its end;
 * `first` and `last` name the messages at both ends.
 */
export function useScrollToEnd(place: string, first: string | undefined, last: string | undefined): Scroll {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const lastTop = useRef(0);
  const [missed, setMissed] = useState(false);
  const held = useRef<{ first: string | undefined; height: number }>({ first, height: 0 });

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

  return { scroller, content, missed, toEnd, onScroll };
}
