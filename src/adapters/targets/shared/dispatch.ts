import type { Release } from '../../../domain/release/release.ts';
import type { TagForm } from '../../../domain/release/tag-form.ts';

/** How releases are named, and the branch that they are cut on. */
export interface ReleaseHome {
  readonly branch: string;
  readonly tags: TagForm;
}

interface DispatchSettings {
  /** A branch, or `{tag}`. */
  readonly ref: string;
  readonly inputs: Readonly<Record<string, string>>;
}

/** What a workflow or a pipeline is started with for a release, as the settings say. */
export class Dispatch {
  readonly #settings: DispatchSettings;
  readonly #service: string;
  readonly #branch: string;

  constructor(settings: DispatchSettings, service: string, branch: string) {
    this.#settings = settings;
    this.#service = service;
    this.#branch = branch;
  }

  /** Whether the workflow runs as it was in the release: then its run is one of the commit of the release. */
  get isPinned(): boolean {
    return this.#settings.ref === '{tag}';
  }

  inputs(release: Release): Readonly<Record<string, string>> {
    const entries = Object.entries(this.#settings.inputs);
    return Object.fromEntries(entries.map(([name, value]) => [name, this.#filledIn(value, release)]));
  }

  /** In full, because a branch may have the name of a tag: `refs/tags/v1.2.3`. */
  ref(release: Release): string {
    return this.isPinned ? `refs/tags/${release.tag}` : `refs/heads/${this.branch}`;
  }

  /** Where the workflow file is looked at while there is no release. */
  get branch(): string {
    return this.isPinned ? this.#branch : this.#settings.ref;
  }

  #filledIn(text: string, { version, tag, commit }: Release): string {
    const values: Readonly<Record<string, string>> = { version, tag, commit, service: this.#service };
    return text.replaceAll(/\{(version|tag|commit|service)\}/g, (_all, name: string) => values[name] ?? '');
  }
}
