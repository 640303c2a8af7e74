/** A line without what stands in code spans, and without comments. Each is looked for once: the line may be long. */
export function saidIn(line: string): string {
  const codeless = withoutCode(line);
  return codeless.includes('<!--') ? withoutComments(codeless) : codeless;
}

/** A line without the comments in it; what code spans show is no comment. */
export function withoutCommentsIn(line: string): string {
  if (!line.includes('<!--')) return line;
  const shown = withoutCode(line, '\uE000');
  return withoutComments(shown) === shown ? line : withoutComments(line);
}

function withoutCode(line: string, instead = ''): string {
  if (!line.includes('`')) return line;
  const open = new Map<number, number[]>();
  const runs = [...line.matchAll(/`+/g)].map((run) => ({ at: run.index, length: run[0].length }));
  runs.forEach(({ length }, index) => {
    const same = open.get(length);
    if (same) same.push(index);
    else open.set(length, [index]);
  });
  let text = '';
  let from = 0;
  for (let index = 0; index < runs.length; index++) {
    const run = runs[index];
    const same = (run && open.get(run.length)) ?? [];
    while (same.length > 0 && (same[0] ?? 0) <= index) same.shift();
    const end = runs[same[0] ?? -1];
    if (!run || !end) continue;
    text += line.slice(from, run.at) + instead;
    from = end.at + end.length;
    index = same[0] ?? index;
  }
  return text + line.slice(from);
}

function withoutComments(line: string): string {
  let text = '';
  let from = 0;
  for (let start = line.indexOf('<!--'); start >= 0; start = line.indexOf('<!--', from)) {
    const end = line.indexOf('-->', start + 2);
    if (end < 0) break;
    text += line.slice(from, start);
    from = end + 3;
  }
  return text + line.slice(from);
}
