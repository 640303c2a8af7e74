import { describe, expect, it } from 'vitest';
import { home } from '../../src/blocks/home.ts';
import { asText } from '../support/as-text.ts';
import { outsideIsInert } from '../support/outside.ts';
import { viewRefusedBySlack } from '../support/slack-limits.ts';
import * as fixtures from './fixtures.ts';
import { entry } from './shown.ts';

const { EVIL } = fixtures;

describe('the Home tab', () => {
  it('shows what needs people first', () => {
    const view = home({
      open: [entry('awaiting-approval', { plan: fixtures.plan })],
      last: [entry('shipped')],
      locks: [{ service: 'api', owner: 'U0KIM', reason: EVIL }],
      services: ['shop', 'api'],
    });
    expect(viewRefusedBySlack(view)).toEqual([]);
    expect(outsideIsInert({ text: '-', blocks: view.blocks as never })).toEqual([]);
    expect(asText(view.blocks as never)).toMatchInlineSnapshot(`
      "# Under way
      **shop 2.6.0 → 2.7.0: 🔔 Waiting for approval (2 missing)**
      Asked by @U0ALEX {2026-11-22 09:00 UTC}
      [ Open the thread ]
      # Shipped last
      • ✅ [shop 2.7.0](https://team.slack.com/archives/C0SHIP/p1) shipped {2026-11-22 09:01 UTC}
      # Locked
      • 🔒 **api**, locked by @U0KIM: <!channel> *urgent* <https://evil|approve>, until someone unlocks it
      [ Unlock api ]
      # Ship
      Type **/ship-prod** anywhere, or choose a service. The gates are checked first, and nothing is deployed before people approve.
      [ Ship shop ]? [ Ship api ]?"
    `);
  });

  it('leads a newcomer', () => {
    const view = home({ open: [], last: [], locks: [], services: ['shop'] });
    expect(viewRefusedBySlack(view)).toEqual([]);
    expect(asText(view.blocks as never)).toMatchInlineSnapshot(`
      "# Under way
      Nothing is being shipped right now.
      # Shipped last
      Nothing yet.
      # Ship
      Type **/ship-prod** anywhere, or choose a service. The gates are checked first, and nothing is deployed before people approve.
      [ Ship shop ]?"
    `);
  });

  it('says how to come by what it has no room for', () => {
    const names = (length: number) => Array.from({ length }, (_, at) => `service-${at}`);
    const shown = (services: readonly string[], open: number) =>
      asText(
        home({ open: names(open).map(() => entry('monitoring')), last: [], locks: [], services })
          .blocks as never,
      );
    expect(shown(names(51), 21)).toMatch(
      /There are more: type `\/ship-prod status`\.[\s\S]*There are more: type `\/ship-prod SERVICE`\./,
    );
    expect(shown(names(50), 20)).not.toContain('There are more');
  });
});
