import { VIEW_STACK } from '../strict/limits.ts';
import { SlackError } from '../strict/slack-error.ts';
import type { Changes } from './changes.ts';
import { fillIds } from './fill-ids.ts';
import { initialState } from './form.ts';
import type { Ids } from './ids.ts';
import type { StateValues, View, ViewDefinition } from './model.ts';

/** Modals and Home tabs of everybody. */
export class Views {
  readonly #ids: Ids;
  readonly #changes: Changes;
  readonly #all = new Map<string, View>();
  readonly #stacks = new Map<string, View[]>();
  readonly #homes = new Map<string, View>();

  constructor(ids: Ids, changes: Changes) {
    this.#ids = ids;
    this.#changes = changes;
  }

  /** Modals open for a user, bottom first. */
  stack(user: string): readonly View[] {
    return this.#stacks.get(user) ?? [];
  }

  home(user: string): View | undefined {
    return this.#homes.get(user);
  }

  /** A view that is open now. */
  get(id: string): View {
    const view = this.#all.get(id);
    if (view === undefined) throw new SlackError('not_found');
    return view;
  }

  find(key: { readonly view_id?: string | undefined; readonly external_id?: string | undefined }): View {
    if (key.view_id !== undefined) return this.get(key.view_id);
    const view = [...this.#all.values()].find((entry) => entry.definition.external_id === key.external_id);
    if (view === undefined || key.external_id === undefined) throw new SlackError('not_found');
    return view;
  }

  /** Takes the place of whatever was open. */
  open(user: string, definition: ViewDefinition): View {
    this.#requireNewExternalId(definition);
    for (const view of this.stack(user)) this.#all.delete(view.id);
    const id = this.#ids.next('V');
    const view = this.#create(id, user, definition, id, null);
    this.#stacks.set(user, [view]);
    this.#changes.emit({ kind: 'views', user });
    return view;
  }

  push(user: string, definition: ViewDefinition): View {
    this.#requireNewExternalId(definition);
    const stack = this.stack(user);
    const top = stack.at(-1);
    if (top === undefined) throw new SlackError('not_found');
    if (stack.length >= VIEW_STACK) throw new SlackError('push_limit_reached');
    const view = this.#create(this.#ids.next('V'), user, definition, top.rootViewId, top.id);
    this.#stacks.set(user, [...stack, view]);
    this.#changes.emit({ kind: 'views', user });
    return view;
  }

  /** What people had put in stays for inputs whose block_id and action_id stay. */
  update(view: View, definition: ViewDefinition, hash?: string): View {
    if (hash !== undefined && hash !== view.hash) throw new SlackError('hash_conflict');
    const old = view.state;
    view.definition = { ...definition, blocks: fillIds(definition.blocks, this.#ids) };
    view.hash = this.#hash();
    view.state = initialState(view.definition.blocks);
    for (const [block, actions] of Object.entries(view.state)) {
      for (const [action, value] of Object.entries(actions)) {
        const before = old[block]?.[action];
        if (before !== undefined && before.type === value.type) actions[action] = before;
      }
    }
    this.#changes.emit(
      view.type === 'home' ? { kind: 'home', user: view.user } : { kind: 'views', user: view.user },
    );
    return view;
  }

  publish(user: string, definition: ViewDefinition, hash?: string): View {
    const known = this.#homes.get(user);
    if (known !== undefined) return this.update(known, definition, hash);
    const id = this.#ids.next('V');
    const view = this.#create(id, user, definition, id, null);
    this.#homes.set(user, view);
    this.#changes.emit({ kind: 'home', user });
    return view;
  }

  /** Closes one modal, or all of its stack. Returns the closed ones, top first. */
  close(view: View, all: boolean): View[] {
    const stack = this.stack(view.user);
    const from = all ? 0 : stack.indexOf(view);
    if (from === -1) return [];
    const closed = stack.slice(from);
    this.#stacks.set(view.user, stack.slice(0, from));
    for (const entry of closed) this.#all.delete(entry.id);
    this.#changes.emit({ kind: 'views', user: view.user });
    return closed.reverse();
  }

  setState(view: View, state: StateValues): void {
    view.state = state;
  }

  #create(id: string, user: string, definition: ViewDefinition, root: string, previous: string | null): View {
    const blocks = fillIds(definition.blocks, this.#ids);
    const view: View = {
      id,
      type: definition.type,
      user,
      hash: this.#hash(),
      definition: { ...definition, blocks },
      rootViewId: root,
      previousViewId: previous,
      state: initialState(blocks),
    };
    this.#all.set(id, view);
    return view;
  }

  #requireNewExternalId(definition: ViewDefinition): void {
    const id = definition.external_id;
    if (id === undefined || id === '') return;
    if ([...this.#all.values()].some((view) => view.definition.external_id === id)) {
      throw new SlackError('duplicate_external_id');
    }
  }

  #hash(): string {
    return `${this.#ids.seconds()}.${this.#ids.secret(4)}`;
  }
}
