/** The first of them, and how many more there are: `a, b and 3 more`. `last`: what stands before that number. */
export function few(items: readonly string[], most: number, between = ', ', last = ' and'): string {
  const rest = items.length - most;
  return items.slice(0, most).join(between) + (rest > 0 ? `${last} ${rest} more` : '');
}
