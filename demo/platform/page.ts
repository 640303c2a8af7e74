/** A plain page about a project; `html` is safe already. */
export function frame(project: string, html: string, home = `/${project}`): string {
  return `<!doctype html><meta charset="utf-8"><title>${safe(project)}</title><style>body{font:15px/1.5 system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem}pre{background:#8881;padding:1rem;overflow:auto}</style><h1><a href="${safe(home)}">${safe(project)}</a></h1>${html}`;
}

export const MISSING = '<!doctype html><title>Not here</title><p>There is no such page.';

export function pre(text: string): string {
  return `<pre>${safe(text)}</pre>`;
}

export function safe(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
