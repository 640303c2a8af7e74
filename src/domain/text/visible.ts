/**
 * Characters that nobody sees, or that reorder what is around them: controls but newline and tab, marks of direction,
 * what Unicode lets a renderer ignore (zero-width characters, fillers, variation selectors, tags), marks of
 * annotations, and the blank of Braille.
 */
const HIDDEN = String.raw`[^\P{Cc}\n\t]|[\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\u2800]`;

const VIRAMA = String.raw`[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca\u1039\u17d2]`;

/** The same characters where people need them and nothing can hide behind them. Each begins with what it is about. */
const NEEDED = [
  // The end of a line on Windows and in CSV.
  String.raw`\r\n`,
  // 👩‍🚀, 🕵🏽‍♂️: joins one picture to the next.
  String.raw`\u200d(?<=\p{Extended_Pictographic}\ufe0f?\p{Emoji_Modifier}?\u200d)(?=\p{Extended_Pictographic})`,
  // ❤️ and ❤︎; 1️⃣.
  String.raw`[\ufe0e\ufe0f](?<=\p{Extended_Pictographic}.)`,
  String.raw`\ufe0f(?<=[0-9#*].)(?=\u20e3)`,
  // The flags of England, Scotland and Wales.
  String.raw`\u{e0067}(?<=\u{1f3f4}.)\u{e0062}(?:\u{e0065}\u{e006e}\u{e0067}|\u{e0073}\u{e0063}\u{e0074}|\u{e0077}\u{e006c}\u{e0073})\u{e007f}`,
  // Persian and its neighbours: letters that must not join.
  String.raw`\u200c(?<=\p{Script=Arabic}.)(?=\p{Script=Arabic})`,
  // Scripts of India and around: behind the sign that joins consonants, and in the Bengali ya-phala before it.
  String.raw`[\u200c\u200d](?<=${VIRAMA}.)`,
  String.raw`\u200d(?<=\u09b0.)(?=\u09cd)`,
].join('|');

const ALL = new RegExp(`${NEEDED}|(${HIDDEN})`, 'gu');

/**
 * The text with every character that nobody sees written out as `\u{200b}`, so that two texts which differ also look
 * different. Emoji that are joined, and joiners that Persian and the scripts of India need, stay. Whoever shows text
 * from outside calls this. Doing it twice changes nothing more.
 */
export function visible(text: string): string {
  return replaced(text, (point) => `\\u{${(point.codePointAt(0) ?? 0).toString(16)}}`);
}

/** The text without every character that nobody sees, those aside that `visible` leaves. */
export function withoutHidden(text: string): string {
  return replaced(text, () => '');
}

/** As `visible`, for JSON that is written already: as escapes of JSON, so that whoever parses it gets what was there. */
export function visibleInJson(json: string): string {
  const unit = (code: number) => `\\u${code.toString(16).padStart(4, '0')}`;
  return replaced(json, (point) =>
    point.length === 1 ? unit(point.charCodeAt(0)) : unit(point.charCodeAt(0)) + unit(point.charCodeAt(1)),
  );
}

function replaced(text: string, written: (point: string) => string): string {
  return text.replace(ALL, (all, hidden: string | undefined) =>
    hidden === undefined ? all : written(hidden),
  );
}
