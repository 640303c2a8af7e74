import type { RichTextBlockElement } from '@slack/types';
import { para, person } from '../rich.ts';
import type { CardView } from '../view.ts';
import { approversInline } from './people.ts';

/** Calls those who have to know now: whoever asked, and whom the configuration names. */
export function calling({
  promotion,
  service,
}: Pick<CardView, 'promotion' | 'service'>): RichTextBlockElement {
  const { call } = service;
  return para('For ', person(promotion.request.by), ...(call ? [', ', ...approversInline(call)] : []), '.');
}
