import { useState } from 'preact/hooks';
import { findEmoji } from '../markup/emoji.ts';
import { Emoji } from '../text/emoji.tsx';

const often = [
  '+1 white_check_mark eyes tada rocket heart raised_hands fire',
  'pray clap 100 joy thinking_face sweat_smile sob rotating_light',
  'warning x question hourglass_flowing_sand rewind ship package coffee',
].flatMap((row) => row.split(' '));

/** A few that are used often, and whatever typing finds. */
export function EmojiPicker({ onPick }: { readonly onPick: (name: string) => void }) {
  const [typed, setTyped] = useState('');
  const names =
    typed === '' ? often : findEmoji(typed.toLowerCase().replaceAll(':', ''), 40).map((found) => found.name);
  return (
    <div class="emoji-picker">
      <input
        data-first
        class="listbox-filter"
        type="text"
        placeholder="Find an emoji"
        aria-label="Find an emoji"
        value={typed}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => {
          const [first] = names;
          if (event.key !== 'Enter' || first === undefined) return;
          event.preventDefault();
          onPick(first);
        }}
      />
      <div class="emoji-grid">
        {names.map((name) => (
          <button key={name} type="button" title={`:${name}:`} aria-label={name} onClick={() => onPick(name)}>
            <Emoji name={name} />
          </button>
        ))}
        {names.length === 0 && <p class="listbox-none">No emoji has that name</p>}
      </div>
    </div>
  );
}
