import { ownAccounts } from '../../../../shared/inventory/accounts.ts';
import { count, percent } from '../../../../shared/text/numbers.ts';
import { isoDay, isoTime, startOfDay } from '../../../../shared/time.ts';
import type { Checks, InputAilment } from './ailment.ts';
import { complaint, firstOf, isAre, shellWords, someOf } from './complaint.ts';
import { createFlowLogs } from './create-flow-logs.ts';
import { carriers, coveringLogs, daysThere, logsHere, type InputFacts } from './input-facts.ts';

/** Of the accepted records, beyond which it is worth asking who the unknown ones were; a deployment alarms at the same. */
const MANY_UNKNOWN = 0.01;

const DATED = '$(date -u +%Y-%m-%dT%H-%M-%SZ)';

/** Where a new snapshot goes: beside the dated ones, or into a new folder, since one made by hand is never replaced. */
function snapshotTo({ folders, given }: Pick<InputFacts, 'folders' | 'given'>): string {
  return given.history?.isDated === true ? `${shellWords(folders.slice(0, 1))}/${DATED}` : 'INVENTORY';
}

/** Of the inventory, alone and held against the flow logs: what is missing, and what that costs. */
export const INVENTORY_CHECKS = {
  uncoveredInterfaces: ({ given: { newest } }) => {
    if (newest.flowLogs === undefined) return undefined;
    const covered = coveringLogs(newest);
    const bare = carriers(newest).filter((one) => covered(one).length === 0);
    if (bare.length === 0) return undefined;
    const text =
      `${count(bare.length, 'interface')} with groups ${isAre(bare.length)} in no active flow log of accepted traffic ` +
      `(${someOf(bare.map(({ interfaceId }) => interfaceId))}): unused rules of their groups are notObserved.`;
    return complaint(text, createFlowLogs(bare.map(({ vpcId }) => vpcId)));
  },
  silentFlowLogs: ({ given: { newest }, logs, paths }) => {
    if (logs.unnamed > 0 || logs.days.size === 0) return undefined;
    const here = logsHere(logs);
    const unheard = carriers(newest)
      .map((one) => ({ one, ids: coveringLogs(newest)(one) }))
      .filter(({ ids }) => ids.length > 0 && !ids.some((id) => here.has(id)));
    if (unheard.length === 0) return undefined;
    const ids = new Set(unheard.flatMap((interfaces) => interfaces.ids));
    return complaint(
      `Of ${count(ids.size, 'flow log')} (${someOf(ids)}) there is no file here: ${count(unheard.length, 'interface')} that ` +
        'nothing else covers, and unused rules of their groups are notObserved. Fetch those files as well.',
      `aws ec2 describe-flow-logs --flow-log-ids ${firstOf(ids).join(' ')}`,
      `aws s3 sync s3://BUCKET/PREFIX ${shellWords(paths.slice(0, 1))}`,
    );
  },
  unknownInterfaces: ({ given, logs: { sample }, folders, paths }) => {
    const { newest } = given;
    const unknown = [...sample.interfaces].filter(
      ([id, times]) => times > 0 && !newest.interfaces.has(id) && id !== '',
    );
    const records = unknown.reduce((sum, [, times]) => sum + times, 0);
    if (records <= MANY_UNKNOWN * sample.accepted) return undefined;
    const text =
      `${percent(records / sample.accepted)} of the accepted records are of ${count(unknown.length, 'interface')} that the ` +
      `inventory does not have (${someOf(unknown.map(([id]) => id))}): they keep every rule of their VPC that fits from being ` +
      'called unused. CloudTrail may tell who they were.';
    return complaint(
      text,
      `npx stale-sg snapshot --out ${snapshotTo({ folders, given })} --history --unknown-of ${shellWords(paths)}`,
    );
  },
  noHistory: ({ given, logs, folders }) => {
    const { history } = given;
    const first = daysThere(logs)[0] ?? 0;
    const isOld = history?.isDated === true && history.moments[0]!.takenAt < startOfDay(first + 1);
    if (history?.past || isOld) return undefined;
    return complaint(
      'Nothing tells since when rules stand: what is stale carries ageUnknown, and no plan holds it. CloudTrail and AWS Config ' +
        'remember; or vouch for a date, with analyze --rules-known-since.',
      `npx stale-sg snapshot --out ${snapshotTo({ folders, given })} --history`,
    );
  },
  lateSnapshots: ({ given: { history }, logs }) => {
    if (history?.isDated !== true) return undefined;
    const assumed = daysThere(logs).filter((day) => history.inForceOn(day).assumed);
    if (assumed.length === 0) return undefined;
    const first = isoTime(history.moments[0]!.takenAt);
    const text = `${count(assumed.length, 'day')} of the logs began before the first snapshot (${first}), which stands in: they make no rule stale.`;
    return complaint(`${text} Older snapshots, or what AWS Config remembers, would tell.`);
  },
  oldSnapshots: ({ given, logs, folders }) => {
    const { history } = given;
    const outdated = daysThere(logs).filter((day) => history?.inForceOn(day).outdated);
    if (outdated.length === 0) return undefined;
    const text =
      `${count(outdated.length, 'day')} of the logs (${isoDay(outdated[0]!)} to ${isoDay(outdated.at(-1)!)}) ${isAre(outdated.length)} ` +
      'without a snapshot on the day or in the six hours before: what stood is not known, and the days are not watched. ' +
      'Take one every day; in a deployment it is every 15 minutes. Gaps of the last 90 days CloudTrail may fill (--history).';
    return complaint(text, `npx stale-sg snapshot --out ${snapshotTo({ folders, given })} --history`);
  },
  noFlowLogList: ({ given: { newest }, folders }) => {
    if (newest.flowLogs !== undefined) return undefined;
    const text =
      'No flow-logs.json: an interface counts as observed on days that it has any record, so quiet ones are not watched, and of ' +
      'two logs over one interface both are counted.';
    return complaint(text, `aws ec2 describe-flow-logs > ${shellWords(folders.slice(0, 1))}/flow-logs.json`);
  },
  noVpcList: ({ given: { newest }, folders }) => {
    if (newest.vpcs.size > 0) return undefined;
    const text =
      'No vpcs.json: an address that no interface has may be a member of any group that was there between two snapshots, and ' +
      'rules that name groups get possible use from it.';
    return complaint(text, `aws ec2 describe-vpcs > ${shellWords(folders.slice(0, 1))}/vpcs.json`);
  },
  listsWithoutEntries: ({ given: { newest }, folders }) => {
    const named = newest.rules.flatMap(({ peer }) => (peer.type === 'prefixList' ? [peer.value] : []));
    const unknown = new Set(named.filter((id) => newest.prefixLists.get(id)?.entries === undefined));
    if (unknown.size === 0) return undefined;
    const rules = named.filter((id) => unknown.has(id)).length;
    const folder = shellWords(folders.slice(0, 1));
    return complaint(
      `${count(rules, 'rule')} for ${count(unknown.size, 'prefix list')} without entries here (${someOf(unknown)}): any address ` +
        'might be in it, so what may have used such a rule protects it. Of a list of another account its owner must share it.',
      `mkdir -p ${folder}/prefix-list-entries`,
      ...firstOf(unknown).map((id) => {
        const out = `${folder}/prefix-list-entries/${id}.json`;
        return `aws ec2 get-managed-prefix-list-entries --prefix-list-id ${id} > ${out}`;
      }),
    );
  },
  absentGroups: ({ given: { newest }, folders }) => {
    const named = newest.rules.flatMap(({ peer }) => (peer.type === 'group' && !peer.stale ? [peer] : []));
    const absent = named.filter(({ value }) => !newest.groups.has(value));
    if (absent.length === 0) return undefined;
    const owners = new Set(absent.map(({ ownerId }) => ownerId).filter((id) => id !== ''));
    const ids = new Set(absent.map(({ value }) => value));
    const text =
      `${count(absent.length, 'rule')} for ${count(ids.size, 'group')} that ${isAre(ids.size)} not in the inventory (${someOf(ids)}` +
      `${owners.size > 0 ? `; of ${someOf(owners)}` : ''}): who has them is unknown, so such rules are notObserved (peerAbsent) or ` +
      'have possible use. Add the inventory of their account.';
    return complaint(
      text,
      'npx stale-sg snapshot --out OTHER --profile THEIRS',
      `npx stale-sg analyze --inventory ${shellWords(folders)} OTHER …`,
    );
  },
  foreignAccounts: ({ given: { newest }, logs: { sample }, folders }) => {
    const own = ownAccounts(newest);
    const foreign = own ? [...sample.accounts].filter((id) => !own.has(id)) : [];
    if (foreign.length === 0) return undefined;
    const text = `The logs are also of ${count(foreign.length, 'account')} without an inventory (${someOf(foreign)}): their records are set aside (otherAccount).`;
    return complaint(
      text,
      'npx stale-sg snapshot --out OTHER --profile THEIRS',
      `npx stale-sg analyze --inventory ${shellWords(folders)} OTHER …`,
    );
  },
  foreignVpcs: ({ given: { newest }, logs: { sample } }) => {
    const known = new Set([...newest.vpcs.keys(), ...[...newest.interfaces.values()].map(({ vpcId }) => vpcId)]);
    const foreign = [...sample.vpcs].filter((id) => !known.has(id));
    if (foreign.length === 0) return undefined;
    const text = `The logs are also of ${count(foreign.length, 'VPC')} that the inventory does not have (${someOf(foreign)}): of another account or region, or it is gone.`;
    return complaint(text, 'npx stale-sg snapshot --out OTHER --profile THEIRS --region REGION');
  },
  oneSnapshot: ({ given: { history } }) => {
    if (history !== undefined) return undefined;
    const text =
      'One snapshot stands for all days: what came, changed and went in between is not known. Dated snapshots tell.';
    return complaint(text, `npx stale-sg snapshot --out SNAPSHOTS/${DATED}`);
  },
  quietInterfaces: ({ given: { newest }, logs }) => {
    const { sample } = logs;
    const [covering, here] = [coveringLogs(newest), logsHere(logs)];
    const isHeard = (ids: readonly string[]): boolean =>
      newest.flowLogs === undefined || logs.unnamed > 0 || ids.some((id) => here.has(id));
    const quiet = carriers(newest).filter((one) => !sample.interfaces.has(one.interfaceId) && isHeard(covering(one)));
    if (quiet.length === 0 || sample.records === 0) return undefined;
    const scope = sample.isAll ? 'in the logs' : 'in the sample, which may have missed it';
    const text = `${count(quiet.length, 'interface')} with groups had no record ${scope} (${someOf(quiet.map(({ interfaceId }) => interfaceId))}): if it stays so, their rules are notObserved.`;
    return complaint(text, `aws ec2 describe-network-interfaces --network-interface-ids ${quiet[0]!.interfaceId}`);
  },
  inventoryProblems: ({ given: { newest } }) => {
    const [first] = newest.problems;
    if (first === undefined) return undefined;
    return complaint(`${count(newest.problems.length, 'thing')} in the inventory looked wrong, the first: ${first}`);
  },
} as const satisfies Partial<Checks<InputAilment, InputFacts>>;
