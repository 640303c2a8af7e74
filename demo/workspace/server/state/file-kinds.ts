import { extname } from 'node:path';

const KINDS: Readonly<Record<string, { readonly mimetype: string; readonly filetype: string }>> = {
  '.md': { mimetype: 'text/markdown', filetype: 'markdown' },
  '.txt': { mimetype: 'text/plain', filetype: 'text' },
  '.log': { mimetype: 'text/plain', filetype: 'text' },
  '.json': { mimetype: 'application/json', filetype: 'json' },
  '.yaml': { mimetype: 'text/yaml', filetype: 'yaml' },
  '.yml': { mimetype: 'text/yaml', filetype: 'yaml' },
  '.csv': { mimetype: 'text/csv', filetype: 'csv' },
  '.html': { mimetype: 'text/html', filetype: 'html' },
  '.css': { mimetype: 'text/css', filetype: 'css' },
  '.js': { mimetype: 'text/javascript', filetype: 'javascript' },
  '.mjs': { mimetype: 'text/javascript', filetype: 'javascript' },
  '.map': { mimetype: 'application/json', filetype: 'json' },
  '.png': { mimetype: 'image/png', filetype: 'png' },
  '.jpg': { mimetype: 'image/jpeg', filetype: 'jpg' },
  '.jpeg': { mimetype: 'image/jpeg', filetype: 'jpg' },
  '.gif': { mimetype: 'image/gif', filetype: 'gif' },
  '.svg': { mimetype: 'image/svg+xml', filetype: 'svg' },
  '.ico': { mimetype: 'image/x-icon', filetype: 'ico' },
  '.woff2': { mimetype: 'font/woff2', filetype: 'woff2' },
};

export function kindOfFile(name: string): { mimetype: string; filetype: string } {
  return KINDS[extname(name).toLowerCase()] ?? { mimetype: 'application/octet-stream', filetype: 'binary' };
}
