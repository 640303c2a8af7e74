import { readFileSync, statSync } from 'node:fs';

/** Why ssh does not use this key file, as a reason for people; null when nothing is wrong with the file itself. */
export function keyProblem(path: string, inText = keyTextProblem): string | null {
  let text: string;
  try {
    const { mode } = statSync(path);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      return `others on this machine may read the key file ${path}; run chmod 600 on it`;
    }
    text = readFileSync(path, 'latin1').slice(0, 20_000);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return `the key file ${path} does not exist`;
    return code === 'EACCES' ? `Slipway may not read the key file ${path}` : `${path} is no key file`;
  }
  return inText(text, path);
}

/** The same for the text of a key; `path`: where it is from. */
export function keyTextProblem(text: string, path: string): string | null {
  if (/^(?:ssh-|ecdsa-|sk-)/.test(text)) return `${path} is the public half; name the private key`;
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return `${path} is no private key`;
  return isEncrypted(text)
    ? `the key in ${path} has a passphrase, and there is nobody to type it; use a key without one, or an ssh agent`
    : null;
}

/** Of the two forms: a header line in PEM, the name of the cipher in OpenSSH's own. */
function isEncrypted(text: string): boolean {
  if (/ENCRYPTED/.test(text)) return true;
  const [, body] = /-----BEGIN OPENSSH PRIVATE KEY-----([\sA-Za-z0-9+/=]*)/.exec(text) ?? [];
  if (body === undefined) return false;
  const bytes = Buffer.from(body, 'base64');
  // The name of the format, a zero byte, and then the length and the name of the cipher.
  const at = 'openssh-key-v1'.length + 1;
  if (bytes.length < at + 8) return false;
  return bytes.toString('latin1', at + 4, at + 4 + bytes.readUInt32BE(at)) !== 'none';
}
