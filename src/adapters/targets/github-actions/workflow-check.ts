import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Release, Sha } from '../../../domain/release/release.ts';
import type { GithubClientSet } from '../../repositories/github/client-set.ts';
import {
  readWorkflowFile,
  startsByItself,
  type WorkflowFile,
} from '../../repositories/github/workflow-file.ts';
import { misfitOf, otherDeployer } from './fit.ts';
import type { GithubActionsSettings } from './settings.ts';

interface Found {
  readonly commit: Sha;
  readonly file: WorkflowFile;
}

/** Whether the file of a workflow is fit to deploy with. Refusal `target-misconfigured` where it is not. */
export class WorkflowCheck {
  readonly #settings: GithubActionsSettings;
  readonly #repository: GithubClientSet;
  readonly #target: string;

  /** `target`: its name, for messages. */
  constructor(settings: GithubActionsSettings, repository: GithubClientSet, target: string) {
    this.#settings = settings;
    this.#repository = repository;
    this.#target = target;
  }

  /** At the tip of a branch: it can be started, and takes what it is given. Refusal `branch-missing`. */
  async mustFit(branch: string, signal?: AbortSignal): Promise<Found> {
    const commit = await this.#repository.refs.tip(branch, signal);
    const found = await this.#read(commit);
    if (typeof found !== 'string') return { commit, file: found };
    const reason = found.startsWith('there is no') ? `${found} on ${branch}` : found;
    throw new Refusal('target-misconfigured', { target: this.#target, reason });
  }

  /** The same for the file as it was in a release. Refusal `release-not-deployable`. */
  async mustFitAt({ tag, commit }: Release): Promise<void> {
    const found = await this.#read(commit);
    if (typeof found !== 'string') return;
    const instead = 'a branch as `ref` of the target would run the workflow of that branch instead';
    throw new Refusal('release-not-deployable', { tag, reason: `at ${tag}, ${found}; ${instead}` });
  }

  /** The file at a commit, or why it is not fit. */
  async #read(commit: Sha): Promise<WorkflowFile | string> {
    const path = `.github/workflows/${this.#settings.workflow}`;
    const [blob] = await this.#repository.files.read(commit, [path]);
    if (!blob) return `there is no ${path}`;
    const file = readWorkflowFile(Buffer.from(blob.bytes).toString('utf8'));
    return file === null ? `${path} is not a workflow` : (misfitOf(file, this.#settings) ?? file);
  }

  /**
   * Neither this workflow nor another deploys because the release is there. Refusals `target-starts-by-itself` and
   * `target-deployed-by-another`.
   */
  async mustBeAlone(
    { commit, file }: Found,
    release: { readonly branch: string; readonly tags: readonly string[] },
  ): Promise<void> {
    const { workflow, inputs, 'other-triggers': others } = this.#settings;
    if (others === 'allow') return;
    const target = this.#target;
    const reason = startsByItself(file, release);
    if (reason !== null) throw new Refusal('target-starts-by-itself', { target, reason });
    const environment = inputs['environment'] ?? 'production';
    const other = await otherDeployer(this.#repository.files, commit, { workflow, environment, release });
    if (other !== null) throw new Refusal('target-deployed-by-another', { target, ...other });
  }
}
