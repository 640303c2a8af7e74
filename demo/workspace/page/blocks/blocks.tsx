import type {
  ActionsBlock,
  ContextActionsBlock,
  ContextBlock,
  InputBlock,
  KnownBlock,
  SectionBlock,
} from '@slack/types';
import { useId } from 'preact/hooks';
import { Icon } from '../controls/icons.tsx';
import { fromRichText } from '../markup/rich-text.ts';
import { Paragraphs } from '../text/paragraphs.tsx';
import { Markdown, Mrkdwn, PlainText, Text } from '../text/text.tsx';
import { AlertView, CardView, ContainerView, PlanView, TaskCardView } from './composite.tsx';
import { ElementView } from './element.tsx';
import { useBlockHost } from './host.ts';
import { imageAddress, Picture } from './image.tsx';
import { TableView } from './table.tsx';
import type { Element } from './values.ts';

/** The blocks of a message or view, top to bottom. */
export function Blocks({ blocks }: { readonly blocks: readonly KnownBlock[] }) {
  return (
    <div class="blocks">
      {blocks.map((block, at) => (
        <BlockView key={block.block_id ?? at} block={block} />
      ))}
    </div>
  );
}

function BlockView({ block }: { readonly block: KnownBlock }) {
  switch (block.type) {
    case 'header':
      return (
        <h3 class="block block-header">
          <PlainText text={block.text} />
        </h3>
      );
    case 'section':
      return <Section block={block} />;
    case 'actions':
    case 'context_actions':
      return <Actions block={block} />;
    case 'context':
      return <Context block={block} />;
    case 'divider':
      return <hr class="block block-divider" />;
    case 'image':
      return (
        <figure class="block block-image">
          {block.title !== undefined && (
            <figcaption>
              <PlainText text={block.title} />
            </figcaption>
          )}
          <Picture src={imageAddress(block)} alt={block.alt_text} />
        </figure>
      );
    case 'input':
      return <Input block={block} />;
    case 'rich_text':
      return (
        <div class="block rich">
          <Paragraphs parts={fromRichText(block)} />
        </div>
      );
    case 'markdown':
      return (
        <div class="block">
          <Markdown text={block.text} />
        </div>
      );
    case 'table':
      return <TableView rows={block.rows} columns={block.column_settings ?? []} />;
    case 'data_table':
      return <TableView rows={block.rows} columns={[]} caption={block.caption} />;
    case 'plan':
      return <PlanView block={block} />;
    case 'task_card':
      return <TaskCardView block={block} />;
    case 'alert':
      return <AlertView block={block} />;
    case 'card':
      return <CardView block={block} />;
    case 'carousel':
      return (
        <div class="block carousel">
          {block.elements.map((card, at) => (
            <CardView key={card.block_id ?? at} block={card} />
          ))}
        </div>
      );
    case 'container':
      return <ContainerView block={block} render={(child) => <BlockView block={child} />} />;
    default:
      return <Unknown block={block} />;
  }
}

function Section({ block }: { readonly block: SectionBlock }) {
  return (
    <div class="block block-section">
      <div class="section-main">
        {block.text !== undefined && <Text text={block.text} />}
        {block.fields !== undefined && (
          <div class="fields">
            {block.fields.map((field) => (
              <Text text={field} />
            ))}
          </div>
        )}
      </div>
      {block.accessory !== undefined && (
        <div class="accessory">
          <ElementView
            blockId={block.block_id ?? ''}
            element={block.accessory as unknown as Element}
            label={block.text?.text.slice(0, 80) ?? 'Choose'}
            tells
          />
        </div>
      )}
    </div>
  );
}

function Actions({ block }: { readonly block: ActionsBlock | ContextActionsBlock }) {
  return (
    <div class="block block-actions">
      {block.elements.map((element, at) => (
        <ElementView
          key={'action_id' in element ? element.action_id : at}
          blockId={block.block_id ?? ''}
          element={element as unknown as Element}
          tells
        />
      ))}
    </div>
  );
}

function Context({ block }: { readonly block: ContextBlock }) {
  return (
    <div class="block block-context">
      {block.elements.map((element) =>
        element.type === 'image' ? (
          <img class="context-image" src={imageAddress(element)} alt={element.alt_text} />
        ) : element.type === 'mrkdwn' ? (
          <Mrkdwn text={element.text} />
        ) : (
          <Text text={element} />
        ),
      )}
    </div>
  );
}

function Input({ block }: { readonly block: InputBlock }) {
  const host = useBlockHost();
  const id = useId();
  const blockId = block.block_id ?? '';
  const error = host.error(blockId);
  const described = [error === undefined ? '' : `${id}-error`, block.hint === undefined ? '' : `${id}-hint`];
  const boxes = block.element.type === 'checkboxes' || block.element.type === 'radio_buttons';
  const Label = boxes ? 'span' : 'label';
  return (
    <div
      class={error === undefined ? 'block block-input' : 'block block-input wrong'}
      data-block-id={blockId}
    >
      <Label class="input-label" {...(boxes ? {} : { htmlFor: id })}>
        <PlainText text={block.label} />
        {block.optional === true && <span class="optional"> (optional)</span>}
      </Label>
      <ElementView
        id={id}
        blockId={blockId}
        element={block.element as unknown as Element}
        label={block.label.text}
        describedBy={described.filter(Boolean).join(' ') || undefined}
        tells={block.dispatch_action === true}
      />
      {error !== undefined && (
        <div id={`${id}-error`} class="input-error" role="alert" data-testid="input-error">
          <Icon name="warn" /> {error}
        </div>
      )}
      {block.hint !== undefined && (
        <div id={`${id}-hint`} class="input-hint">
          <PlainText text={block.hint} />
        </div>
      )}
    </div>
  );
}

/** Blocks that this page does not draw show the words they carry. */
function Unknown({ block }: { readonly block: { readonly type: string } }) {
  const words = [...JSON.stringify(block).matchAll(/"(?:text|title|alt_text)":"((?:[^"\\]|\\.)*)"/g)]
    .map((match) => match[1] ?? '')
    .filter((text) => text !== '');
  return (
    <div class="block unknown">
      <span>This page cannot show “{block.type}” blocks.</span>
      {words.length > 0 && <Text text={{ type: 'plain_text', text: words.join(' · ') }} />}
    </div>
  );
}
