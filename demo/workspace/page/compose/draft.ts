import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Unsent text by place, kept while one looks elsewhere. */
const drafts = new Map<string, string>();
/** Pixels that the field grows to. */
const tallest = 260;

interface Options {
  /** Where the text is kept while it is unsent; undefined: a message that is edited, which is not kept. */
  readonly place: string | undefined;
  readonly initial: string;
  /** Takes the focus when it appears: always when editing, else where nothing else has it. */
  readonly focus: 'always' | 'when-idle' | 'never';
  readonly onWrite: () => void;
}

export interface Draft {
  readonly area: RefObject<HTMLTextAreaElement | null>;
  readonly text: string;
  readonly caret: number;
  readonly moveCaret: (at: number) => void;
  readonly write: (text: string, caret?: number) => void;
  /** Puts text in place of a part, with the caret behind it or at `caret`. */
  readonly insert: (piece: string, from: number, to: number, caret?: number) => void;
  /** Puts a word where the caret is, apart from the one before. */
  readonly insertWord: (word: string) => void;
  /** Puts markers around what is selected. */
  readonly wrap: (marker: string) => void;
  /** Nothing was written since, also not after a look elsewhere. */
  readonly isEmpty: () => boolean;
}

/** The text of a composer and its field. */
export function useDraft({ place, initial, focus, onWrite }: Options): Draft {
  const kept = () => (place === undefined ? '' : (drafts.get(place) ?? ''));
  const [text, setText] = useState(place === undefined ? initial : kept());
  const [caret, setCaret] = useState(text.length);
  const area = useRef<HTMLTextAreaElement>(null);
  useFocus(area, focus, text);
  useGrowing(area, text);

  const write = (next: string, at = next.length) => {
    setText(next);
    setCaret(at);
    onWrite();
    if (place !== undefined) drafts.set(place, next);
  };
  const insert = (piece: string, from: number, to: number, selectTo = from + piece.length) => {
    const next = text.slice(0, from) + piece + text.slice(to);
    const box = area.current;
    if (box !== null) {
      // At once, not with the next drawing: whoever types fast is typing already.
      box.value = next;
      box.focus();
      box.setSelectionRange(selectTo, selectTo);
    }
    write(next, selectTo);
  };
  const insertWord = (word: string) => {
    const at = area.current?.selectionStart ?? text.length;
    const lead = at > 0 && !/\s$/.test(text.slice(0, at)) ? ' ' : '';
    insert(lead + word, at, at);
  };
  const wrap = (marker: string) => {
    const box = area.current;
    if (box === null) return;
    const [from, to] = [box.selectionStart, box.selectionEnd];
    const inside = text.slice(from, to);
    insert(`${marker}${inside}${marker}`, from, to, from + marker.length + inside.length);
  };
  return {
    area,
    text,
    caret,
    moveCaret: setCaret,
    write,
    insert,
    insertWord,
    wrap,
    isEmpty: () => kept() === '',
  };
}

function useFocus(area: Draft['area'], focus: Options['focus'], text: string): void {
  useEffect(() => {
    if (focus === 'always') {
      area.current?.focus();
      area.current?.setSelectionRange(text.length, text.length);
    } else if (focus === 'when-idle' && isIdle()) {
      area.current?.focus();
    }
  }, []);
}

function useGrowing(area: Draft['area'], text: string): void {
  useLayoutEffect(() => {
    const box = area.current;
    if (box === null) return;
    box.style.height = 'auto';
    box.style.height = `${Math.min(box.scrollHeight, tallest)}px`;
  }, [text]);
}

/** Nobody is busy elsewhere, and no on-screen keyboard would come up. */
function isIdle(): boolean {
  const focused = document.activeElement;
  const elsewhere = focused !== null && focused !== document.body && focused.closest('.sidebar') === null;
  return !elsewhere && window.matchMedia('(hover: hover)').matches;
}
