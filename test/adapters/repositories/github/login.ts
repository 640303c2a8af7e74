import { pino } from 'pino';
import type { Github } from '../../../../demo/github/server.ts';
import {
  type GithubRepositorySettings,
  GithubRepositorySettings as Settings,
} from '../../../../src/adapters/repositories/github/repository-port.ts';
import type { AdapterContext } from '../../../../src/adapters/shared/context.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';

export interface Signed {
  readonly settings: GithubRepositorySettings;
  readonly context: AdapterContext;
  /** Lines of the log. */
  readonly logged: readonly string[];
}

/** Settings and a context of a process that has just begun, with a token or as an app. */
export function signedIn(
  github: Github,
  login: string | { readonly id: number; readonly installation: number; readonly privateKey: string },
  more: Readonly<Record<string, unknown>> = {},
  now: () => number = Date.now,
): Signed {
  const logged: string[] = [];
  const isToken = typeof login === 'string';
  const settings = Settings.parse({
    use: 'github',
    repository: github.name,
    api: github.api,
    ...(isToken
      ? { token: { env: 'TOKEN' } }
      : { app: { id: login.id, installation: login.installation, 'private-key': { env: 'KEY' } } }),
    ...more,
  });
  const context = adapterContext({
    now,
    env: isToken ? { TOKEN: login } : { KEY: login.privateKey },
    log: pino({ level: 'trace' }, { write: (line: string) => logged.push(line) }),
  });
  return { settings, context, logged };
}
