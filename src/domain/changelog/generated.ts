import type { ChangelogGroup } from '../release/commits.ts';
import { withoutReferences } from '../text/references.ts';
import { visible } from '../text/visible.ts';
import { bareText, type Heading } from './document.ts';
import type { Outline } from './outline.ts';

/** Titles of groups that mean the same, in the words of several tools. */
const SAME: Readonly<Record<string, RegExp>> = {
  Added: /\b(?:added|features?|new|enhancements?|additions|minor changes)\b/i,
  Changed:
    /^(?!.*\b(?:major|minor|patch|breaking)\b).*\b(?:changed|changes|improvements|improved|updates)\b/i,
  Fixed: /\b(?:fixed|fix(?:es)?|bug ?fix(?:es)?|bugs|patch changes)\b/i,
  Security: /\bsecurity\b/i,
};

/** How the file writes groups and entries: as the newest sections do. */
interface Habit {
  readonly groups: readonly Heading[];
  readonly bullet: string;
}

/** Lines of a section made of groups, in the style of the file; nothing in them acts or hides. */
export function generatedBody(outline: Outline, groups: readonly ChangelogGroup[], level: number): string[] {
  const habit = habitOf(outline);
  const { bullet } = habit;
  if (groups.length === 0) return [`${bullet} No notable changes.`];
  return groups.flatMap(({ title, entries }, index) => [
    ...(index > 0 ? [''] : []),
    ...groupHeading(outline, habit, title, level),
    '',
    ...entries.flatMap((entry) => entryLines(bullet, entry)),
  ]);
}

function entryLines(bullet: string, entry: string): string[] {
  const [first = '', ...more] = withoutReferences(visible(entry)).split('\n');
  return [
    `${bullet} ${first}`,
    ...more.map((line) => (line.trim() === '' ? '' : `${' '.repeat(bullet.length + 1)}${line}`)),
  ];
}

function groupHeading(outline: Outline, habit: Habit, title: string, level: number): string[] {
  const isSame = (heading: Heading) => SAME[title]?.test(heading.text) ?? heading.text === title;
  const model = habit.groups.find(isSame) ?? habit.groups[0];
  const text = model && isSame(model) ? model.text : title;
  if (outline.markup === 'rest') {
    const mark = model ? (bareText(outline.lines[model.end - 1] ?? '').trim()[0] ?? '~') : freeMark(outline);
    return [text, mark.repeat(Math.max(3, text.length))];
  }
  if (model?.form === 'underlined') return [text, '-'.repeat(Math.max(3, text.length))];
  return [`${'#'.repeat(model?.level ?? Math.min(6, Math.max(3, level + 1)))} ${text}`];
}

/** A mark that no title of the file has: it makes the level below. */
function freeMark({ lines, headings }: Outline): string {
  const used = new Set(headings.map(({ end }) => bareText(lines[end - 1] ?? '').trim()[0]));
  return ['~', '^', '"', "'", '+'].find((mark) => !used.has(mark)) ?? '~';
}

function habitOf({ lines, kinds, headings, versions, isAscending }: Outline): Habit {
  const newest = (isAscending ? [...versions].reverse() : versions).slice(0, 20);
  const [first] = newest;
  const groups = newest.flatMap(({ heading, end }) =>
    headings.filter(
      ({ at, level, form }) => at >= heading.end && at < end && level >= heading.level && form !== 'line',
    ),
  );
  const from = first?.heading.end ?? 0;
  const bullets = lines
    .slice(from, Math.min(newest.at(-1)?.end ?? 0, from + 2_000))
    .flatMap((line, index) => (kinds[from + index] === 'text' ? (/^([-*+]) /.exec(line)?.[1] ?? []) : []));
  return { groups, bullet: bullets[0] ?? '-' };
}
