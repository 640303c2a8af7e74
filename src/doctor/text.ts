import type { DoctorFinding } from './finding.ts';

const SIGNS: Readonly<Record<DoctorFinding['status'], string>> = { fine: '✓', warning: '!', problem: '✗' };

/** The findings for a terminal, grouped by area, with what to do below each that is not fine. */
export function findingsText(findings: readonly DoctorFinding[]): string {
  const areas = [...new Set(findings.map(({ area }) => area))];
  const blocks = areas.map((area) => {
    const lines = findings
      .filter((finding) => finding.area === area)
      .flatMap(({ status, detail, fix }) => [
        `  ${SIGNS[status]} ${indented(detail)}`,
        ...(fix === undefined ? [] : [`    → ${indented(fix)}`]),
      ]);
    return [area, ...lines].join('\n');
  });
  const problems = findings.filter(({ status }) => status === 'problem').length;
  const warnings = findings.filter(({ status }) => status === 'warning').length;
  const summary =
    problems > 0
      ? `${problems === 1 ? 'One thing' : `${problems} things`} must be fixed before Slipway can ship.`
      : warnings > 0
        ? `Slipway can ship; ${warnings === 1 ? 'one thing' : `${warnings} things`} could be better.`
        : 'Everything is fine.';
  return `${blocks.join('\n\n')}\n\n${summary}\n`;
}

function indented(text: string): string {
  return text.replaceAll('\n', '\n    ');
}
