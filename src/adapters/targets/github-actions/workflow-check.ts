import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Sha } from '../../../domain/release/release.ts';
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

  /** It can be started, and takes what it is given. `at`: a branch or a commit. Refusal `branch-missing`. */
  async mustFit(at: string, signal?: AbortSignal): Promise<Found> {
    const { refs, files } = this.#repository;
    const path = `.github/workflows/${this.#settings.workflow}`;
    const commit = /^[0-9a-f]{40}$/.test(at) ? at : await refs.tip(at, signal);
    const [blob] = await files.read(commit, [path]);
    const file = blob ? readWorkflowFile(Buffer.from(blob.bytes).toString('utf8')) : null;
    if (!file) throw this.#misconfigured(blob ? `${path} is not a workflow` : `there is no ${path} on ${at}`);
    const reason = misfitOf(file, this.#settings);
    if (reason !== null) throw this.#misconfigured(reason);
    return { commit, file };
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

  #misconfigured(reason: string): Refusal {
    return new Refusal('target-misconfigured', { target: this.#target, reason });
  }
}
