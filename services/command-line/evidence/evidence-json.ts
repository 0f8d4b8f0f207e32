import type { FlowSum, FlowSums, FlowTotals, ServiceSum } from '../../../shared/evidence/flow-sums.ts';
import { hasPorts, protocolName } from '../../../shared/protocols.ts';
import { isoTime } from '../../../shared/time.ts';

/** Sums of service flows for programs, the first `limit` services and flows one by one. */
export function sumsJson(sums: FlowSums, limit: number) {
  return {
    ...totalsJson(sums.totals),
    services: sums.services().slice(0, limit).map(sumJson),
    top: sums.flows().slice(0, limit).map(sumJson),
  };
}

function totalsJson({ isComplete, ...totals }: FlowTotals) {
  return { ...seen(totals), isComplete };
}

/** A flow or service in the words of `usage.json`. */
export function sumJson<T extends FlowSum | ServiceSum>(sum: T) {
  const port = hasPorts(sum.protocol) ? sum.port : null;
  return { ...seen(sum), protocol: protocolName(sum.protocol), port };
}

function seen<T extends { readonly first: number; readonly last: number }>({ first, last, ...sum }: T) {
  const [firstSeen, lastUsed] = last < 0 ? [null, null] : [isoTime(first), isoTime(last)];
  return { ...sum, firstSeen, lastUsed };
}
