/** Times as Slack writes them, in the zone of the reader. All moments are Dates, all zones IANA names. */

function intl(at: Date, timeZone: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat('en-US', { timeZone, ...options }).format(at);
}

/** `2026-03-31` in that zone: equal for moments of the same day. */
export function dayOf(at: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).format(at);
}

export function clockTime(at: Date, timeZone: string, seconds = false): string {
  return intl(at, timeZone, {
    hour: 'numeric',
    minute: '2-digit',
    ...(seconds ? { second: '2-digit' } : {}),
  });
}

/** `3:04` without the half of the day, for the margin of grouped messages. */
export function shortClock(at: Date, timeZone: string): string {
  return clockTime(at, timeZone).replace(/\s?[AP]M$/, '');
}

/** The moment of a Slack timestamp. */
export function momentOf(ts: string): Date {
  return new Date(Number(ts) * 1000);
}

function ordinal(day: number): string {
  const tens = day % 100;
  const ending = tens > 10 && tens < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][day % 10] ?? 'th');
  return `${day}${ending}`;
}

type Shape = { readonly weekday?: boolean; readonly month: 'long' | 'short'; readonly year?: boolean };

function writtenDate(at: Date, timeZone: string, shape: Shape): string {
  const day = ordinal(Number(intl(at, timeZone, { day: 'numeric' })));
  const month = intl(at, timeZone, { month: shape.month });
  const weekday = shape.weekday ? `${intl(at, timeZone, { weekday: 'long' })}, ` : '';
  const year = shape.year ? `, ${intl(at, timeZone, { year: 'numeric' })}` : '';
  return `${weekday}${month} ${day}${year}`;
}

function pretty(at: Date, timeZone: string, now: Date, otherwise: string): string {
  const day = dayOf(at, timeZone);
  const shifted = (days: number) => dayOf(new Date(now.getTime() + days * 86_400_000), timeZone);
  if (day === shifted(0)) return 'Today';
  if (day === shifted(-1)) return 'Yesterday';
  if (day === shifted(1)) return 'Tomorrow';
  return otherwise;
}

/** The words on the line between two days. */
export function dayDivider(at: Date, timeZone: string, now: Date): string {
  const sameYear = dayOf(at, timeZone).slice(0, 4) === dayOf(now, timeZone).slice(0, 4);
  return pretty(
    at,
    timeZone,
    now,
    writtenDate(at, timeZone, { weekday: true, month: 'long', year: !sameYear }),
  );
}

/** `5 minutes ago`, `in 2 hours`. */
export function ago(at: Date, now: Date): string {
  const seconds = Math.round((at.getTime() - now.getTime()) / 1000);
  const units = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ] as const;
  const words = new Intl.RelativeTimeFormat('en-US', { numeric: 'auto' });
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) return words.format(Math.trunc(seconds / size), unit);
  }
  return Math.abs(seconds) < 10 ? 'just now' : words.format(seconds, 'second');
}

/**
 * A `<!date^seconds^format|…>` as the reader sees it.
 * The tokens are those of "Formatting text for app surfaces" in Slack's documentation.
 */
export function formatDate(timestamp: number, format: string, timeZone: string, now: Date): string {
  const at = new Date(timestamp * 1000);
  const written = (shape: Shape) => writtenDate(at, timeZone, shape);
  const lowerInside = (text: string, offset: number) => (offset === 0 ? text : text.toLowerCase());
  const friendly = (text: string, offset: number) => {
    const word = pretty(at, timeZone, now, '');
    return word === '' ? text : lowerInside(word, offset);
  };
  return format.replace(/\{(\w+)\}/g, (whole, token: string, offset: number) => {
    switch (token) {
      case 'date_num':
        return dayOf(at, timeZone);
      case 'date_slash':
        return intl(at, timeZone, { year: 'numeric', month: '2-digit', day: '2-digit' });
      case 'date':
        return written({ month: 'long', year: true });
      case 'date_short':
        return intl(at, timeZone, { month: 'short', day: 'numeric', year: 'numeric' });
      case 'date_long':
        return written({ weekday: true, month: 'long', year: true });
      case 'date_long_full':
        return written({ weekday: true, month: 'long', year: true });
      case 'date_pretty':
        return friendly(written({ month: 'long', year: true }), offset);
      case 'date_short_pretty':
        return friendly(intl(at, timeZone, { month: 'short', day: 'numeric', year: 'numeric' }), offset);
      case 'date_long_pretty':
        return friendly(written({ weekday: true, month: 'long', year: true }), offset);
      case 'day_divider_pretty':
        return friendly(written({ weekday: true, month: 'long' }), offset);
      case 'time':
        return clockTime(at, timeZone);
      case 'time_secs':
        return clockTime(at, timeZone, true);
      case 'ago':
        return ago(at, now);
      default:
        return whole;
    }
  });
}
