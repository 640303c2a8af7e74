import { isDocument } from '../../../domain/documents/record-files.ts';
import type { AdapterContext } from '../../shared/context.ts';

/** Which files the records of all open services write in one repository. */
export class RecordFiles {
  readonly #paths = new Set<string>();
  #hasDocuments = false;

  add(files: 'documents' | { readonly path: string }): void {
    if (files === 'documents') this.#hasDocuments = true;
    else this.#paths.add(files.path);
  }

  /** Those that are known by their paths. */
  get paths(): readonly string[] {
    return [...this.#paths];
  }

  /** Whether a file is one of those that are only known by their names. */
  has(path: string): boolean {
    return this.#hasDocuments && isDocument(path);
  }
}

/** One per repository, with whatever login it is opened. */
export function recordFiles({ shared }: AdapterContext, address: string): RecordFiles {
  return shared.get('record-files', address.toLowerCase(), () => new RecordFiles());
}
