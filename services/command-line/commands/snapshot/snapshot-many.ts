import type { EC2Client } from '@aws-sdk/client-ec2';
import { print } from '../../terminal/print.ts';
import { assumedRole } from '../../../../shared/aws/assumed-role.ts';
import { inParallel } from '../../../../shared/in-parallel.ts';
import { isoTime } from '../../../../shared/time.ts';
import { count, figure } from '../../../../shared/text/numbers.ts';
import { plainText } from '../../../../shared/text/plain.ts';
import { createEc2Client, ec2Account, enabledRegions } from '../../../snapshot-groups/ec2-adapter.ts';
import { readAccount, type Snapshot } from '../../../snapshot-groups/read-account.ts';
import { writeFolder } from '../../../snapshot-groups/write-folder.ts';
import { ACCOUNTS_FILE, folderName, RUN_FILE, unreadTexts, type SnapshotPart } from '../../files/account-folders.ts';
import { NotShown } from '../../terminal/exit-status.ts';
import { accountsInFile, ACTIVE, listedAccounts, stateOfAccount, type ListedAccount } from './account-list.ts';
import { callerOf, organizationAccounts, type Caller } from './organization-adapter.ts';
import { SnapshotFolder } from './snapshot-run.ts';

export interface ManyOptions {
  readonly out: string;
  readonly region?: string;
  readonly profile?: string;
  /** All that each account may use; else {@link regions}, else the one that the SDK speaks to. */
  readonly allRegions?: true;
  readonly regions?: readonly string[];
  /** A file. */
  readonly accounts?: string;
  readonly organization?: true;
  /** Of all accounts but the caller's own, which is read by the caller's credentials. */
  readonly roleName?: string;
  readonly externalId?: string;
  readonly resume?: true;
  readonly history?: true;
  readonly days: number;
  readonly historyCalls: number;
}

/** Accounts and regions that are read at the same time; each answers some seven calls at a time. */
const AT_ONCE = 8;
/** Each asks two calls a second, of an account and region of its own. */
const HISTORIES_AT_ONCE = 32;
/** Of an error's message. */
const REASON_LENGTH = 500;

interface Place {
  readonly accountId: string;
  readonly region: string;
}

/**
 * Takes a snapshot of each account and region into a folder of its own, and says beside them what could not be read.
 *
 * @throws NotShown where something could not be read, Error where nothing could
 */
export async function snapshotMany(options: ManyOptions, signal: AbortSignal): Promise<void> {
  const caller = await callerOf(options);
  const { accounts, names } = await accountsOf(options, caller, signal);
  const folder = await SnapshotFolder.open(options.out, options.resume === true, Date.now() / 1000);
  if (names) folder.writeBeside(ACCOUNTS_FILE, { Accounts: accounts });
  const active = accounts.filter((one) => stateOfAccount(one) === ACTIVE);
  for (const one of accounts.filter((account) => !active.includes(account))) {
    const why = `not asked, for the account is ${stateOfAccount(one)}`;
    folder.note({ AccountId: one.Id, NotRead: why });
    process.stderr.write(`stale-sg: ${one.Id}: ${plainText(why)}\n`);
  }
  const run = new Run(options, caller, folder, signal);
  const ids = [...new Set(active.map(({ Id }) => Id))].sort();
  const places = (await inParallel(ids, AT_ONCE, (accountId) => run.placesOf(accountId))).flat();
  await inParallel(places, AT_ONCE, (place) => run.take(place));
  folder.finish(Date.now() / 1000);
  // Behind all of them: CloudTrail tells of a call some minutes after it, and each would wait for that.
  if (options.history) await inParallel(places, HISTORIES_AT_ONCE, (place) => run.recall(place));
  tellOutcome(options.out, run);
}

/** @throws Error where a file or Organizations says something else than accounts */
async function accountsOf(
  options: ManyOptions,
  { accountId }: Caller,
  signal: AbortSignal,
): Promise<{ accounts: readonly ListedAccount[]; names: boolean }> {
  if (options.accounts !== undefined) return accountsInFile(options.accounts);
  if (options.organization !== true) return { accounts: [{ Id: accountId }], names: false };
  return { accounts: listedAccounts(await organizationAccounts(options, signal)), names: true };
}

function tellOutcome(out: string, { read, unread }: Run): void {
  print(`${out}: ${count(read, 'folder')}, one for each account and region\n`);
  if (unread.length === 0) return;
  for (const text of unreadTexts(unread)) process.stderr.write(`stale-sg: not read: ${plainText(text)}\n`);
  const what = `${figure(unread.length)} could not be read, and ${RUN_FILE} tells later analyses so; --resume asks for them again`;
  throw read === 0 ? new Error(`${out}: nothing was read: ${what}`) : new NotShown(`${out}: done in part: ${what}`);
}

/** What a run reads, and what came of it. */
class Run {
  read = 0;
  readonly unread: SnapshotPart[] = [];
  readonly #options: ManyOptions;
  readonly #caller: Caller;
  readonly #folder: SnapshotFolder;
  readonly #signal: AbortSignal;

  constructor(options: ManyOptions, caller: Caller, folder: SnapshotFolder, signal: AbortSignal) {
    this.#options = options;
    this.#caller = caller;
    this.#folder = folder;
    this.#signal = signal;
  }

  /** None of an account that cannot be asked, which is noted. */
  async placesOf(accountId: string): Promise<Place[]> {
    const { regions, allRegions } = this.#options;
    const { region } = this.#caller;
    const chosen =
      regions ??
      (allRegions === true
        ? await this.#orNoted({ AccountId: accountId }, () =>
            this.#asking({ accountId, region }, (client) => enabledRegions(client, this.#signal)),
          )
        : [region]);
    return [...new Set(chosen ?? [])].map((one) => ({ accountId, region: one }));
  }

  async take(place: Place): Promise<void> {
    const { accountId, region } = place;
    if (this.#folder.takenAt(accountId, region) === undefined) {
      const noted = { AccountId: accountId, Region: region };
      const taken = await this.#orNoted(noted, () =>
        this.#asking(place, (client) => readAccount(ec2Account(client), this.#signal)),
      );
      if (!taken) return;
      const takenAt = Math.ceil(Date.now() / 1000);
      await writeFolder(taken, this.#folder.folderOf(accountId, region), this.#signal);
      this.#folder.note({ ...noted, TakenAt: isoTime(takenAt) });
      this.#tell(place, taken);
    }
    this.read++;
  }

  /** What is remembered of a place that was read. */
  async recall(place: Place): Promise<void> {
    const { days, historyCalls } = this.#options;
    const { accountId, region } = place;
    const takenAt = this.#folder.takenAt(accountId, region);
    if (takenAt === undefined) return;
    const out = this.#folder.folderOf(accountId, region);
    // These clients are loaded only when needed.
    const { recall } = await import('./recall.ts');
    const recalled = { out, days, historyCalls, name: folderName(accountId, region), ...this.#clientOf(place) };
    try {
      await recall(recalled, takenAt, this.#signal);
    } catch (error) {
      this.#signal.throwIfAborted();
      // The snapshot stands: only ages and what is gone are unknown.
      this.unread.push({ AccountId: accountId, Region: region, NotRead: `history: ${reasonOf(error)}` });
    }
  }

  #tell({ accountId, region }: Place, { groups, rules, interfaces, problems }: Snapshot): void {
    const name = folderName(accountId, region);
    for (const problem of problems) process.stderr.write(`stale-sg: ${name}: ${plainText(problem)}\n`);
    print(
      `${name}: ${count(groups.length, 'group')}, ${count(rules.length, 'rule')}, ${count(interfaces.length, 'interface')}\n`,
    );
  }

  /** Undefined where it fails, which is noted. What ends the run is thrown. */
  async #orNoted<T>(part: { AccountId: string; Region?: string }, ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await ask();
    } catch (error) {
      this.#signal.throwIfAborted();
      const unread = { ...part, NotRead: reasonOf(error) };
      this.#folder.note(unread);
      this.unread.push(unread);
      return undefined;
    }
  }

  async #asking<T>(place: Place, ask: (client: EC2Client) => Promise<T>): Promise<T> {
    const client = createEc2Client(this.#clientOf(place));
    try {
      return await ask(client);
    } finally {
      client.destroy();
    }
  }

  #clientOf({ accountId, region }: Place) {
    const { profile, roleName, externalId } = this.#options;
    const { partition, region: home } = this.#caller;
    const roleArn = `arn:${partition}:iam::${accountId}:role/${roleName ?? ''}`;
    const isOwn = accountId === this.#caller.accountId;
    return {
      region,
      ...(profile !== undefined && { profile }),
      ...(!isOwn && { credentials: assumedRole({ roleArn, externalId, region: home }) }),
    };
  }
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return plainText(text.replace(/\s+/g, ' ')).slice(0, REASON_LENGTH);
}
