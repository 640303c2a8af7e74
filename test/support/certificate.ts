import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Certificate {
  readonly key: Buffer;
  readonly cert: Buffer;
  /** Where the certificate is, for NODE_EXTRA_CA_CERTS. */
  readonly file: string;
}

/** A certificate for these names that only who is told of it trusts; made by openssl, in `dir`. */
export async function selfSigned(dir: string, names: readonly string[]): Promise<Certificate> {
  const [keyFile, file] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  const san = `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`;
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  const subject = ['-subj', `/CN=${names[0]}`, '-addext', san];
  await run('openssl', ['req', ...kind, ...subject, '-keyout', keyFile, '-out', file]);
  return { key: await readFile(keyFile), cert: await readFile(file), file };
}
