/** The shape of a changelog: where its sections and links are. Lines keep their line ends. */
export interface Outline {
  readonly lines: readonly string[];
  /** Where Markdown is not read: lines of code and of comments, the first and the last of them too. */
  readonly opaque: readonly ('code' | 'comment' | null)[];
  readonly unreleased: Section | null;
  /** In the order of the file. */
  readonly versions: readonly (Section & { readonly version: string })[];
  /** Start of the block of link definitions at the end, or the number of lines. */
  readonly linksAt: number;
}

/** Heading at `at`, content up to `end` (exclusive). */
export interface Section {
  readonly at: number;
  readonly end: number;
  readonly level: number;
}

export const SEMVER = String.raw`(?<!\d)\d+\.\d+\.\d+(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?`;

const HEADING = /^(#{1,6})[ \t](.*)$/;
const VERSION_HEADING = new RegExp(String.raw`^\[?[^\s[\]\d]*(${SEMVER})(?![\w.])`);
export const LINK_DEFINITION = /^\[([^\]]+)\]:[ \t]*(\S+)/;

/** Lines with their line ends; joined they are the text. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** A line without its line end. */
export function bare(line: string): string {
  return line.replace(/\r?\n$/, '');
}

/** The line end that most lines have. */
export function newlineOf(text: string): '\n' | '\r\n' {
  const all = text.split('\n').length - 1;
  const windows = text.split('\r\n').length - 1;
  return windows * 2 > all ? '\r\n' : '\n';
}

export function headingOf(line: string): { readonly level: number; readonly text: string } | null {
  const [, marks, text] = HEADING.exec(bare(line).replace(/^\uFEFF/, '')) ?? [];
  return marks === undefined || text === undefined ? null : { level: marks.length, text: text.trim() };
}

export function outlineOf(text: string): Outline {
  const lines = linesOf(text);
  const opaque = opaqueLines(lines);
  const linksAt = linksStart(lines, opaque);

  const starts: { at: number; level: number; version: string | null }[] = [];
  const headings: { at: number; level: number }[] = [];
  lines.forEach((line, at) => {
    const heading = opaque[at] ? null : headingOf(line);
    if (!heading) return;
    headings.push({ at, level: heading.level });
    if (heading.level > 3) return;
    const version = VERSION_HEADING.exec(heading.text)?.[1] ?? null;
    if (version !== null || /^\W*unreleased\b/i.test(heading.text)) {
      starts.push({ at, level: heading.level, version });
    }
  });

  const sections = starts.map((start, index) => {
    const next = starts[index + 1]?.at ?? lines.length;
    const higher =
      headings.find(({ at, level }) => at > start.at && level <= start.level)?.at ?? lines.length;
    const links = linksAt > start.at ? linksAt : lines.length;
    return { ...start, end: Math.min(next, higher, links) };
  });
  return {
    lines,
    opaque,
    linksAt,
    unreleased: sections.find(({ version }) => version === null) ?? null,
    versions: sections.flatMap(({ version, ...section }) =>
      version === null ? [] : [{ ...section, version }],
    ),
  };
}

function opaqueLines(lines: readonly string[]): Outline['opaque'] {
  let fence: string | null = null;
  let comment = false;
  return lines.map((line) => {
    if (fence !== null) {
      const closes = line.trim().startsWith(fence) && /^[`~]+$/.test(line.trim());
      if (closes) fence = null;
      return 'code';
    }
    if (comment) {
      comment = !line.includes('-->');
      return 'comment';
    }
    fence = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1] ?? null;
    if (fence !== null) return 'code';
    const opens = line.lastIndexOf('<!--');
    if (opens < 0) return null;
    comment = !line.includes('-->', opens);
    return line.trimStart().startsWith('<!--') ? 'comment' : null;
  });
}

function linksStart(lines: readonly string[], opaque: Outline['opaque']): number {
  let start = lines.length;
  for (let at = lines.length - 1; at >= 0; at--) {
    const line = bare(lines[at] ?? '');
    if (opaque[at]) break;
    if (LINK_DEFINITION.test(line)) start = at;
    else if (line.trim() !== '') break;
  }
  return start;
}
