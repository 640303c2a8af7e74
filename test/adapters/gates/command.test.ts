import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inTime } from '../../../src/adapters/gates/index.ts';
import type { ConfiguredGate } from '../../../src/adapters/gates/port.ts';
import { gateContract, QUESTION } from '../../contracts/gate.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { gates } from '../../support/all-adapters.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-gate-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** A gate that runs this JavaScript, with arguments behind it. */
const open = (script: string, settings: Record<string, unknown> = {}, env: Record<string, string> = {}) =>
  gates.open(
    gates.settings.parse({
      use: 'command',
      name: 'schema',
      run: [process.execPath, '-e', script, ...((settings['args'] as string[] | undefined) ?? [])],
      ...Object.fromEntries(Object.entries(settings).filter(([key]) => key !== 'args')),
    }),
    adapterContext({ configDir: dir, env }),
  );
const ask = (...given: Parameters<typeof open>) => open(...given).check(QUESTION);

gateContract({
  name: 'command',
  gate: () => open(''),
  well: () => ask('console.log("12 migrations, all of them additive")'),
  unwell: () => ask('console.error("drops column users.email"); process.exit(1)'),
  silent: () =>
    gates
      .open(
        gates.settings.parse({ use: 'command', name: 'schema', run: ['./not-there'] }),
        adapterContext({ configDir: dir }),
      )
      .check(QUESTION),
  hanging: { ask: () => ask('setInterval(() => {}, 1000)', { timeout: '300ms' }), withinMs: 3_000 },
});

describe('the command gate', () => {
  test.each([
    ['0', 'process.exit(0)', 'passed', /says yes\.$/],
    ['75', 'console.log("2 of 3 regions"); process.exit(75)', 'pending', /^2 of 3 regions$/],
    ['1', 'process.exit(1)', 'failed', /says no \(exit code 1\)\.$/],
    [
      'a signal',
      'process.kill(process.pid, "SIGTERM"); setTimeout(() => {}, 5000)',
      'unknown',
      /a signal\.$/,
    ],
  ])('decides by the exit code: %s', async (_code, script, verdict, reason) => {
    expect(await ask(script)).toMatchObject({ verdict, reason: expect.stringMatching(reason) });
  });

  test('takes the last line that says something for the reason, plain and short', async () => {
    const last = await ask('console.log("first\\n\\u001b[31mlast\\u001b[0m\\n\\n")');
    expect(last.reason).toBe('last');
    expect((await ask('console.log("x".repeat(9000))')).reason).toHaveLength(500);
  });

  test('knows the candidate by its arguments, without a shell, and by its environment', async () => {
    const script = 'console.log(JSON.stringify([process.argv.slice(1), process.env.SLIPWAY_COMMIT]))';
    const { reason } = await open(script, { args: ['--', '{commit}', '{feature}', '{other}'] }).check(
      QUESTION,
    );
    expect(JSON.parse(reason)).toEqual([[QUESTION.commit, QUESTION.feature, '{other}'], QUESTION.commit]);
    const { version: _version, ...early } = QUESTION;
    const undecided = await open(script, { args: ['{version}'] }).check(early);
    expect(undecided).toMatchObject({ verdict: 'unknown', reason: expect.stringContaining('version') });
  });

  test.each([
    ['--output=x', /^The command was not run: the feature “--output=x” is more than a plain word/],
    ['014\n--force', /^The command was not run: the feature “014 --force” is more than a plain word/],
    ['014\0x', /is more than a plain word/],
  ])('is not run when the feature is %j', async (feature, reason) => {
    const gate = open('process.exit(0)', { args: ['--', '{feature}'] });
    expect(await gate.check({ ...QUESTION, feature })).toMatchObject({
      verdict: 'unknown',
      reason: expect.stringMatching(reason),
    });
  });

  test.each([
    [{ feature: 'a b' }, 'Give the folder of the feature another name, then re-check.'],
    [{ branch: 'fix#7' }, 'Give the branch another name, then re-check.'],
    [{ version: '1,2' }, 'Give the version another name, then re-check.'],
  ])('says what to rename of %j', async (facts, remedy) => {
    expect(await open('').check({ ...QUESTION, ...facts })).toMatchObject({ verdict: 'unknown', remedy });
  });

  test.each([
    [['sh', '-c', 'echo of {feature}']],
    [['sh', '-c', '--', 'echo of {feature}']],
    [['sh', '-c', 'echo "of $1"', 'sh', '{feature}']],
    [['make', '-s', '-f', 'gate.mk']],
  ])('%j runs nothing that stands in the name of a feature', async (run) => {
    await writeFile(join(dir, 'gate.mk'), 'check:\n\t@echo of $(SLIPWAY_FEATURE)\n');
    const gate = gates.open(
      gates.settings.parse({ use: 'command', name: 'schema', run }),
      adapterContext({ configDir: dir }),
    );
    for (const feature of ['x$(touch evil); touch evil', '015-$(shell touch evil)'])
      expect(await gate.check({ ...QUESTION, feature })).toMatchObject({
        verdict: 'unknown',
        reason: `The command was not run: the feature “${feature}” is more than a plain word (letters, digits and . _ / @ : + -, with a letter, a digit or _ first).`,
      });
    expect(existsSync(join(dir, 'evil'))).toBe(false);
    expect(await gate.check({ ...QUESTION, feature: '014-coupons', by: 'pipeline nightly' })).toMatchObject({
      reason: 'of 014-coupons',
    });
  });

  test('sees no other environment, and shows no secret', async () => {
    process.env['SLIPWAY_TEST_HIDDEN'] = 'hidden';
    const script = 'console.log(process.env.SLIPWAY_TEST_HIDDEN, process.env.MODE, process.env.DB_TOKEN)';
    const env = { MODE: 'strict', DB_TOKEN: 'tok-123456', UNUSED: 'no' };
    const { reason } = await ask(script, { env: ['MODE'], secrets: ['DB_TOKEN'] }, env);
    delete process.env['SLIPWAY_TEST_HIDDEN'];
    expect(reason).toBe('undefined strict ***');
  });

  test('runs in the folder of the config', async () => {
    await writeFile(join(dir, 'gate.js'), 'console.log("from the folder")');
    const gate = gates.open(
      gates.settings.parse({ use: 'command', name: 'x', run: [process.execPath, 'gate.js'] }),
      adapterContext({ configDir: dir }),
    );
    expect((await gate.check(QUESTION)).reason).toBe('from the folder');
  });

  test('is ended with all that it started', async () => {
    const script =
      'require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit" }); setInterval(() => {}, 1000)';
    const started = performance.now();
    expect(await ask(script, { timeout: '400ms' })).toMatchObject({
      verdict: 'unknown',
      reason: expect.stringContaining('did not answer within 400 ms'),
    });
    expect(performance.now() - started).toBeLessThan(1_300);
  });

  test('gives up when the one who asks does', async () => {
    const gate = open('setInterval(() => {}, 1000)', { timeout: '20s' });
    const answer = await gate.check(QUESTION, AbortSignal.timeout(200));
    expect(answer.verdict).toBe('unknown');
  });
});

test('a gate that forgets its own time is unknown all the same', async () => {
  const asleep: ConfiguredGate = {
    kind: 'asleep',
    id: 'gates/asleep',
    title: 'Asleep',
    breakable: false,
    check: () => new Promise(() => {}),
  };
  expect(await inTime(asleep, 50).check(QUESTION)).toMatchObject({
    verdict: 'unknown',
    reason: 'It did not answer within 50 ms.',
  });
});

test('what a gate refuses is not swallowed', async () => {
  const gate = open('', { secrets: ['NOT_SET'] });
  await expect(gate.check(QUESTION)).rejects.toMatchObject({ code: 'secret-missing' });
});
