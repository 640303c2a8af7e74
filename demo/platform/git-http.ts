import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Answers by git's own CGI program; `isLost`, asked when it is done, cuts the connection instead. */
export function serveGit(
  request: IncomingMessage,
  response: ServerResponse,
  { root, url, isOld = false }: { readonly root: string; readonly url: URL; readonly isOld?: boolean },
  isLost: () => boolean = () => false,
): void {
  const cgi = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      REQUEST_METHOD: request.method,
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers['content-type'],
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
      GIT_PROTOCOL: isOld ? '' : String(request.headers['git-protocol'] ?? ''),
      REMOTE_USER: 'slipway',
      REMOTE_ADDR: '127.0.0.1',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  request.pipe(cgi.stdin);
  cgi.stdin.on('error', () => undefined);
  const chunks: Buffer[] = [];
  cgi.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  cgi.on('close', () => {
    const output = Buffer.concat(chunks);
    const headerEnd = output.indexOf('\r\n\r\n');
    const headers = output.toString('latin1', 0, headerEnd).split('\r\n');
    if (isLost()) {
      request.socket.destroy();
      return;
    }
    for (const header of headers) {
      const [name = '', value = ''] = header.split(': ');
      if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.end(output.subarray(headerEnd + 4));
  });
}
