import { createHash } from 'node:crypto';
import type { Sha } from '../../../../domain/release/release.ts';

/** A file, link or submodule of a tree. */
interface Entry {
  readonly mode: string;
  readonly sha: Sha;
}

type Folder = Map<string, Entry | Folder>;

/** The id that git gives a blob, in the kind of ids of the repository. */
export function blobIdOf(bytes: Uint8Array, like: Sha): Sha {
  return idOf('blob', Buffer.from(bytes), like);
}

/** The id that git gives the tree with exactly these entries, by path. */
export function treeIdOf(entries: ReadonlyMap<string, Entry>, like: Sha): Sha {
  const root: Folder = new Map();
  for (const [path, entry] of entries) {
    const names = path.split('/');
    const name = names.pop() ?? '';
    let folder = root;
    for (const part of names) {
      const found = folder.get(part);
      const below: Folder = found instanceof Map ? found : new Map();
      folder.set(part, below);
      folder = below;
    }
    folder.set(name, entry);
  }
  return folderId(root, like);
}

function folderId(folder: Folder, like: Sha): Sha {
  const lines = [...folder].map(([name, entry]) => {
    const isFolder = entry instanceof Map;
    const { mode, sha } = isFolder ? { mode: '40000', sha: folderId(entry, like) } : entry;
    return {
      // Git sorts by bytes, and a folder as if its name ended with a slash.
      key: Buffer.from(isFolder ? `${name}/` : name),
      line: Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(sha, 'hex')]),
    };
  });
  lines.sort((a, b) => Buffer.compare(a.key, b.key));
  return idOf('tree', Buffer.concat(lines.map(({ line }) => line)), like);
}

function idOf(type: 'blob' | 'tree', content: Buffer, like: Sha): Sha {
  const algorithm = like.length === 64 ? 'sha256' : 'sha1';
  return createHash(algorithm).update(`${type} ${content.length}\0`).update(content).digest('hex');
}
