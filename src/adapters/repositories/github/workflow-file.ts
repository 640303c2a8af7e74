import { aliasesIn } from '../../../domain/text/yaml-aliases.ts';
import { yamlDocument } from '../../../domain/text/yaml-limits.ts';
import { fitsFilter } from './filter-pattern.ts';

interface WorkflowInput {
  readonly required: boolean;
  readonly hasDefault: boolean;
  /** The values that a choice takes; null when any will do. */
  readonly options: readonly string[] | null;
}

/** What matters of a workflow file before it is started. */
export interface WorkflowFile {
  readonly runName: string;
  /** Inputs of `workflow_dispatch`; null when the workflow cannot be started by hand. */
  readonly inputs: Readonly<Record<string, WorkflowInput>> | null;
  /** Environments that its jobs deploy to, as far as they are written out. */
  readonly environments: readonly string[];
  /** Workflows of the repository that it starts or contains: `deploy.yml`. */
  readonly calls: readonly string[];
  /** Events by name with their filters. */
  readonly events: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Above this many marks of YAML a file is not parsed: some 2,500 lines. */
const MOST_MARKS = 7_000;

/** Null when the text is no workflow. */
export function readWorkflowFile(text: string): WorkflowFile | null {
  const document = yamlDocument(text, MOST_MARKS, { logLevel: 'error', stringKeys: true });
  if ('tooMuch' in document || document.errors.length > 0 || aliasesIn(document).problem !== null)
    return null;
  const file: unknown = document.toJS({ maxAliasCount: -1 });
  if (!isMap(file)) return null;
  const on = file['on'] ?? file['true'];
  const events: WorkflowFile['events'] = isMap(on)
    ? Object.fromEntries(Object.entries(on).map(([name, filter]) => [name, isMap(filter) ? filter : {}]))
    : Object.fromEntries(
        [on]
          .flat()
          .filter((name) => typeof name === 'string')
          .map((name) => [name, {}]),
      );
  const dispatch = events['workflow_dispatch'];
  const declared = isMap(dispatch?.['inputs']) ? dispatch['inputs'] : {};
  const inputs = Object.fromEntries(
    Object.entries(declared).map(([name, input]): [string, WorkflowInput] => {
      const { required, default: standard, options } = isMap(input) ? input : {};
      return [
        name,
        {
          required: required === true,
          hasDefault: standard !== undefined && standard !== null,
          options: Array.isArray(options) ? options.map(String) : null,
        },
      ];
    }),
  );
  const jobs = isMap(file['jobs']) ? Object.values(file['jobs']).filter(isMap) : [];
  return {
    runName: String(file['run-name'] ?? ''),
    inputs: dispatch === undefined ? null : inputs,
    events,
    environments: jobs.flatMap(({ environment }) => {
      const name = isMap(environment) ? environment['name'] : environment;
      return typeof name === 'string' ? [name] : [];
    }),
    calls: [...text.matchAll(CALLS)].map(([, contained, started]) => contained ?? started ?? ''),
  };
}

/** `uses: ./.github/workflows/deploy.yml`, and `gh workflow run deploy.yml`. */
const CALLS = /uses:\s*["']?\.\/\.github\/workflows\/([\w.-]+)|gh workflow run\s+["']?([\w.-]+\.ya?ml)/g;

/** Whether the name of a run shows an input: `${{ inputs.slipway }}`. */
export function showsInput({ runName }: WorkflowFile, input: string): boolean {
  const name = input.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const named = new RegExp(`\\binputs\\.${name}(?![\\w-])`);
  return runName.split('}').some((part) => {
    const open = part.indexOf('${{');
    return open >= 0 && named.test(part.slice(open + 3));
  });
}

/**
 * Why a release alone would already start this workflow, before Slipway does: its tag, its commit on the branch, its
 * pull request, its release page or its deployment record. Null when only people and Slipway start it.
 */
export function startsByItself(
  { events }: WorkflowFile,
  release: { readonly branch: string; readonly tags: readonly string[] },
): string | null {
  const push = events['push'];
  if (push !== undefined) {
    const byTag = push['tags'] !== undefined || push['tags-ignore'] !== undefined;
    const byBranch = push['branches'] !== undefined || push['branches-ignore'] !== undefined;
    const tagged = release.tags.some((tag) => takes(push['tags'], push['tags-ignore'], tag));
    if ((byTag && tagged) || (!byTag && !byBranch)) return 'the push of a tag starts it (on: push)';
    if (byBranch && takes(push['branches'], push['branches-ignore'], release.branch)) {
      return `the push of the release commit to ${release.branch} starts it (on: push)`;
    }
  }
  if (events['create'] !== undefined) return 'the new tag starts it (on: create)';
  if (events['release'] !== undefined) return 'the page of the release starts it (on: release)';
  for (const name of ['deployment', 'deployment_status']) {
    if (events[name] !== undefined) return `the record of the deployment starts it (on: ${name})`;
  }
  for (const name of ['pull_request', 'pull_request_target']) {
    const merged = events[name];
    if (!merged || !listOf(merged['types']).includes('closed')) continue;
    if (isUnfiltered(merged) || takes(merged['branches'], merged['branches-ignore'], release.branch)) {
      return `the end of a pull request to ${release.branch} starts it (on: ${name})`;
    }
  }
  const after = events['workflow_run'];
  if (after && (isUnfiltered(after) || takes(after['branches'], after['branches-ignore'], release.branch))) {
    return `the end of a workflow on ${release.branch} starts it (on: workflow_run)`;
  }
  return null;
}

function isUnfiltered(event: Readonly<Record<string, unknown>>): boolean {
  return event['branches'] === undefined && event['branches-ignore'] === undefined;
}

/** GitHub's filters: the last pattern that fits decides; `!` takes out. */
function takes(patterns: unknown, ignored: unknown, name: string): boolean {
  if (ignored !== undefined) return !listOf(ignored).some((pattern) => fitsFilter(pattern, name));
  let taken = false;
  for (const pattern of listOf(patterns)) {
    if (pattern.startsWith('!')) taken &&= !fitsFilter(pattern.slice(1), name);
    else taken ||= fitsFilter(pattern, name);
  }
  return taken;
}

function listOf(value: unknown): readonly string[] {
  return [value]
    .flat()
    .filter((one) => one !== undefined && one !== null)
    .map(String);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
