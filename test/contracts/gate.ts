import { describe, expect, test } from 'vitest';
import type { GateQuestion, GateReply } from '../../src/adapters/gates/port.ts';

export const QUESTION: GateQuestion = {
  service: 'shop',
  commit: 'c0ffee1234567890c0ffee1234567890c0ffee12',
  validated: 'beef001234567890beef001234567890beef0012',
  branch: 'main',
  feature: '014-coupons',
  version: '1.3.0',
  by: 'U_ADA',
};

/** What every gate has, wherever it comes from. */
interface AnyGate {
  readonly id: string;
  readonly title: string;
}

/** How to bring about what a gate must see. Each is called for a fresh gate, and asks it once. */
export interface GateDescriptor {
  readonly name: string;
  readonly gate: () => AnyGate;
  /** All is well. */
  readonly well: () => Promise<GateReply>;
  /** There is a clear no. Absent for a gate that only ever lacks an answer. */
  readonly unwell?: () => Promise<GateReply>;
  /** What it needs is away, or says nothing that can be understood. Absent where nothing outside is asked. */
  readonly silent?: () => Promise<GateReply>;
  /** What it asks hangs. Absent where the adapters below keep the time. */
  readonly hanging?: { readonly ask: () => Promise<GateReply>; readonly withinMs: number };
}

/** What every gate promises. */
export function gateContract(descriptor: GateDescriptor): void {
  const { gate, well, unwell, silent, hanging } = descriptor;
  describe(`${descriptor.name} keeps the contract of a gate`, () => {
    test('has a stable id and a title', () => {
      expect(gate().id).toMatch(/^[a-z][a-z0-9-]*(\/[a-z0-9][a-z0-9-]*)?$/);
      expect(gate().title).toMatch(/^[A-Z0-9]/);
    });

    test('passes when all is well, in a sentence, with nothing to do', async () => {
      const answer = await well();
      expect(answer).toMatchObject({ verdict: 'passed', reason: expect.stringMatching(/\w/) });
      expect(answer).not.toHaveProperty('remedy');
      mustBeJson(answer);
    });

    if (unwell) {
      test('says no with a reason and what to do', async () => {
        const answer = await unwell();
        expect(answer.verdict).toBe('failed');
        expect(answer.reason).toMatch(/\w/);
        expect(answer.remedy).toMatch(/\w.*\.$/);
        mustBeJson(answer);
      });
    }

    if (silent) {
      test('takes silence for unknown: never a pass, never an exception', async () => {
        const answer = await silent();
        expect(answer.verdict).toBe('unknown');
        expect(answer.reason).toMatch(/\w/);
        expect(answer.remedy).toMatch(/\w.*\.$/);
        mustBeJson(answer);
      });
    }

    if (hanging) {
      test('does not wait for ever', async () => {
        const started = performance.now();
        expect((await hanging.ask()).verdict).toBe('unknown');
        expect(performance.now() - started).toBeLessThan(hanging.withinMs);
      });
    }
  });
}

function mustBeJson(answer: unknown): void {
  expect(JSON.parse(JSON.stringify(answer))).toEqual(answer);
}
