import { bodyOf, sectionFor } from './changelog.ts';
import { bareText } from './document.ts';
import { readHeading } from './heading-reading.ts';
import type { Outline, Section } from './outline.ts';

/** Whether versions stand in a file in a form that is not read: there a section could only be put somewhere. */
export function hasUnreadVersions({ lines, kinds }: Outline, path: string): boolean {
  if (/\.(?:ya?ml|json|toml|xml|html?|in)$/i.test(path)) return true;
  return lines.some((raw, at) => {
    if (kinds[at] !== 'text') return false;
    const line = bareText(raw);
    if (line.length > 200 || !/\d\.\d/.test(line)) return false;
    if (/^\s{0,3}\|\s*\**\[?v?\d+\.\d+/.test(line)) return true;
    const text = line
      .replace(/^\s*(?:h\d\.|<h\d[^<>]*>|<summary>|[=*#+.|-]+|[\w-]+ \()\s*/, '')
      .replace(/[=)]*(?:<\/\w+>)?\s*$/, '');
    const reading = text.endsWith('.') ? null : readHeading(text);
    return reading?.kind === 'version' && reading.certainty === 'sure' && (reading.isMarked || text !== line);
  });
}

/** Whether the edited file reads as it should: with the new version and what it says, and all the others as before. */
export function isSound(before: Outline, after: Outline, version: string, body: string): boolean {
  const added = sectionFor(after, version);
  if (!added || bodyOf(after, added) !== body) return false;
  const others = after.versions.filter((one) => one !== added);
  if (others.length !== before.versions.length) return false;
  return others.every((one, index) => {
    const { written, heading } = one;
    const was = before.versions[index];
    return (
      was !== undefined &&
      was.written === written &&
      was.heading.text === heading.text &&
      extentOf(before, was) === extentOf(after, one)
    );
  });
}

/** Lines of a section but for the empty ones at its end. */
function extentOf({ lines }: Outline, { heading, end }: Section): number {
  let last = end;
  while (last > heading.end && (lines[last - 1] ?? '').trim() === '') last--;
  return last - heading.at;
}
