import { jsonIn } from '../../domain/text/json.ts';
import type { GitFacts, Texts } from './git.ts';

/** How production is deployed, as `slipway.yaml` has it, and the variables that it takes. */
export interface DeployAnswer {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly variables: readonly string[];
}

export const DEPLOY_FORMS =
  './deploy.sh {tag}, workflow:deploy.yml, branch:production, vercel:PROJECT, netlify:SITE or heroku:APP:STAGING-APP';

const SCRIPTS = /^(?:(?:scripts?|bin|ci|deploy|tools)\/)?deploy(?:[-_]prod(?:uction)?)?(?:\.sh)?$/;
const WORKFLOW = /^\.github\/workflows\/([^/]*(?:deploy|release|prod|ship)[^/]*\.ya?ml)$/i;
const BRANCHES = ['production', 'prod', 'live', 'deploy'];

/** How production seems to be deployed, in the words of the question; null when nothing tells. */
export async function deployIn(git: GitFacts, isGithub: boolean, texts: Texts): Promise<string | null> {
  if (isGithub) {
    for (const path of git.files) {
      const [, name] = WORKFLOW.exec(path) ?? [];
      if (name !== undefined && /\bworkflow_dispatch\b/.test(await texts(path))) return `workflow:${name}`;
    }
  }
  const script = git.files.filter((path) => SCRIPTS.test(path)).sort((a, b) => a.length - b.length)[0];
  if (script !== undefined) return `./${script} {tag}`;
  const platform = await platformIn(git, texts);
  if (platform !== null) return platform;
  const branch = BRANCHES.find((name) => git.branches.includes(name) && name !== git.branch);
  if (branch !== undefined) return `branch:${branch}`;
  if (/^deploy\s*:/m.test(await texts('Makefile'))) return 'make deploy';
  const scripts = membersIn(await texts('package.json'))['scripts'];
  return typeof scripts === 'object' && scripts !== null && 'deploy' in scripts ? 'npm run deploy' : null;
}

async function platformIn(git: GitFacts, texts: Texts): Promise<string | null> {
  const { projectName, projectId } = membersIn(await texts('.vercel/project.json'));
  const project = projectName ?? projectId;
  if (typeof project === 'string') return `vercel:${project}`;
  const { siteId } = membersIn(await texts('.netlify/state.json'));
  if (typeof siteId === 'string') return `netlify:${siteId}`;
  const apps = [...git.remotes].flatMap(([name, url]) => {
    const [, app] = /^https:\/\/git\.heroku\.com\/(.+?)(?:\.git)?$/.exec(url) ?? [];
    return app === undefined ? [] : [{ name, app }];
  });
  const staging = apps.find(({ name, app }) => /stag/i.test(`${name} ${app}`));
  const production = apps.find((one) => one !== staging);
  return staging && production ? `heroku:${production.app}:${staging.app}` : null;
}

function membersIn(text: string): Record<string, unknown> {
  const value = jsonIn(text);
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/**
 * An answer to the question how production is deployed, or what is wrong with it as a sentence. `url` is where
 * production answers.
 */
export function deployOf(typed: string, isGithub: boolean, url: string): DeployAnswer | string {
  const [, kind = '', rest = ''] = /^(workflow|branch|vercel|netlify|heroku):\s*(\S.*)$/.exec(typed) ?? [];
  const settings = (more: Record<string, unknown>, ...variables: string[]): DeployAnswer => ({
    settings: more,
    variables,
  });
  const secret = (name: string) => ({ env: name });
  switch (kind) {
    case 'workflow':
      return isGithub
        ? settings({ use: 'github-actions', workflow: rest, url })
        : 'A workflow deploys only what is in a repository on GitHub.';
    case 'branch':
      return settings({ use: 'git-branch', branch: rest, url });
    case 'vercel': {
      const domain = new URL(url).hostname;
      return settings(
        { use: 'vercel', project: rest, domain, token: secret('VERCEL_TOKEN') },
        'VERCEL_TOKEN',
      );
    }
    case 'netlify':
      return settings({ use: 'netlify', site: rest, token: secret('NETLIFY_TOKEN') }, 'NETLIFY_TOKEN');
    case 'heroku': {
      const [app = '', staging = ''] = rest.split(':');
      if (staging === '') return 'Heroku needs both apps: heroku:APP:STAGING-APP.';
      return settings(
        { use: 'heroku', app, staging, token: secret('HEROKU_API_KEY'), url },
        'HEROKU_API_KEY',
      );
    }
    default:
      return commandOf(typed, url);
  }
}

function commandOf(typed: string, url: string): DeployAnswer | string {
  const words = typed.trim().split(/\s+/);
  if (words[0] === '') return `Say how, for example ${DEPLOY_FORMS}.`;
  if (/["'`;&|<>$]/.test(typed)) {
    return 'It is started without a shell: write a program and its arguments without quotes, or put the rest into a script.';
  }
  return { settings: { use: 'command', deploy: words, url }, variables: [] };
}
