import type { AwsFlowLog } from './aws-shapes.ts';
import type { FlowLog } from './inventory.ts';
import { secondsFromAws } from './aws-time.ts';
import { shown } from '../text/plain.ts';

/**
 * The flow log, or undefined, told through `problem`, where it does not say what it covers (transit gateway logs have no
 * traffic type, and cover no interface: not told). Leaving one out only ever makes less count as observed.
 */
export function flowLogFromAws(raw: AwsFlowLog, problem: (text: string) => void): FlowLog | undefined {
  const { TrafficType: trafficType } = raw;
  if (trafficType !== 'ALL' && trafficType !== 'ACCEPT' && trafficType !== 'REJECT') {
    if (trafficType !== '' || !raw.ResourceId.startsWith('tgw-')) {
      problem(
        `flow log ${shown(raw.FlowLogId)}: unknown traffic type ${shown(trafficType)}, so it counts as covering nothing`,
      );
    }
    return undefined;
  }
  const createdAt = secondsFromAws(raw.CreationTime);
  if (createdAt === undefined && raw.CreationTime !== '') {
    problem(
      `flow log ${shown(raw.FlowLogId)}: creation time ${shown(raw.CreationTime)} cannot be read, so it counts as unknown`,
    );
  }
  return {
    flowLogId: raw.FlowLogId,
    resourceId: raw.ResourceId,
    trafficType,
    active: raw.FlowLogStatus === 'ACTIVE' && raw.DeliverLogsStatus !== 'FAILED',
    // Unreadable: it vouches for no day, and no record is set aside for its sake.
    createdAt: createdAt ?? (raw.CreationTime === '' ? 0 : Infinity),
  };
}
