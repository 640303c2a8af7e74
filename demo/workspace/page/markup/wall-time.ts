/** `2026-03-31T14:05` on the clocks of a zone, for a moment in seconds since the epoch. */
export function toWallTime(seconds: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(new Date(seconds * 1000));
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)?.value ?? '';
  return `${of('year')}-${of('month')}-${of('day')}T${of('hour')}:${of('minute')}`;
}

/** The other way round; a time that the zone skips becomes the one after the gap. */
export function fromWallTime(wall: string, timeZone: string): number {
  const asUtc = (text: string) => Date.parse(`${text}:00Z`) / 1000;
  const wanted = asUtc(wall);
  let guess = wanted;
  for (let round = 0; round < 2; round += 1) guess -= asUtc(toWallTime(guess, timeZone)) - wanted;
  return guess;
}
