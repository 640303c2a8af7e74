import type { Reporter, TestModule } from 'vitest/node';

/** With `SLIPWAY_REQUIRE_ALL=1` a test that is skipped, or still to be written, fails the run as in CI. */
export class NothingSkipped implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    if (process.env['SLIPWAY_REQUIRE_ALL'] !== '1') return;
    const skipped = modules.flatMap((module) => [...module.children.allTests('skipped')]);
    if (skipped.length === 0) return;
    const lines = skipped.map((test) => `  ${test.module.relativeModuleId}: ${test.fullName}`);
    process.stderr.write(`Nothing may be skipped with SLIPWAY_REQUIRE_ALL=1:\n${lines.join('\n')}\n`);
    process.exitCode = 1;
  }
}
