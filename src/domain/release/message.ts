import { withoutReferences } from '../text/references.ts';
import { visible } from '../text/visible.ts';
import type { VersionDecision } from './version.ts';

/** Trailers by which Slipway knows its own commits again. */
export type SlipwayTrailer = 'Slipway-Promotion' | 'Slipway-Record' | 'Slipway-Build';

const LONGEST_TAG_MESSAGE = 50_000;

/** Message of the release commit, without trailers: holds no outside text. */
export function releaseMessage({ tag }: Pick<VersionDecision, 'tag'>): string {
  return `chore(release): ${tag}`;
}

/** Message of the annotated tag: a title, then the section of the changelog, in which nothing acts or hides. */
export function tagMessage({ tag }: Pick<VersionDecision, 'tag'>, changelog: string): string {
  const notes = withoutReferences(visible(changelog.slice(0, LONGEST_TAG_MESSAGE)));
  const text = `Release ${tag}\n\n${notes}`.trim();
  const cut = text.length > LONGEST_TAG_MESSAGE ? `${text.slice(0, LONGEST_TAG_MESSAGE)}\n…` : text;
  // Git takes what follows a signature line for a signature.
  return `${cut.replaceAll('-----BEGIN', '----- BEGIN')}\n`;
}

/** The message with one more trailer in its last paragraph, as `git interpret-trailers` would put it. */
export function withTrailer(message: string, name: SlipwayTrailer, value: string): string {
  const text = message.replaceAll('\0', '').replaceAll('\r\n', '\n').trimEnd();
  const separator = trailersOf(text).length > 0 ? '\n' : '\n\n';
  return `${text}${separator}${name}: ${oneLine(value)}\n`;
}

/** Whether the last paragraph of the message has that trailer, with that value when one is given. */
export function hasTrailer(message: string, name: SlipwayTrailer, value?: string): boolean {
  return valuesOf(message, name).some((own) => value === undefined || own === oneLine(value));
}

/** The value of the first such trailer; null when the message has none. */
export function trailerOf(message: string, name: SlipwayTrailer): string | null {
  return valuesOf(message, name)[0] ?? null;
}

function valuesOf(message: string, name: SlipwayTrailer): readonly string[] {
  if (!message.includes(name)) return [];
  const own = trailersOf(message.trimEnd()).filter((line) => line.startsWith(`${name}: `));
  return own.map((line) => line.slice(name.length + 2).trim());
}

/** Lines of the last paragraph when all of them are trailers; the subject is never one. */
function trailersOf(text: string): readonly string[] {
  const paragraphs = text.split(/\n[ \t]*\n/);
  if (paragraphs.length < 2) return [];
  const lines = paragraphs.at(-1)?.split(/\r?\n/) ?? [];
  return lines.every((line) => /^([A-Za-z0-9-]+: |[ \t])/.test(line)) ? lines : [];
}

function oneLine(value: string): string {
  return value.replace(/[\s\0]+/g, ' ').trim();
}
