import type { FlowLog, Interface } from '../world/entities.ts';
import type { SetAside } from './record-truth.ts';

/**
 * Why a record of this flow log is no evidence. Where two logs write the same record, the one of the log with the smaller
 * id counts.
 */
export function setAsideIn(flowLog: FlowLog, iface: Interface, status: 'OK' | 'NODATA' | 'SKIPDATA', accepted: boolean): SetAside {
  if (status === 'NODATA') return 'noData';
  if (status === 'SKIPDATA') return 'skipData';
  const isTwin = (other: FlowLog): boolean => other.id < flowLog.id && (other.trafficType === 'ALL' || !accepted);
  if (iface.flowLogs.length > 1 && iface.inInventory && iface.flowLogs.some(isTwin)) return 'duplicateLog';
  if (!accepted) return 'rejected';
  if (!iface.inInventory) return 'unknownInterface';
  return iface.groups.groups.length === 0 ? 'noGroup' : '';
}
