import type { FlowRecord } from '../flowlogs/record.ts';
import { isAccountId } from '../inventory/accounts.ts';
import type { CompiledInterface, CompiledInventory } from '../matching/compiled-inventory.ts';
import { noFates, within, type Fate, type Fates, type Usage } from '../usage/usage.ts';
import type { RecordOrigin } from './attribution.ts';
import { vpcOf } from './other-account.ts';

/** Accounts that logs may name; of more, which only a log that is made up has, the records are together under `''`. */
const MAX_ACCOUNTS = 10_000;

const ACCOUNT_DIGITS = 12;

/** What a record names of its account. */
type NamedIds = Pick<FlowRecord, 'accountId' | 'vpcId'>;

type FileOrigin = Pick<RecordOrigin, 'accountId' | 'region' | 'flowLogId'>;

/** Counts what became of records, in all and by account and region: most are of those of the record before. */
export class FateTally {
  readonly #compiled: CompiledInventory;
  readonly #usage: Usage;
  /** By place, of an account and region each. */
  readonly #places: Fates[] = [];
  readonly #numbers = new Map<Fates, number>();
  #accountId: string | undefined;
  #region = '';
  #place = 0;

  constructor(compiled: CompiledInventory, usage: Usage) {
    this.#compiled = compiled;
    this.#usage = usage;
  }

  /** Where the fates of the records of its account and region are counted. */
  placeOf(record: NamedIds, owner: CompiledInterface | undefined, origin: FileOrigin): number {
    return this.#placeOf(this.#accountOf(record, owner, origin), origin.region);
  }

  count(fate: Fate, place: number, times: number): void {
    this.#usage.fates[fate] += times;
    this.#places[place]![fate] += times;
  }

  malformed({ accountId = '', region }: FileOrigin, times: number): void {
    this.count('malformed', this.#placeOf(accountId, region), times);
  }

  #placeOf(accountId: string, region = ''): number {
    if (accountId !== this.#accountId || region !== this.#region) {
      const { accounts } = this.#usage;
      const isKept = accounts.has(accountId) || accounts.size < MAX_ACCOUNTS;
      const fates = within(accounts, isKept ? accountId : '', region, noFates);
      const known = this.#numbers.get(fates);
      this.#place = known ?? this.#places.push(fates) - 1;
      if (known === undefined) this.#numbers.set(fates, this.#place);
      this.#accountId = accountId;
      this.#region = region;
    }
    return this.#place;
  }

  /**
   * The account that a record is of: its interface's owner, else the one that it names, else its VPC's owner, else the one in
   * its file's path; `''` where nothing tells. Interfaces of services may be logged as of an account `unknown`.
   */
  #accountOf(record: NamedIds, owner: CompiledInterface | undefined, origin: FileOrigin): string {
    const ownerId = owner?.source.ownerId ?? '';
    // Of an interface that AWS manages the owner may be no account.
    if (ownerId.length === ACCOUNT_DIGITS) return ownerId;
    if (isAccountId(record.accountId)) return record.accountId;
    const vpcId = owner?.source.vpcId ?? vpcOf(record, origin.flowLogId, this.#compiled);
    const ofVpc = this.#compiled.inventory.vpcs.get(vpcId)?.ownerId ?? '';
    return ofVpc === '' ? (origin.accountId ?? '') : ofVpc;
  }
}
