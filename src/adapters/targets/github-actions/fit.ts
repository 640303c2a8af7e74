import type { Sha } from '../../../domain/release/release.ts';
import type { GithubFiles } from '../../repositories/github/files.ts';
import {
  readWorkflowFile,
  showsInput,
  startsByItself,
  type WorkflowFile,
} from '../../repositories/github/workflow-file.ts';
import type { GithubActionsSettings } from './settings.ts';

/** Why a workflow cannot be started as the settings say; null when it can. */
export function misfitOf(
  file: WorkflowFile,
  { inputs, correlation, workflow }: GithubActionsSettings,
): string | null {
  if (file.inputs === null) return `${workflow} has no \`on: workflow_dispatch\``;
  const given = { ...inputs, [correlation]: '' };
  const unknown = Object.keys(given).filter((name) => file.inputs?.[name] === undefined);
  if (unknown.length > 0) return `${workflow} does not take the inputs ${unknown.join(', ')}`;
  const lacking = Object.entries(file.inputs)
    .filter(([name, input]) => input.required && !input.hasDefault && !(name in given))
    .map(([name]) => name);
  if (lacking.length > 0) return `${workflow} needs the inputs ${lacking.join(', ')}`;
  for (const [name, value] of Object.entries(inputs)) {
    const options = file.inputs[name]?.options;
    if (options && !value.includes('{') && !options.includes(value)) {
      return `${workflow} takes only ${options.join(', ')} for ${name}, not ${value}`;
    }
  }
  if (showsInput(file, correlation)) return null;
  const line = `run-name: Deploy \${{ inputs.version }} (\${{ inputs.${correlation} }})`;
  return `${workflow} does not show the input ${correlation} in its name; give it the line \`${line}\``;
}

/**
 * Another workflow that the release starts and that deploys to the same place: by its environment, or by starting or
 * containing ours. Null when there is none; what other workflows do besides is theirs.
 */
export async function otherDeployer(
  files: GithubFiles,
  commit: Sha,
  ours: {
    readonly workflow: string;
    readonly environment: string;
    readonly release: Parameters<typeof startsByItself>[1];
  },
): Promise<{ readonly other: string; readonly reason: string } | null> {
  const paths = [...(await files.of(commit)).keys()].filter(
    (path) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path) && !path.endsWith(`/${ours.workflow}`),
  );
  for (const blob of await files.read(commit, paths)) {
    const file = blob && readWorkflowFile(Buffer.from(blob.bytes).toString('utf8'));
    if (!file) continue;
    // GitHub takes names of environments in any case.
    const environments = file.environments.map((name) => name.toLowerCase());
    const deploys =
      file.calls.includes(ours.workflow) || environments.includes(ours.environment.toLowerCase());
    const reason = deploys ? startsByItself(file, ours.release) : null;
    if (reason !== null) return { other: blob.path.slice(blob.path.lastIndexOf('/') + 1), reason };
  }
  return null;
}
