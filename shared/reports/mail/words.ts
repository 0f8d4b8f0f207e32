import type { RuleReport } from '../usage-report.ts';

/** `in tcp 443 from 0.0.0.0/0`, `out all to pl-1`. Holds text of others: the peer. */
export function admitsText({ direction, protocol, fromPort, toPort, peer }: RuleReport): string {
  const service = protocol === '-1' ? 'all' : protocol;
  const ports = fromPort === null ? '' : ` ${fromPort}${fromPort === toPort ? '' : `-${toPort}`}`;
  return `${direction === 'ingress' ? 'in' : 'out'} ${service}${ports} ${direction === 'ingress' ? 'from' : 'to'} ${peer.value}`;
}

/** The name of the rule's group, or its id where it has none. Text of others. */
export function groupText({ groupId, groupName }: RuleReport): string {
  return groupName === '' ? groupId : groupName;
}

/** `1,234 rules`, `1 rule`. */
export function count(number: number, what: string): string {
  return `${figure(number)} ${what}${number === 1 ? '' : 's'}`;
}

export function figure(number: number): string {
  return number.toLocaleString('en');
}

/** `98.7 %`; 100.0 % is all of it. */
export function percent(share: number | null): string {
  if (share === null) return 'unknown';
  const shown = (100 * share).toFixed(1);
  return shown === '100.0' && share < 1 ? '99.9 %' : `${shown} %`;
}

/** `845`, `1.2 k`, `3.4 M`: for a cell. */
export function shortFigure(number: number): string {
  return SHORT.format(number).replace(/(?=[A-Z]$)/, ' ');
}

const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** `1.2 MB`, in powers of ten as mail programs have it. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const [size, unit] = bytes < 1_000_000 ? [bytes / 1000, 'kB'] : [bytes / 1_000_000, 'MB'];
  return `${size.toFixed(size < 10 ? 1 : 0)} ${unit}`;
}
