import { jsonIn } from '../../domain/text/json.ts';
import type { GitFacts, Texts } from './git.ts';
import type { GitHost } from './repository.ts';

/** How production is deployed, as `slipway.yaml` has it, and the variables that it takes. */
export interface DeployAnswer {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly variables: readonly string[];
  /** What the repository of the service gets with it. */
  readonly repository?: Readonly<Record<string, unknown>>;
}

export const DEPLOY_FORMS =
  './deploy.sh {tag}, workflow:deploy.yml (GitHub), pipeline:ENVIRONMENT (GitLab), branch:production, kubernetes:NAMESPACE/DEPLOYMENT/CONTAINER IMAGE:{tag}, vercel:PROJECT, netlify:SITE or heroku:APP:STAGING-APP';

const SCRIPTS = /^(?:(?:scripts?|bin|ci|deploy|tools)\/)?deploy(?:[-_]prod(?:uction)?)?(?:\.sh)?$/;
const WORKFLOW = /^\.github\/workflows\/([^/]*(?:deploy|release|prod|ship)[^/]*\.ya?ml)$/i;
const PRODUCTION_JOB = /^ {1,8}environment:(?:\s{0,20}\{?\s{0,20}name:)?\s{0,20}["']?production\b/m;
const BRANCHES = ['production', 'prod', 'live', 'deploy'];

/** How production seems to be deployed, in the words of the question; null when nothing tells. */
export async function deployIn(
  git: GitFacts,
  host: GitHost | undefined,
  texts: Texts,
): Promise<string | null> {
  if (host === 'gitlab' && PRODUCTION_JOB.test(await texts('.gitlab-ci.yml'))) return 'pipeline:production';
  if (host === 'github') {
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

type Form = (rest: string, given: { readonly url: string; readonly host: GitHost }) => DeployAnswer | string;

/** What stands before a colon, and what the rest then means. */
const FORMS: Readonly<Record<string, Form>> = {
  workflow: (workflow, { url, host }) =>
    host === 'github'
      ? { settings: { use: 'github-actions', workflow, url }, variables: [] }
      : 'A workflow deploys only what is in a repository on GitHub.',
  pipeline: (environment, { url, host }) => {
    if (host !== 'gitlab') return 'A pipeline deploys only what is in a project on GitLab.';
    const named = environment === 'production' ? {} : { environment };
    // The job that deploys records it.
    const repository = { environment: false };
    return { settings: { use: 'gitlab-pipeline', ...named, url }, variables: [], repository };
  },
  branch: (branch, { url }) => ({ settings: { use: 'git-branch', branch, url }, variables: [] }),
  kubernetes: (rest, { url }) => {
    const [, namespace, name, container = name, image] = KUBERNETES.exec(rest) ?? [];
    if (image === undefined) {
      return 'Kubernetes needs what it changes and the image: kubernetes:NAMESPACE/DEPLOYMENT/CONTAINER ghcr.io/acme/shop:{tag}.';
    }
    const workloads = [{ name, containers: [container] }];
    return { settings: { use: 'kubernetes', namespace, workloads, image, url }, variables: [] };
  },
  vercel: (project, { url }) => {
    const domain = new URL(url).hostname;
    const settings = { use: 'vercel', project, domain, token: { env: 'VERCEL_TOKEN' } };
    return { settings, variables: ['VERCEL_TOKEN'] };
  },
  netlify: (site) => ({
    settings: { use: 'netlify', site, token: { env: 'NETLIFY_TOKEN' } },
    variables: ['NETLIFY_TOKEN'],
  }),
  heroku: (rest, { url }) => {
    const [app = '', staging = ''] = rest.split(':');
    if (staging === '') return 'Heroku needs both apps: heroku:APP:STAGING-APP.';
    const settings = { use: 'heroku', app, staging, token: { env: 'HEROKU_API_KEY' }, url };
    return { settings, variables: ['HEROKU_API_KEY'] };
  },
};

const KUBERNETES = /^([\w.-]+)\/([\w.-]+)(?:\/([\w.-]+))?\s+(\S*\{(?:tag|version|commit|short)\}\S*)$/;

/**
 * An answer to the question how production is deployed, or what is wrong with it as a sentence. `url` is where
 * production answers.
 */
export function deployOf(typed: string, host: GitHost, url: string): DeployAnswer | string {
  const [, kind, rest = ''] = /^([a-z][a-z-]*):\s*(.*)$/i.exec(typed.trim()) ?? [];
  if (kind === undefined) return commandOf(typed, url);
  const form = Object.hasOwn(FORMS, kind) ? FORMS[kind] : undefined;
  if (form === undefined || rest === '') return `${kind}: is none of the forms, which are ${DEPLOY_FORMS}.`;
  return form(rest, { url, host });
}

function commandOf(typed: string, url: string): DeployAnswer | string {
  const words = typed.trim().split(/\s+/);
  if (words[0] === '') return `Say how, for example ${DEPLOY_FORMS}.`;
  if (/["'`;&|<>$]/.test(typed)) {
    return 'It is started without a shell: write a program and its arguments without quotes, or put the rest into a script.';
  }
  return { settings: { use: 'command', deploy: words, url }, variables: [] };
}
