import { withoutTrailing } from '../../domain/text/trailing.ts';
import type { GitFacts, Texts } from './git.ts';

/** Files in which people say where production is, or at which path it says that it is healthy. */
const TELLING =
  /^(?:package\.json|fly\.toml|app\.json|Dockerfile|(?:docker-)?compose\.ya?ml|\.github\/workflows\/[^/]+\.ya?ml|(?:k8s|deploy|kubernetes|helm|charts)\/.*\.ya?ml)$/;
const MOST_FILES = 40;
/** Pages about a project instead of the project. */
const ABOUT =
  /^https?:\/\/(?:[^/]*\.)?(?:github\.com|gitlab\.com|bitbucket\.org|npmjs\.com|example\.(?:com|org))(?:\/|$)/i;

/** Where production says that it is healthy, as far as the repository tells; null when nothing names its address. */
export async function healthIn(git: GitFacts, texts: Texts): Promise<string | null> {
  let base: string | null = null;
  let path: string | null = null;
  for (const file of git.files.filter((name) => TELLING.test(name)).slice(0, MOST_FILES)) {
    const text = await texts(file);
    base ??= productionIn(file, text);
    path ??= healthPathIn(text);
  }
  return base === null ? null : `${withoutTrailing(base, '/')}${path ?? '/'}`;
}

function productionIn(file: string, text: string): string | null {
  if (file === 'fly.toml') {
    const [, app] = /^app\s*=\s*["']([a-z0-9-]+)["']/m.exec(text) ?? [];
    return app === undefined ? null : `https://${app}.fly.dev`;
  }
  const wanted =
    file === 'package.json'
      ? /"homepage"\s*:\s*"(https?:\/\/[^\s"#]+)"/
      : file.startsWith('.github/')
        ? /^\s+url:\s*["']?(https?:\/\/[^\s"'#${}]+)["']?\s*$/m
        : null;
  const [, url] = wanted?.exec(text) ?? [];
  return url === undefined || ABOUT.test(url) ? null : url;
}

const PATH =
  /(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::\d{1,5})?(\/[\w/-]{1,60})|\bpath\s{0,9}[:=]\s{0,9}["']?(\/[\w/-]{0,40}?(?:health|ready|alive|ping)[\w/-]{0,20})/i;

/** The path that a health check of a container or of a platform asks: `/healthz`; null when none is named. */
export function healthPathIn(text: string): string | null {
  const [, local, named] = PATH.exec(text) ?? [];
  return local ?? named ?? null;
}
