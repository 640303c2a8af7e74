import type { PageSwitch } from '../../protocol/directory.ts';
import { Icon } from '../controls/icons.tsx';
import { isOpenable } from '../markup/rich.ts';
import { useWorkspace, useWorkspaceState } from '../workspace/use-workspace.ts';

/** The world outside Slack, as far as the demo shows and moves it. Nothing when there is nothing to show. */
export function Panel() {
  const { gauges, switches, links } = useWorkspaceState();
  if (gauges.length + switches.length + links.length === 0) return null;
  return (
    <section class="panel" aria-label="Production" data-testid="panel">
      <h2>Production</h2>
      {gauges.length > 0 && (
        <dl class="gauges">
          {gauges.map((gauge) => (
            <div key={gauge.id} data-testid="gauge" data-gauge-id={gauge.id}>
              <dt>{gauge.label}</dt>
              <dd class={gauge.tone ?? 'neutral'}>{gauge.value}</dd>
            </div>
          ))}
        </dl>
      )}
      {switches.map((item) => (
        <Switch key={item.id} item={item} />
      ))}
      {links.map((link) =>
        isOpenable(link.url) ? (
          <a key={link.url} class="panel-link" href={link.url} target="_blank" rel="noopener noreferrer">
            {link.label} <Icon name="right" />
          </a>
        ) : null,
      )}
    </section>
  );
}

function Switch({ item }: { readonly item: PageSwitch }) {
  const workspace = useWorkspace();
  const state = useWorkspaceState();
  const busy = state.busy.has(`switch ${item.id}`);
  const [only] = item.choices;
  if (item.choices.length === 1 && only !== undefined) {
    return (
      <button
        type="button"
        class="panel-push"
        title={item.hint}
        aria-busy={busy}
        data-testid="switch"
        data-switch-id={item.id}
        data-value={only.value}
        onClick={() => workspace.setSwitch(item.id, only.value)}
      >
        {item.label}
        {busy && <span class="spinner" />}
      </button>
    );
  }
  return (
    <fieldset class="panel-switch" title={item.hint} aria-busy={busy}>
      <legend>{item.label}</legend>
      <div class="segments">
        {item.choices.map((choice) => (
          <label key={choice.value} class={choice.value === item.value ? 'segment on' : 'segment'}>
            <input
              type="radio"
              name={`switch-${item.id}`}
              checked={choice.value === item.value}
              data-testid="switch"
              data-switch-id={item.id}
              data-value={choice.value}
              onChange={() => workspace.setSwitch(item.id, choice.value)}
            />
            {choice.label}
          </label>
        ))}
      </div>
      {item.hint !== '' && <p class="panel-hint">{item.hint}</p>}
    </fieldset>
  );
}
