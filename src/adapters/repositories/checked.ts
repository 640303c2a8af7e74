import { Refusal } from '../../domain/refusals/refusal.ts';
import type { Blob } from './port.ts';

/** Refusal `branch-missing` for what cannot be the name of a branch or tag. */
export function checkNames(...names: readonly string[]): void {
  for (const branch of names) {
    if (!isRefName(branch)) throw new Refusal('branch-missing', { branch });
  }
}

/** A file as text, byte order mark included; Refusal `file-not-text` when it is not UTF-8. */
export function textOf(blob: Blob | null): string | null {
  if (blob === null) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(blob.bytes);
  } catch {
    throw new Refusal('file-not-text', { path: blob.path });
  }
}

/** Whether git takes the text as the name of a branch or tag; also keeps refspecs and options apart from names. */
export function isRefName(name: string): boolean {
  return (
    // biome-ignore lint/suspicious/noControlCharactersInRegex: git refuses them
    !/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|^[-/]|^@$|[/.]$/.test(name) &&
    name !== '' &&
    name.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'))
  );
}
