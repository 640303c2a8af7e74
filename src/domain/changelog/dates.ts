import { MONTHS, WEEKDAYS } from '../text/calendar.ts';

/** A date in a text and how to write another one like it. */
export interface FoundDate {
  readonly start: number;
  readonly end: number;
  /** Another day, given as `2026-11-22`, in the same form. */
  write(iso: string): string;
}

/** Which comes first in `05/06/2026`. */
export type DateOrder = 'day' | 'month';

const MONTH = String.raw`(?<month>(?:${MONTHS.map((name) => `${name}|${name.slice(0, 3)}`).join('|')}|sept)\b\.?)`;
const WEEKDAY = `(?:(?<weekday>(?:${WEEKDAYS.map((name) => `${name}|${name.slice(0, 3)}`).join('|')}))(?<comma>,? ))?`;
const NTH = '(?<nth>st|nd|rd|th)?';
/** A time of day after a date is not written again: a release has a day. */
const TIME = String.raw`(?:[T ]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?(?:Z|UTC|GMT|[AP]M|[+-]\d{2}:?\d{2}))?)?`;

type Groups = Readonly<Record<string, string | undefined>>;
interface Form {
  readonly pattern: RegExp;
  write(parts: Parts, groups: Groups, order: DateOrder | null): string | null;
}
interface Parts {
  readonly year: string;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
}

const form = (pattern: string, write: Form['write']): Form => ({ pattern: new RegExp(pattern, 'i'), write });
const pad = (number: number) => String(number).padStart(2, '0');
const like = (number: number, ...models: readonly (string | undefined)[]) =>
  models.every((model) => model?.length === 2) ? pad(number) : String(number);

/** Earlier ones win. */
const FORMS: readonly Form[] = [
  form(
    String.raw`(?<!\d)(?<y>\d{4})(?<sep>[-/.])(?<m>\d{1,2})\k<sep>(?<d>\d{1,2})(?!\d)${TIME}`,
    ({ year, month, day }, { sep, m, d }) => `${year}${sep}${like(month, m, d)}${sep}${like(day, m, d)}`,
  ),
  form(
    String.raw`(?<!\d)(?<a>\d{1,2})(?<sep>[-/.])(?<b>\d{1,2})\k<sep>(?<y>\d{4})(?!\d)${TIME}`,
    ({ year, month, day }, { a, b, sep }, order) => {
      const first = orderOf(a, b, sep) ?? order;
      if (first === null) return null;
      const [one, two] = first === 'day' ? [day, month] : [month, day];
      return `${like(one, a, b)}${sep}${like(two, a, b)}${sep}${year}`;
    },
  ),
  form(
    String.raw`${WEEKDAY}\b${MONTH} (?<d>\d{1,2})${NTH}(?<sep>,? )(?<y>\d{4})\b${TIME}`,
    (parts, groups) =>
      `${weekdayLike(parts, groups)}${monthLike(parts, groups)} ${dayLike(parts, groups)}${groups['sep']}${parts.year}`,
  ),
  form(
    String.raw`${WEEKDAY}(?<!\d)(?<d>\d{1,2})${NTH}(?<sep>(?: of)?[ -])${MONTH}(?<sep2>,?[ -])(?<y>\d{4})\b${TIME}`,
    (parts, groups) =>
      `${weekdayLike(parts, groups)}${dayLike(parts, groups)}${groups['sep']}${monthLike(parts, groups)}${groups['sep2']}${parts.year}`,
  ),
  form(
    String.raw`(?<!\d)(?<y>\d{4})(?<sep>[ -])${MONTH}(?<sep2>[ -])(?<d>\d{1,2})${NTH}(?!\d)`,
    (parts, groups) =>
      `${parts.year}${groups['sep']}${monthLike(parts, groups)}${groups['sep2']}${dayLike(parts, groups)}`,
  ),
  form(
    String.raw`\b${MONTH}(?<sep>,? |-)(?<y>\d{4})\b`,
    (parts, groups) => `${monthLike(parts, groups)}${groups['sep']}${parts.year}`,
  ),
  form(
    String.raw`(?<![\d.])(?<y>(?:19|20)\d{2})(?<sep>[-/])(?<m>[01]\d)(?![\d-/])`,
    ({ year, month }, { sep }) => `${year}${sep}${pad(month)}`,
  ),
  form(
    String.raw`(?<![\d.])(?:19|20)\d{2}[01]\d[0-3]\d(?![\d.])`,
    ({ year, month, day }) => `${year}${pad(month)}${pad(day)}`,
  ),
  form(String.raw`(?<![\d./-])(?:19|20)\d{2}(?![\d./-])`, ({ year }) => year),
];

/** The first date of a text, by form; null when it has none that can be written again. */
export function findDate(text: string, order: DateOrder | null = null): FoundDate | null {
  for (const { pattern, write } of FORMS) {
    const found = pattern.exec(text);
    if (!found) continue;
    const groups: Groups = found.groups ?? {};
    if (write(partsOf('2026-01-02'), groups, order) === null) continue;
    return {
      start: found.index,
      end: found.index + found[0].length,
      write: (iso) => write(partsOf(iso), groups, order) ?? iso,
    };
  }
  return null;
}

/** What the first date of its kind says: `25/12/2026` begins with the day. */
export function dateOrderOf(text: string): DateOrder | null {
  const { a, b, sep } = FORMS[1]?.pattern.exec(text)?.groups ?? {};
  return a === undefined ? null : orderOf(a, b, sep);
}

function orderOf(a = '', b = '', sep = ''): DateOrder | null {
  if (Number(a) > 12) return 'day';
  if (Number(b) > 12) return 'month';
  return sep === '.' ? 'day' : null;
}

function partsOf(iso: string): Parts {
  const [year = '', month = '', day = ''] = iso.split('-');
  return { year, month: Number(month), day: Number(day), weekday: new Date(`${iso}T00:00:00Z`).getUTCDay() };
}

function monthLike({ month }: Parts, { month: model = '' }: Groups): string {
  const name = MONTHS[month - 1] ?? '';
  const bare = model.replace(/\.$/, '');
  // May is as long as it is short: it is taken for the whole name.
  const isShort = /^(?:sept|(?!may$)...)$/i.test(bare) || model.endsWith('.');
  const text = caseLike(isShort ? name.slice(0, 3) : name, bare);
  return isShort && model.endsWith('.') && name.length > 3 ? `${text}.` : text;
}

function dayLike({ day }: Parts, { d, nth }: Groups): string {
  const number = d?.startsWith('0') ? pad(day) : String(day);
  if (nth === undefined) return number;
  const isTeen = day > 10 && day < 14;
  return number + ((isTeen ? undefined : ['th', 'st', 'nd', 'rd'][day % 10]) ?? 'th');
}

function weekdayLike({ weekday }: Parts, { weekday: model, comma = '' }: Groups): string {
  if (model === undefined) return '';
  const name = WEEKDAYS[weekday] ?? '';
  return caseLike(model.length === 3 ? name.slice(0, 3) : name, model) + comma;
}

function caseLike(word: string, model: string): string {
  if (model === model.toUpperCase()) return word.toUpperCase();
  return model === model.toLowerCase() ? word : word.charAt(0).toUpperCase() + word.slice(1);
}
