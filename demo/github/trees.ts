export interface TreeChange {
  readonly path: string;
  readonly mode: string;
  /** Null removes the path. */
  readonly sha: string | null;
}

interface Entry {
  readonly mode: string;
  readonly sha: string;
}

interface Objects {
  /** The content of a tree. */
  tree(sha: string): Promise<Buffer>;
  write(type: 'tree', content: Buffer): Promise<string>;
}

const FOLDER = '40000';

/** Id of the tree that the changes make of another one, or of nothing. Folders that become empty go away. */
export async function changedTree(
  objects: Objects,
  base: string | null,
  changes: readonly TreeChange[],
): Promise<string> {
  const entries = base === null ? new Map<string, Entry>() : entriesOf(await objects.tree(base));
  const below = new Map<string, TreeChange[]>();
  for (const change of changes) {
    const [name = '', ...rest] = change.path.split('/');
    if (rest.length > 0) {
      below.set(name, [...(below.get(name) ?? []), { ...change, path: rest.join('/') }]);
    } else if (change.sha === null) entries.delete(name);
    else entries.set(name, { mode: change.mode.replace(/^0/, ''), sha: change.sha });
  }
  for (const [name, inside] of below) {
    const old = entries.get(name);
    const sha = await changedTree(objects, old?.mode === FOLDER ? old.sha : null, inside);
    if ((await objects.tree(sha)).length === 0) entries.delete(name);
    else entries.set(name, { mode: FOLDER, sha });
  }
  return objects.write('tree', contentOf(entries));
}

function entriesOf(content: Buffer): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(32, at);
    const end = content.indexOf(0, space);
    entries.set(content.subarray(space + 1, end).toString(), {
      mode: content.subarray(at, space).toString(),
      sha: content.subarray(end + 1, end + 21).toString('hex'),
    });
    at = end + 21;
  }
  return entries;
}

/** In git's order: by bytes, a folder as if its name ended in a slash. */
function contentOf(entries: ReadonlyMap<string, Entry>): Buffer {
  const sorted = [...entries].map(([name, entry]) => ({
    order: Buffer.from(entry.mode === FOLDER ? `${name}/` : name),
    bytes: Buffer.concat([Buffer.from(`${entry.mode} ${name}\0`), Buffer.from(entry.sha, 'hex')]),
  }));
  return Buffer.concat(sorted.sort((a, b) => Buffer.compare(a.order, b.order)).map(({ bytes }) => bytes));
}
