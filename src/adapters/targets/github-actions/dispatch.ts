import type { Release } from '../../../domain/release/release.ts';
import type { GithubActionsSettings } from './settings.ts';

/** What a workflow is started with for a release, as the settings say. */
export class Dispatch {
  readonly #settings: Pick<GithubActionsSettings, 'inputs' | 'ref'>;
  readonly #service: string;
  readonly #branch: string;

  constructor(settings: Pick<GithubActionsSettings, 'inputs' | 'ref'>, service: string, branch: string) {
    this.#settings = settings;
    this.#service = service;
    this.#branch = branch;
  }

  inputs(release: Release): Readonly<Record<string, string>> {
    const entries = Object.entries(this.#settings.inputs);
    return Object.fromEntries(entries.map(([name, value]) => [name, this.#filledIn(value, release)]));
  }

  ref(release: Release): string {
    return this.#settings.ref === undefined ? this.#branch : this.#filledIn(this.#settings.ref, release);
  }

  /** Where the workflow file is looked at while there is no release. */
  get branch(): string {
    const { ref } = this.#settings;
    return ref === undefined || ref === '{tag}' ? this.#branch : ref;
  }

  #filledIn(text: string, { version, tag, commit }: Release): string {
    const values: Readonly<Record<string, string>> = { version, tag, commit, service: this.#service };
    return text.replaceAll(/\{(version|tag|commit|service)\}/g, (_all, name: string) => values[name] ?? '');
  }
}
