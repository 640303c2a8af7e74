import { accessSync, constants } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { describe } from 'vitest';

/**
 * `describe` when the program is there; without it the tests are skipped with a line that says how to get it. `folder`
 * is where it may be besides the PATH.
 */
export function describeWith(
  program: string,
  debianPackage: string,
  folder = '',
): typeof describe | typeof describe.skip {
  if (isThere(program, folder)) return describe;
  const line = `${program} is missing: sudo apt-get install -y ${debianPackage}`;
  if (process.env['SLIPWAY_REQUIRE_ALL'] === '1') throw new Error(line);
  process.stderr.write(`skipped, ${line}\n`);
  return describe.skip;
}

function isThere(program: string, besides: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...(besides === '' ? [] : [besides])];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A port that was free a moment ago, for programs that cannot say which one the system gave them. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
