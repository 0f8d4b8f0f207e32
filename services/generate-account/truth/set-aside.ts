import type { FlowLog, Interface, SetAside } from '../world/entities.ts';

/**
 * Why a record of this flow log is no evidence. Where two logs write the same record, the one of the log with the smaller
 * id counts.
 */
export function setAsideIn(
  flowLog: FlowLog,
  iface: Interface,
  status: 'OK' | 'NODATA' | 'SKIPDATA',
  accepted: boolean,
): SetAside {
  if (status === 'NODATA') return 'noData';
  if (status === 'SKIPDATA') return 'skipData';
  const isTwin = (other: FlowLog): boolean => other.id < flowLog.id && (other.trafficType === 'ALL' || !accepted);
  if (iface.flowLogs.length > 1 && iface.inInventory && iface.flowLogs.some(isTwin)) return 'duplicateLog';
  if (!accepted) return 'rejected';
  if (!iface.inInventory) return 'unknownInterface';
  return iface.groups.groups.length === 0 ? 'noGroup' : '';
}

/** A flow log that writes a record, and what becomes of it there. */
export interface Destination {
  readonly flowLog: FlowLog;
  readonly setAside: SetAside;
}

const destinations = new WeakMap<Interface, Readonly<Record<'accepted' | 'rejected', readonly Destination[]>>>();

/** The flow logs that write an accepted or a rejected record of an interface. */
export function destinationsOf(iface: Interface, accepted: boolean): readonly Destination[] {
  let both = destinations.get(iface);
  if (!both) {
    const find = (isAccepted: boolean): Destination[] =>
      iface.flowLogs
        .filter((flowLog) => flowLog.trafficType === 'ALL' || !isAccepted)
        .map((flowLog) => ({ flowLog, setAside: setAsideIn(flowLog, iface, 'OK', isAccepted) }));
    destinations.set(iface, (both = { accepted: find(true), rejected: find(false) }));
  }
  return accepted ? both.accepted : both.rejected;
}
