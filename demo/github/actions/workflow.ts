import { smallYaml } from '../../../src/domain/text/yaml-limits.ts';

interface WorkflowStep {
  readonly name: string;
  readonly run: string;
}

export interface Workflow {
  readonly name: string;
  readonly runName: string;
  /** Inputs of workflow_dispatch; null when it cannot be dispatched. */
  readonly inputs: Readonly<
    Record<
      string,
      {
        readonly required: boolean;
        readonly default: string | null;
        readonly options: readonly string[] | null;
      }
    >
  > | null;
  /** `needsOthers`: it is made only when the jobs before it are done. */
  readonly jobs: readonly {
    readonly name: string;
    readonly needsOthers?: boolean;
    readonly steps: readonly WorkflowStep[];
  }[];
}

const MOST_CHARS = 200_000;

/** The parts of a workflow file that a run shows. Null when it is not one. */
export function readWorkflow(text: string): Workflow | null {
  const file = smallYaml(text, MOST_CHARS);
  if (!isMap(file)) return null;
  const events = file['on'];
  const dispatch = isMap(events)
    ? events['workflow_dispatch']
    : events === 'workflow_dispatch'
      ? {}
      : undefined;
  const named = Array.isArray(events) ? events.includes('workflow_dispatch') : dispatch !== undefined;
  const inputs = isMap(dispatch) && isMap(dispatch['inputs']) ? dispatch['inputs'] : {};
  const jobs = isMap(file['jobs']) ? file['jobs'] : {};
  return {
    name: String(file['name'] ?? 'workflow'),
    runName: String(file['run-name'] ?? file['name'] ?? ''),
    inputs: named
      ? Object.fromEntries(
          Object.entries(inputs).map(([name, input]) => {
            const { required, default: standard, options } = isMap(input) ? input : {};
            return [
              name,
              {
                required: required === true,
                default: standard === undefined ? null : String(standard),
                options: Array.isArray(options) ? options.map(String) : null,
              },
            ];
          }),
        )
      : null,
    jobs: Object.entries(jobs).map(([id, job]) => ({
      name: isMap(job) ? String(job['name'] ?? id) : id,
      needsOthers: isMap(job) && job['needs'] !== undefined,
      steps: stepsOf(isMap(job) ? job['steps'] : []),
    })),
  };
}

/** `${{ inputs.version }}` and the like, filled in; what is not known becomes nothing, as GitHub does. */
export function filledIn(text: string, context: Readonly<Record<string, string>>): string {
  return text.replaceAll(
    /\$\{\{\s*([\w.-]+)\s*\}\}/g,
    (_all, name: string) => context[name.replace(/^github\.event\.inputs\./, 'inputs.')] ?? '',
  );
}

function stepsOf(steps: unknown): readonly WorkflowStep[] {
  if (!Array.isArray(steps)) return [];
  return steps.filter(isMap).map((step) => ({
    name: String(step['name'] ?? step['uses'] ?? `Run ${String(step['run'] ?? '').split('\n')[0]}`),
    run: String(step['run'] ?? ''),
  }));
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
