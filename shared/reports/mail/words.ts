import { percent } from '../../text/numbers.ts';
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

/** `98.7 %`; `unknown` where no record could be explained. */
export function coverageText(share: number | null): string {
  return share === null ? 'unknown' : percent(share);
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
