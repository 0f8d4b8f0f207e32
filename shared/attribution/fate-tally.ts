import type { FlowRecord } from '../flowlogs/record.ts';
import { isAccountId } from '../inventory/accounts.ts';
import type { CompiledInterface, CompiledInventory } from '../matching/compiled-inventory.ts';
import { noFates, within, type Fate, type Fates, type Usage } from '../usage/usage.ts';
import type { RecordOrigin } from './attribution.ts';
import { vpcOf } from './other-account.ts';

/** Accounts that logs may name; of more, which only a log that is made up has, the records are together under `''`. */
const MAX_ACCOUNTS = 10_000;

const ACCOUNT_DIGITS = 12;

type FileOrigin = Pick<RecordOrigin, 'accountId' | 'region' | 'flowLogId'>;

/** Counts what became of records, in all and by account and region: most are of those of the record before. */
export class FateTally {
  readonly #compiled: CompiledInventory;
  readonly #usage: Usage;
  #accountId: string | undefined;
  #region = '';
  #fates = noFates();

  constructor(compiled: CompiledInventory, usage: Usage) {
    this.#compiled = compiled;
    this.#usage = usage;
  }

  count(fate: Fate, record: FlowRecord, owner: CompiledInterface | undefined, origin: FileOrigin): void {
    this.#usage.fates[fate] += record.times;
    this.#of(this.#accountOf(record, owner, origin), origin.region)[fate] += record.times;
  }

  malformed({ accountId = '', region }: FileOrigin, times: number): void {
    this.#usage.fates.malformed += times;
    this.#of(accountId, region).malformed += times;
  }

  #of(accountId: string, region = ''): Fates {
    if (accountId !== this.#accountId || region !== this.#region) {
      const { accounts } = this.#usage;
      const isKept = accounts.has(accountId) || accounts.size < MAX_ACCOUNTS;
      this.#fates = within(accounts, isKept ? accountId : '', region, noFates);
      this.#accountId = accountId;
      this.#region = region;
    }
    return this.#fates;
  }

  /**
   * The account that a record is of: its interface's owner, else the one that it names, else its VPC's owner, else the one in
   * its file's path; `''` where nothing tells. Interfaces of services may be logged as of an account `unknown`.
   */
  #accountOf(record: FlowRecord, owner: CompiledInterface | undefined, origin: FileOrigin): string {
    const ownerId = owner?.source.ownerId ?? '';
    // Of an interface that AWS manages the owner may be no account.
    if (ownerId.length === ACCOUNT_DIGITS) return ownerId;
    if (isAccountId(record.accountId)) return record.accountId;
    const vpcId = owner?.source.vpcId ?? vpcOf(record, origin.flowLogId, this.#compiled);
    const ofVpc = this.#compiled.inventory.vpcs.get(vpcId)?.ownerId ?? '';
    return ofVpc === '' ? (origin.accountId ?? '') : ofVpc;
  }
}
