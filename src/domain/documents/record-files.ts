import { STATE_FILE_NAMES } from '../state-file/reading.ts';

/** Whether a file is called like a report, an incident or a state file. */
export function isDocument(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return (
    /^(?:production-ship-report|incident-.+)\.md$/.test(name) ||
    (STATE_FILE_NAMES as readonly string[]).includes(name)
  );
}
