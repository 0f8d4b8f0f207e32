import { count, figure } from '../../../../shared/text/numbers.ts';
import { shown } from '../../../../shared/text/plain.ts';
import { addressOf } from '../../../../shared/configuration/config.ts';
import { isTextAmidParquet } from '../../../../shared/configuration/flow-log-config.ts';
import type { AccountAilment, Checks } from './ailment.ts';
import type { AccountFacts, FlowLogOfAccount } from './account-facts.ts';
import { complaint, couldNotLook, firstOf, isAre, shellWords, someOf } from './complaint.ts';
import { createFlowLogs } from './create-flow-logs.ts';
import { foundOf } from './looked.ts';

/** What makes answers surer, and a flow log's format may lack. */
const WANTED = ['log-status', 'tcp-flags', 'flow-direction', 'pkt-srcaddr', 'pkt-dstaddr', 'vpc-id'] as const;

const named = (command: string, { region }: Pick<AccountFacts, 'region'>): string =>
  `aws ${command} ${shellWords(['--region', region])}`;

/** Whether the flow log writes where the deployment reads: keys begin with the prefix, less its last slash. */
function isDelivered(
  { destination }: FlowLogOfAccount,
  { config: { flowLogs } }: Pick<AccountFacts, 'config'>,
): boolean {
  const [, bucket, folder = ''] = /^arn:[a-z-]+:s3:::([^/]+)\/?(.*)$/.exec(destination) ?? [];
  const folders = (path: string): string => path.replace(/\/$/, '');
  return bucket !== undefined && bucket === flowLogs.bucket && folders(folder) === folders(flowLogs.keyPrefix);
}

/** Active flow logs of accepted traffic whose files the deployment reads, or archives from their log groups. */
export function readFlowLogs(facts: AccountFacts): FlowLogOfAccount[] {
  const { logGroups } = facts.config.flowLogs;
  const isRead = (one: FlowLogOfAccount): boolean => isDelivered(one, facts) || logGroups.includes(one.logGroup);
  const all = foundOf(facts.flowLogs) ?? [];
  return all.filter((one) => one.isActive && one.trafficType !== 'REJECT' && isRead(one));
}

const enabled = ({ config }: AccountFacts): Set<string> => new Set(config.flowLogs.enableOn.map(({ vpcId }) => vpcId));

/** Addresses of the configuration, by what they are there for, that SES has not verified and is not told to. */
function unverified({ config: { report }, verified }: AccountFacts, addresses: readonly string[]): string[] {
  const known = verified && foundOf(verified);
  if (!known) return [];
  return addresses.filter((one) => known.get(one) === false && report?.createIdentities.includes(one) !== true);
}

/** Of an account before a deployment: what is wrong, and what that costs. */
export const ACCOUNT_CHECKS: Checks<AccountAilment, AccountFacts> = {
  wrongAccount: ({ account, config, file }) => {
    if (config.account === undefined || account === config.account) return undefined;
    return complaint(
      `The credentials are of account ${account}, ${file} is of ${config.account}: what follows is of the former. Take others.`,
      'aws sts get-caller-identity',
    );
  },
  notBootstrapped: ({ isBootstrapped, config, account, region }) => {
    if (config.stackSet || foundOf(isBootstrapped) !== false) return undefined;
    return complaint(
      'CDK was never bootstrapped in this account and region (there is no bucket of its assets): a deployment fails at once.',
      `npx cdk bootstrap ${shellWords([`aws://${account}/${region}`])}`,
    );
  },
  mayNotDeploy: ({ config, isBootstrapped, refusedRoles }) => {
    const refused = foundOf(refusedRoles) ?? [];
    if (refused.length === 0 || config.stackSet || foundOf(isBootstrapped) === false) return undefined;
    return complaint(
      `By their own policies the credentials may not take on ${someOf(refused)} (sts:AssumeRole): CDK would go on with their own ` +
        'rights, which must then do for all that is made. Policies of the organization were not looked at.',
      'aws sts get-caller-identity',
    );
  },
  namesTaken: ({ taken, isDeployed, file }) => {
    const names = foundOf(taken) ?? [];
    if (names.length === 0 || foundOf(isDeployed) !== false) return undefined;
    return complaint(
      `${someOf(names)} ${isAre(names.length)} there and nothing is deployed that has them: what stayed of a deployment before. ` +
        'Import them, with account and region in the configuration, or take another prefix.',
      `npx cdk deploy --all --import-existing-resources -c config=${shellWords([file])}`,
    );
  },
  vpcMissing: (facts) => {
    const vpcs = foundOf(facts.vpcs);
    if (!vpcs) return undefined;
    const own = new Set(vpcs.filter(({ isOwn }) => isOwn).map(({ vpcId }) => vpcId));
    const missing = [...enabled(facts)].filter((id) => !own.has(id));
    if (missing.length === 0) return undefined;
    return complaint(
      `flowLogs.enableOn names ${someOf(missing)}, of which there is no VPC of this account in ${facts.region}: the setup stack would fail.`,
      named("ec2 describe-vpcs --query 'Vpcs[].VpcId'", facts),
    );
  },
  flowLogTwice: (facts) => {
    if (foundOf(facts.isDeployed) === true) return undefined;
    const delivered = readFlowLogs(facts).filter((one) => isDelivered(one, facts));
    const twice = delivered.filter(({ resourceId }) => enabled(facts).has(resourceId));
    if (twice.length === 0) return undefined;
    return complaint(
      `flowLogs.enableOn names VPCs that have a flow log into this place already (${someOf(twice.map(({ flowLogId }) => flowLogId))}): ` +
        'EC2 refuses a second one, and the setup stack would fail. Take them out.',
      named(
        `ec2 describe-flow-logs --flow-log-ids ${shellWords(firstOf(twice.map(({ flowLogId }) => flowLogId)))}`,
        facts,
      ),
    );
  },
  identityExists: (facts) => {
    const { config, identities } = facts;
    const own = identities && foundOf(identities);
    const there = (config.report?.createIdentities ?? []).filter((address) => own?.has(address) === true);
    if (there.length === 0 || foundOf(facts.isDeployed) === true) return undefined;
    return complaint(
      `report.createIdentities names ${someOf(there)}, which SES knows already: the setup stack would fail. Take them out.`,
      named(`sesv2 get-email-identity --email-identity ${shellWords(there.slice(0, 1))}`, facts),
    );
  },
  bucketMissing: (facts) => {
    const { bucket, config } = facts;
    if (!bucket || !('found' in bucket) || bucket.found !== undefined) return undefined;
    return complaint(
      `There is no bucket ${config.flowLogs.bucket ?? ''}: nothing would ever be counted. Name the one that flow logs go to.`,
      named("ec2 describe-flow-logs --query 'FlowLogs[].LogDestination'", facts),
    );
  },
  keyNotNamed: (facts) => {
    const key = facts.bucket && foundOf(facts.bucket)?.kmsKey;
    const { kmsKeyArns } = facts.config.flowLogs;
    if (key === undefined || kmsKeyArns.some((arn) => arn === key || arn.endsWith(`:key/${key}`))) return undefined;
    return complaint(
      `The bucket encrypts with ${key}, which flowLogs.kmsKeyArns does not name: objects could not be read. Name the key by its ` +
        'ARN; under the key that AWS manages for S3 (alias/aws/s3) flow logs cannot be delivered at all.',
      named(`kms describe-key --key-id ${shellWords([key])} --query KeyMetadata.Arn`, facts),
    );
  },
  eventsOff: (facts) => {
    const found = facts.bucket && foundOf(facts.bucket);
    if (!found || found.sendsEvents) return undefined;
    const bucket = shellWords([facts.config.flowLogs.bucket ?? '']);
    return complaint(
      'The bucket does not send its events to EventBridge: no object would be counted as it comes. The setting replaces all ' +
        'notifications of the bucket: read them, add "EventBridgeConfiguration": {}, write them back.',
      `aws s3api get-bucket-notification-configuration --bucket ${bucket} > notifications.json`,
      `aws s3api put-bucket-notification-configuration --bucket ${bucket} --notification-configuration file://notifications.json`,
    );
  },
  logGroupsUnfit: (facts) => {
    if (!('found' in facts.flowLogs)) return undefined;
    const { found } = facts.flowLogs;
    const publishing = (name: string): number => found.filter(({ logGroup }) => logGroup === name).length;
    const unfit = facts.config.flowLogs.logGroups.filter((name) => publishing(name) !== 1);
    if (unfit.length === 0) return undefined;
    return complaint(
      `flowLogs.logGroups names ${someOf(unfit)}: to each must one flow log publish, and no more, since nobody could tell whose a ` +
        'line is. All that comes from there would be kept back, and no day be watched.',
      named("ec2 describe-flow-logs --query 'FlowLogs[].[LogGroupName,FlowLogId,ResourceId]'", facts),
    );
  },
  mixedFormats: (facts) => {
    const { bucket = '', keyPrefix, enableOn } = facts.config.flowLogs;
    // Whatever they tell of. One of a VPC that enableOn names is made anew as that says.
    const there = (foundOf(facts.flowLogs) ?? []).filter((one) => one.isActive && isDelivered(one, facts));
    const all = [
      ...there
        .filter(({ resourceId }) => !enabled(facts).has(resourceId))
        .map((one) => ({ ...one, name: one.flowLogId })),
      ...enableOn.map((one) => ({ ...one, name: one.vpcId })),
    ];
    const amid = all.flatMap((text) => {
      const parquet = all.find((one) => isTextAmidParquet(text, one));
      return parquet ? [{ text, parquet }] : [];
    });
    const [first] = amid;
    if (!first) return undefined;
    return complaint(
      `${someOf(amid.map(({ text }) => text.name))} ${amid.length === 1 ? 'writes' : 'write'} text into folders of s3://${bucket}/${keyPrefix} ` +
        `in which ${shown(first.parquet.name)} writes Parquet. Athena reads all files of a folder as one format: no night could read a ` +
        "day of both. Make some of them anew, in the others' file format or with Hive-compatible prefixes, and delete the old ones.",
      named(
        "ec2 describe-flow-logs --query 'FlowLogs[].[FlowLogId,ResourceId,LogDestination,DestinationOptions]'",
        facts,
      ),
    );
  },
  noFlowLogs: (facts) => {
    const { flowLogs, vpcs, config } = facts;
    if (!('found' in flowLogs) || enabled(facts).size > 0 || readFlowLogs(facts).length > 0) return undefined;
    const where =
      config.flowLogs.kind === 'new'
        ? 'a new bucket'
        : `s3://${config.flowLogs.bucket ?? ''}/${config.flowLogs.keyPrefix}`;
    return complaint(
      `No active flow log of accepted traffic goes to ${where}, and flowLogs.enableOn makes none: every night would end with ` +
        'NothingToReconcile.',
      createFlowLogs(
        (foundOf(vpcs) ?? []).filter(({ isOwn }) => isOwn).map(({ vpcId }) => vpcId),
        facts.region,
      ),
    );
  },
  lakeGoverns: (facts) => {
    if (facts.config.lakeFormation || foundOf(facts.lake)?.governsNew !== true) return undefined;
    return complaint(
      'Lake Formation governs new databases or tables here, and the configuration has no "lakeFormation": true: the night could ' +
        'not query its tables. Set it.',
      named('lakeformation get-data-lake-settings', facts),
    );
  },
  lakeAdminMissing: (facts) => {
    const lake = foundOf(facts.lake);
    const isDeployer = (arn: string): boolean => arn.includes(`-cfn-exec-role-${facts.account}-${facts.region}`);
    if (!facts.config.lakeFormation || !lake || lake.administrators.some(isDeployer)) return undefined;
    return complaint(
      "With lakeFormation CDK's cfn-exec role must be an administrator of the data lake, and it is none: the grants would fail. " +
        'Add it to DataLakeAdmins; what is written replaces all settings.',
      `${named('lakeformation get-data-lake-settings', facts)} > settings.json`,
      named('lakeformation put-data-lake-settings --cli-input-json file://settings.json', facts),
    );
  },
  deliveryFails: (facts) => {
    const failing = readFlowLogs(facts).filter(({ deliveryError }) => deliveryError !== '');
    const [first] = failing;
    if (!first) return undefined;
    return complaint(
      `${count(failing.length, 'flow log')} could not be delivered last (${first.flowLogId}: ${first.deliveryError}): the policy of ` +
        'the bucket or of its key keeps the delivery out, or the role for a log group may not write there.',
      first.logGroup === ''
        ? `aws s3api get-bucket-policy --bucket ${shellWords([facts.config.flowLogs.bucket ?? ''])} --query Policy --output text`
        : named(`ec2 describe-flow-logs --flow-log-ids ${shellWords([first.flowLogId])}`, facts),
    );
  },
  uncoveredVpcs: (facts) => {
    if (!('found' in facts.vpcs) || !('found' in facts.flowLogs)) return undefined;
    const covered = new Set([...readFlowLogs(facts).map(({ resourceId }) => resourceId), ...enabled(facts)]);
    const bare = facts.vpcs.found.filter(({ vpcId, isOwn }) => isOwn && !covered.has(vpcId)).map(({ vpcId }) => vpcId);
    // Where there are none at all, another ailment says so.
    if (bare.length === 0 || covered.size === 0) return undefined;
    return complaint(
      `${count(bare.length, 'VPC')} of ${figure(facts.vpcs.found.length)} (${someOf(bare)}) ${isAre(bare.length)} in no flow log, as a ` +
        'whole, that the deployment reads: unused rules there are notObserved, unless all their subnets have one.',
      createFlowLogs(bare, facts.region),
    );
  },
  poorFormat: (facts) => {
    const poor = readFlowLogs(facts).filter(({ fields }) => WANTED.some((field) => !fields.includes(field)));
    if (poor.length === 0) return undefined;
    const lacking = WANTED.filter((field) => poor.some(({ fields }) => !fields.includes(field)));
    return complaint(
      `${count(poor.length, 'flow log')} (${someOf(poor.map(({ flowLogId }) => flowLogId))}) without ${lacking.join(', ')}: more is ` +
        'inferred and left as possible use. A format cannot be changed; make another flow log, then delete these.',
      createFlowLogs(
        poor.flatMap(({ resourceId }) => (resourceId.startsWith('vpc-') ? [resourceId] : [])),
        facts.region,
      ),
    );
  },
  senderUnverified: (facts) => {
    const { report } = facts.config;
    const [sender] = report ? unverified(facts, [addressOf(report.sender)]) : [];
    if (sender === undefined) return undefined;
    return complaint(
      `SES may not send from ${sender} in ${facts.region}: mails would be refused. Verify the address or its domain, or name it in ` +
        'report.createIdentities.',
      named(`sesv2 create-email-identity --email-identity ${shellWords([sender])}`, facts),
    );
  },
  sandbox: (facts) => {
    const mail = facts.mail && foundOf(facts.mail);
    if (!mail || mail.isProduction) return undefined;
    const refused = unverified(facts, facts.config.report?.recipients ?? []);
    if (refused.length === 0) return undefined;
    return complaint(
      `SES has the account in its sandbox, and ${count(refused.length, 'recipient')} (${someOf(refused)}) ${isAre(refused.length)} not ` +
        'verified: no mail would reach them. Name them in report.createIdentities, or leave the sandbox.',
      named(`sesv2 create-email-identity --email-identity ${shellWords(refused.slice(0, 1))}`, facts),
    );
  },
  sendingPaused: (facts) => {
    const mail = facts.mail && foundOf(facts.mail);
    if (!mail || mail.maySend) return undefined;
    return complaint(
      `SES sends no mail for this account in ${facts.region}: sending is paused.`,
      named('sesv2 put-account-sending-attributes --sending-enabled', facts),
    );
  },
  securityHubOff: (facts) => {
    if (!facts.hasHub || foundOf(facts.hasHub) !== false) return undefined;
    return complaint(
      `The configuration has securityHub, which is not enabled in ${facts.region}: it would be told nothing. It costs by what it ` +
        'checks; without its standards, by what it is told alone.',
      named('securityhub enable-security-hub --no-enable-default-standards', facts),
    );
  },
  couldNotLook: (facts) =>
    couldNotLook({
      VPCs: facts.vpcs,
      'flow logs': facts.flowLogs,
      'names that are taken': facts.taken,
      'whether it is deployed': facts.isDeployed,
      "CDK's bootstrap": facts.isBootstrapped,
      'rights to deploy': facts.refusedRoles,
      'Lake Formation': facts.lake,
      'AWS Config': facts.isRecording,
      "CloudTrail's event history": facts.mayAskEvents,
      ...(facts.bucket && { 'the bucket of flow logs': facts.bucket }),
      ...(facts.mail && { SES: facts.mail }),
      ...(facts.hasHub && { 'Security Hub': facts.hasHub }),
      ...(facts.identities && { 'identities of SES': facts.identities }),
    }),
  noRecorder: (facts) => {
    if (foundOf(facts.isRecording) !== false) return undefined;
    return complaint(
      'AWS Config records nothing here: ages of rules come from snapshots and from the 90 days of CloudTrail alone. It costs by ' +
        'what it records, and is not needed.',
      named('configservice describe-configuration-recorder-status', facts),
    );
  },
  coarseFlowLogs: (facts) => {
    const coarse = readFlowLogs(facts).filter(({ intervalSeconds }) => intervalSeconds > 60);
    if (coarse.length === 0) return undefined;
    return complaint(
      `${count(coarse.length, 'flow log')} (${someOf(coarse.map(({ flowLogId }) => flowLogId))}) with an interval of ten minutes: of few ` +
        'interfaces that leaves hours without a file, which are not watched. A minute does not.',
      createFlowLogs(
        coarse.flatMap(({ resourceId }) => (resourceId.startsWith('vpc-') ? [resourceId] : [])),
        facts.region,
      ),
    );
  },
  alreadyDeployed: ({ config, isDeployed, region }) => {
    if (foundOf(isDeployed) !== true) return undefined;
    return complaint(
      `${config.prefix} is deployed here: this would be an update of it. Two deployments need two prefixes.`,
      `npx stale-sg doctor ${shellWords(['--tables', config.prefix, '--region', region])}`,
    );
  },
};
