import type { RichTextBlockElement } from '@slack/types';
import { para, person } from '../kit/rich-text.ts';
import type { CardView } from '../kit/views.ts';
import { approversInline } from './people.ts';

/** Calls those who have to know now: whoever asked, and whom the configuration names. */
export function calling({
  promotion,
  service,
}: Pick<CardView, 'promotion' | 'service'>): RichTextBlockElement {
  const { call } = service;
  return para('For ', person(promotion.request.by), ...(call ? [', ', ...approversInline(call)] : []), '.');
}
