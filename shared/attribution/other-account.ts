import type { FlowRecord } from '../flowlogs/record.ts';
import { isAccountId } from '../inventory/accounts.ts';
import type { CompiledInventory } from '../matching/compiled-inventory.ts';
import type { RecordOrigin } from './attribution.ts';

/** The VPC that the record says it is of, else that of its flow log; `''` where neither tells. */
export function vpcOf(
  record: Pick<FlowRecord, 'vpcId'>,
  flowLogId: string | undefined,
  compiled: CompiledInventory,
): string {
  if (record.vpcId !== '' || flowLogId === undefined) return record.vpcId;
  return compiled.vpcOfFlowLog(flowLogId) ?? '';
}

/**
 * Whether a record of an unknown interface surely is of an account that the inventory does not hold: by its account id
 * and by its VPC or, where nothing tells the VPC, by the account in its file's path. An inventory that names no account
 * says that of none.
 */
export function isOfOtherAccount(record: FlowRecord, origin: RecordOrigin, compiled: CompiledInventory): boolean {
  const { accountIds, vpcIds } = compiled;
  if (accountIds.size === 0 || !isAccountId(record.accountId) || accountIds.has(record.accountId)) return false;
  const vpcId = vpcOf(record, origin.flowLogId, compiled);
  if (vpcId !== '') return !vpcIds.has(vpcId);
  return origin.accountId !== undefined && !accountIds.has(origin.accountId);
}
