import type {
  AlertBlock,
  CardBlock,
  ContainerBlock,
  KnownBlock,
  PlanBlock,
  TaskCardBlock,
} from '@slack/types';
import type { ComponentChildren } from 'preact';
import { Icon } from '../controls/icons.tsx';
import { isOpenable } from '../markup/rich.ts';
import { fromRichText } from '../markup/rich-text.ts';
import { Paragraphs } from '../text/paragraphs.tsx';
import { Mrkdwn, PlainText, Text } from '../text/text.tsx';
import { ElementView } from './element.tsx';
import { imageAddress } from './image.tsx';
import type { Element } from './values.ts';

const statusWords = {
  pending: 'Not begun',
  in_progress: 'Under way',
  complete: 'Done',
  error: 'Failed',
} as const;

/** One step of a plan: a sign for its status, details folded under its title. */
export function TaskCardView({ block }: { readonly block: TaskCardBlock }) {
  const status = statusWords[block.status] === undefined ? 'pending' : block.status;
  const hasMore =
    block.details !== undefined || block.output !== undefined || (block.sources?.length ?? 0) > 0;
  const head = (
    <>
      <span class={`task-sign ${status}`} role="img" aria-label={statusWords[status]}>
        {status === 'complete' && <Icon name="check" />}
        {status === 'error' && <Icon name="close" />}
        {status === 'in_progress' && <span class="spinner" />}
      </span>
      <span class="task-title">
        <PlainText text={{ text: block.title }} />
      </span>
    </>
  );
  if (!hasMore) return <div class="task">{head}</div>;
  return (
    <details class="task" open={status === 'error'}>
      <summary>{head}</summary>
      <div class="task-more rich">
        {block.details !== undefined && <Paragraphs parts={fromRichText(block.details)} />}
        {block.output !== undefined && <Paragraphs parts={fromRichText(block.output)} />}
        {block.sources?.map((source) =>
          isOpenable(source.url) ? (
            <a key={source.url} href={source.url} target="_blank" rel="noopener noreferrer">
              {source.text}
            </a>
          ) : null,
        )}
      </div>
    </details>
  );
}

export function PlanView({ block }: { readonly block: PlanBlock }) {
  const tasks = (block.tasks ?? []).filter(
    (task): task is TaskCardBlock => 'title' in task && 'status' in task,
  );
  const done = tasks.filter((task) => task.status === 'complete').length;
  return (
    <div class="block plan">
      <div class="plan-title">
        <strong>
          <PlainText text={{ text: block.title }} />
        </strong>
        <span class="plan-count">
          {done} of {tasks.length}
        </span>
      </div>
      {tasks.map((task) => (
        <TaskCardView key={task.task_id} block={task} />
      ))}
    </div>
  );
}

export function AlertView({ block }: { readonly block: AlertBlock }) {
  const level = block.level ?? 'default';
  const sign = level === 'success' ? 'check' : level === 'info' || level === 'default' ? 'info' : 'warn';
  return (
    <div class={`block alert ${level}`} role={level === 'error' ? 'alert' : 'note'}>
      <Icon name={sign} />
      <Text text={block.text} />
    </div>
  );
}

export function CardView({ block }: { readonly block: CardBlock }) {
  return (
    <div class="block card">
      {block.hero_image !== undefined && (
        <img class="card-hero" src={imageAddress(block.hero_image)} alt={block.hero_image.alt_text} />
      )}
      <div class="card-head">
        {block.icon !== undefined && <img src={imageAddress(block.icon)} alt={block.icon.alt_text} />}
        <div>
          {block.title !== undefined && (
            <div class="card-title">
              <Mrkdwn text={block.title.text} />
            </div>
          )}
          {block.subtitle !== undefined && (
            <div class="menu-detail">
              <Mrkdwn text={block.subtitle.text} />
            </div>
          )}
        </div>
      </div>
      {block.body !== undefined && <Mrkdwn text={block.body.text} />}
      {block.actions !== undefined && (
        <div class="block-actions">
          {block.actions.map((button, at) => (
            <ElementView
              key={button.action_id ?? at}
              blockId={block.block_id ?? ''}
              element={button as unknown as Element}
              tells
            />
          ))}
        </div>
      )}
    </div>
  );
}

interface ContainerProps {
  readonly block: ContainerBlock;
  readonly render: (child: KnownBlock) => ComponentChildren;
}

export function ContainerView({ block, render }: ContainerProps) {
  const title = (
    <>
      {block.title !== undefined && <PlainText text={block.title} />}
      {block.rich_text_title !== undefined && <Paragraphs parts={fromRichText(block.rich_text_title)} />}
    </>
  );
  const inside = block.child_blocks.map((child) => render(child as KnownBlock));
  if (block.is_collapsible !== true) {
    return (
      <div class="block container">
        <div class="container-title">{title}</div>
        {inside}
      </div>
    );
  }
  return (
    <details class="block container" open={block.default_collapsed !== true}>
      <summary class="container-title">{title}</summary>
      {inside}
    </details>
  );
}
