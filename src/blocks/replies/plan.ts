import type { KnownBlock } from '@slack/types';
import type { GateResult } from '../../domain/gates/gate.ts';
import type { Plan } from '../../domain/promotion/plan.ts';
import { gateRemedies, gateSummary, gateTable } from '../card/gates.ts';
import { startButton } from '../card/offer-buttons.ts';
import { changelogPart, planLine, versionPart, versionStep } from '../card/plan.ts';
import type { RequestedPromotion } from '../kit/button-value.ts';
import { firstThatFits } from '../kit/limits.ts';
import { bold, buttons, header, type Message, para, rich } from '../kit/rich-text.ts';
import { message } from '../kit/spoken.ts';
import type { ServiceView } from '../kit/views.ts';

export interface PlanView extends Pick<RequestedPromotion, 'feature' | 'bump'> {
  readonly service: ServiceView;
  readonly gates: readonly GateResult[];
  /** Null when the gates do not even let a plan be made. */
  readonly plan: Plan | null;
}

/** `/ship-prod plan shop`: gates and plan of a promotion that is not started. */
export function planMessage(view: PlanView): Message {
  const { service, gates, plan, feature, bump } = view;
  const name = plan ? `${service.name} ${versionStep(plan)}` : service.name;
  const start = startButton({ service: service.name, feature, bump }, plan?.version.next);
  const render = (text: number, most: number, table: boolean) => (): KnownBlock[] => [
    header(`Plan: ${name}`),
    rich(
      para(gates.length > 0 ? bold(gateSummary(gates)) : 'No gates were asked.', '. Nothing was changed.'),
    ),
    ...gateRemedies(gates, most, text),
    ...(table && gates.length > 0 ? [gateTable(gates, text)] : []),
    ...(plan
      ? [
          versionPart(plan, most, text, service.repository),
          ...changelogPart(plan, most * 2, text),
          planLine(plan, service.repository),
        ]
      : []),
    buttons([start]),
  ];
  return message(firstThatFits([render(200, 6, true), render(120, 3, true), render(60, 2, false)]));
}
