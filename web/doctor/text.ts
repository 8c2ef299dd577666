// The report as text, to be sent to whoever runs the proxy.

import type {Report, Verdict} from './findings';

export const words: Readonly<Record<Verdict, string>> = {
  good: 'good', limited: 'works, but', broken: 'does not work',
  closed: 'closed',
};

export const milliseconds = (ms: number|undefined) =>
    ms === undefined ? '–' : ms < 10 ? ms.toFixed(1) : ms.toFixed(0);

export function summary({verdict, choice}: Report): string {
  if (choice === undefined) return 'Nothing works from here';
  return verdict === 'good' ?
      `All is good: the client would choose ${choice}` :
      `It works, but something is in the way: the client would choose ${
          choice}`;
}

export function asText(url: string, report: Report): string {
  const lines = [`StreamHub doctor: ${url}`, summary(report) + '.', ''];
  for (const {facts, verdict, findings, lateMs} of report.doors) {
    const times = verdict === 'closed' ? '' :
        ` (ms: open ${milliseconds(facts.opened)}, hello ${
            milliseconds(facts.hello)}, update ${
            milliseconds(facts.update)}, late by ${milliseconds(lateMs)}; ${
            facts.messages} messages)`;
    lines.push(`${facts.door}: ${words[verdict]}${times}`);
    for (const {text, note} of findings) {
      lines.push(`  ${note ? 'note: ' : ''}${text}`);
    }
  }
  for (const {text} of report.findings) lines.push(text);
  if (report.through) lines.push(`answers come through: ${report.through}`);
  for (const {title, lines: cure} of report.cures) {
    lines.push('', title);
    for (const [server, text] of Object.entries(cure)) {
      lines.push(`  ${server}`, ...text.split('\n').map((one) => `    ${one}`));
    }
  }
  return lines.join('\n') + '\n';
}
