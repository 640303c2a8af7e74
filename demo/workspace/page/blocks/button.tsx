import type { PlainTextElement } from '@slack/types';
import type { PageOption } from '../../protocol/views.ts';
import { Icon, type IconName } from '../controls/icons.tsx';
import { MenuButton } from '../controls/menu.tsx';
import { isOpenable } from '../markup/rich.ts';
import { PlainText } from '../text/text.tsx';
import { useWorkspace } from '../workspace/use-workspace.ts';
import { useBlockHost } from './host.ts';
import type { Element } from './values.ts';

export interface ElementProps<Kind extends Element = Element> {
  readonly blockId: string;
  readonly element: Kind;
}

type Confirm = Parameters<ReturnType<typeof useBlockHost>['press']>[2]['confirm'];

export function confirmOf(element: Element): Confirm {
  return element['confirm'] as Confirm;
}

/** A button: asks first when it has a question, spins until the app acknowledged, opens its link. */
export function BlockButton({ blockId, element }: ElementProps) {
  const host = useBlockHost();
  const workspace = useWorkspace();
  const actionId = element.action_id ?? '';
  const busy = host.busy(blockId, actionId);
  const url = typeof element['url'] === 'string' && isOpenable(element['url']) ? element['url'] : undefined;
  const style = element['style'] === 'primary' || element['style'] === 'danger' ? element['style'] : 'plain';
  const label = element['accessibility_label'] as string | undefined;
  const common = {
    class: `button ${style}`,
    'data-testid': 'block-button',
    'data-action-id': actionId,
    'data-block-id': blockId,
    ...(label === undefined ? {} : { 'aria-label': label }),
  };
  const rendered = typeof element['value'] === 'string' ? element['value'] : undefined;
  const press = () => host.press(blockId, actionId, { confirm: confirmOf(element), rendered });
  const text = (
    <span class="button-text">
      <PlainText text={element['text'] as PlainTextElement} />
    </span>
  );
  if (url !== undefined) {
    return (
      <a
        {...common}
        href={url}
        target="_blank"
        rel="noopener noreferrer"
        onClick={(event) => {
          if (workspace.openPermalink(url)) event.preventDefault();
          press();
        }}
      >
        {text}
      </a>
    );
  }
  return (
    <button type="button" {...common} aria-busy={busy} aria-disabled={busy} onClick={press}>
      {text}
      {busy && <span class="spinner" />}
    </button>
  );
}

/** The three dots. */
export function OverflowMenu({ blockId, element }: ElementProps) {
  const host = useBlockHost();
  const actionId = element.action_id ?? '';
  const options = (element['options'] as readonly PageOption[] | undefined) ?? [];
  return (
    <MenuButton
      label="More"
      class="button plain square"
      align="end"
      testId="overflow"
      actionId={actionId}
      busy={host.busy(blockId, actionId)}
      items={options.map((option, at) => ({
        key: option.value ?? String(at),
        label: <PlainText text={option.text} />,
        ...(option.description === undefined ? {} : { detail: <PlainText text={option.description} /> }),
        onSelect: () => {
          if (option.url !== undefined && isOpenable(option.url))
            window.open(option.url, '_blank', 'noopener');
          host.put(
            blockId,
            actionId,
            { type: 'overflow', selected_option: option },
            { confirm: confirmOf(element) },
          );
        },
      }))}
    >
      <Icon name="more" />
    </MenuButton>
  );
}

const iconNames: Readonly<Record<string, IconName>> = { trash: 'trash' };

export function IconButton({ blockId, element }: ElementProps) {
  const host = useBlockHost();
  const actionId = element.action_id ?? '';
  const text = (element['text'] as PlainTextElement | undefined)?.text ?? '';
  return (
    <button
      type="button"
      class="button quiet"
      title={text}
      aria-busy={host.busy(blockId, actionId)}
      data-testid="block-button"
      data-action-id={actionId}
      onClick={() => host.press(blockId, actionId, { confirm: confirmOf(element) })}
    >
      <Icon name={iconNames[String(element['icon'])] ?? 'bolt'} />
      {text}
    </button>
  );
}

export function FeedbackButtons({ blockId, element }: ElementProps) {
  const host = useBlockHost();
  const actionId = element.action_id ?? '';
  const choice = (key: 'positive_button' | 'negative_button', sign: string) => {
    const button = element[key] as { text: PlainTextElement; accessibility_label?: string } | undefined;
    if (button === undefined) return null;
    return (
      <button
        type="button"
        class="button quiet"
        aria-label={button.accessibility_label ?? button.text.text}
        aria-busy={host.busy(blockId, actionId)}
        data-testid="block-button"
        data-action-id={actionId}
        onClick={() => host.press(blockId, actionId, {})}
      >
        <PlainText text={{ text: `${sign} ${button.text.text}` }} />
      </button>
    );
  };
  return (
    <>
      {choice('positive_button', ':+1:')}
      {choice('negative_button', ':-1:')}
    </>
  );
}
