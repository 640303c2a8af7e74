/** Lines that went and came, as `- old` and `+ new`, in order. */
export function changedLines(before: string, after: string): string[] {
  const old = before.split('\n');
  const now = after.split('\n');
  const found: string[] = [];
  let row = 0;
  for (const line of now) {
    const next = old.indexOf(line, row);
    if (next === -1) found.push(`+ ${line}`);
    else {
      found.push(...old.slice(row, next).map((gone) => `- ${gone}`));
      row = next + 1;
    }
  }
  return [...found, ...old.slice(row).map((gone) => `- ${gone}`)];
}
