import { expect, test } from '@jest/globals';
import type { AccountFacts } from '../../../../../services/command-line/commands/doctor/account-facts.ts';
import {
  ACCOUNT_AILMENTS,
  checkup,
  type AccountAilment,
} from '../../../../../services/command-line/commands/doctor/ailment.ts';
import { accountCheckup } from '../../../../../services/command-line/commands/doctor/examine-account.ts';
import { accountFactsOf, CONFIG, flowLogOf, KEY, OTHER_VPC, VPC } from './account-facts-of.ts';
import { eachAilment, type AilmentRow } from './each-ailment.ts';

/** What the account shows, and what of the configuration is other. */
type Situation = readonly [facts: Partial<AccountFacts>, config?: Readonly<Record<string, unknown>>];

const makes = (vpcId: string) => ({ flowLogs: { ...CONFIG.flowLogs, enableOn: [{ vpcId }] } });
const archives = (...logGroups: string[]) => ({ flowLogs: { ...CONFIG.flowLogs, logGroups } });
const toGroup = (logGroup: string) => flowLogOf({ destination: '', logGroup });
const both = { found: [VPC, OTHER_VPC].map((vpcId) => ({ vpcId, isOwn: true })) };
const kmsKey = (key: string) => ({ bucket: { found: { sendsEvents: true, kmsKey: key } } });
const asks = (...createIdentities: string[]) => ({ report: { ...CONFIG.report, createIdentities } });
const nobodyVerified = {
  found: new Map([
    ['sg@mail.example.com', false],
    ['network@example.com', false],
  ]),
};
const inSandbox = { mail: { found: { isProduction: false, maySend: true } } };

const DEPLOYER = 'arn:aws:iam::111122223333:role/cdk-hnb659fds-cfn-exec-role-111122223333-eu-central-1';

const ROWS: Readonly<Record<AccountAilment, AilmentRow<AccountAilment, Situation>>> = {
  wrongAccount: {
    ill: [{ account: '999999999999' }],
    says: /^The credentials are of account 999999999999, account\.json is of 111122223333/,
    command: /^aws sts get-caller-identity$/,
    well: [{ account: '999999999999' }, { account: undefined }],
  },
  notBootstrapped: {
    ill: [{ isBootstrapped: { found: false } }],
    says: /^CDK was never bootstrapped/,
    command: /^npx cdk bootstrap aws:\/\/111122223333\/eu-central-1$/,
    well: [{ isBootstrapped: { found: false } }, { account: undefined, region: undefined, stackSet: true }],
  },
  mayNotDeploy: {
    ill: [{ refusedRoles: { found: ['cdk-hnb659fds-deploy-role-1-x'] } }],
    says: /^By their own policies the credentials may not take on cdk-hnb659fds-deploy-role-1-x/,
    command: /^aws sts get-caller-identity$/,
    well: [{ refusedRoles: { found: ['cdk-hnb659fds-deploy-role-1-x'] }, isBootstrapped: { found: false } }],
  },
  namesTaken: {
    ill: [{ taken: { found: ['sg-analysis-state'] } }],
    says: /^sg-analysis-state is there and nothing is deployed/,
    command: /^npx cdk deploy --all --import-existing-resources -c config=account\.json$/,
    well: [{ taken: { found: ['sg-analysis-state'] }, isDeployed: { missing: 'denied' } }],
  },
  vpcMissing: {
    ill: [
      {
        vpcs: {
          found: [
            { vpcId: VPC, isOwn: true },
            { vpcId: OTHER_VPC, isOwn: false },
          ],
        },
      },
      makes(OTHER_VPC),
    ],
    says: /^flowLogs\.enableOn names vpc-0123456789abcdef1, of which there is no VPC of this account/,
    command: /^aws ec2 describe-vpcs .* --region eu-central-1$/,
    well: [{ vpcs: both }, makes(OTHER_VPC)],
  },
  flowLogTwice: {
    ill: [{}, makes(VPC)],
    says: /^flowLogs\.enableOn names VPCs that have a flow log into this place already \(fl-1\)/,
    command: /--flow-log-ids fl-1 --region eu-central-1$/,
    well: [{ flowLogs: { found: [flowLogOf({ destination: 'arn:aws:s3:::elsewhere/vpc' })] } }, makes(VPC)],
  },
  identityExists: {
    ill: [{}, asks('sg@mail.example.com')],
    says: /^report\.createIdentities names sg@mail\.example\.com, which SES knows already/,
    command: /--email-identity sg@mail\.example\.com --region/,
    well: [{}, asks('network@example.com')],
  },
  bucketMissing: {
    ill: [{ bucket: { found: undefined } }],
    says: /^There is no bucket logs/,
    command: /^aws ec2 describe-flow-logs /,
    well: [{ bucket: undefined }, { flowLogs: { ...CONFIG.flowLogs, kind: 'central', ownerAccount: '444455556666' } }],
  },
  keyNotNamed: {
    ill: [kmsKey(KEY)],
    says: /^The bucket encrypts with arn:aws:kms:.*, which flowLogs\.kmsKeyArns does not name/,
    command: /^aws kms describe-key --key-id arn:aws:kms/,
    well: [kmsKey('1234abcd-12ab-34cd-56ef-1234567890ab'), { flowLogs: { ...CONFIG.flowLogs, kmsKeyArns: [KEY] } }],
  },
  eventsOff: {
    ill: [{ bucket: { found: { sendsEvents: false, kmsKey: undefined } } }],
    says: /^The bucket does not send its events to EventBridge/,
    command: /^aws s3api get-bucket-notification-configuration --bucket logs > notifications\.json$/,
    well: [{ bucket: { missing: 'denied' } }],
  },
  logGroupsUnfit: {
    ill: [{ flowLogs: { found: [toGroup('b'), toGroup('b'), toGroup('c')] } }, archives('a', 'b', 'c')],
    says: /^flowLogs\.logGroups names a, b: to each must one flow log publish/,
    command: /^aws ec2 describe-flow-logs .* --region eu-central-1$/,
    well: [{ flowLogs: { found: [flowLogOf(), toGroup('c'), toGroup('d'), toGroup('d')] } }, archives('c')],
  },
  mixedFormats: {
    ill: [
      {
        flowLogs: {
          found: [
            flowLogOf({ flowLogId: 'fl-2', fileFormat: 'parquet' }),
            flowLogOf({ flowLogId: 'fl-3', trafficType: 'REJECT', layout: 'hourly' }),
            flowLogOf(),
          ],
        },
      },
    ],
    says: /^fl-1, fl-3 write text into folders of s3:\/\/logs\/vpc\/ in which fl-2 writes Parquet\. .* Hive-compatible prefixes/,
    command: /^aws ec2 describe-flow-logs .*DestinationOptions.* --region eu-central-1$/,
    well: [
      {
        flowLogs: {
          found: [
            flowLogOf(),
            flowLogOf({ fileFormat: 'parquet', layout: 'hourly' }),
            flowLogOf({ fileFormat: 'parquet', layout: 'hive' }),
            flowLogOf({ fileFormat: 'parquet', isActive: false }),
            flowLogOf({ fileFormat: 'parquet', destination: 'arn:aws:s3:::logs/other' }),
          ],
        },
      },
    ],
  },
  noFlowLogs: {
    ill: [
      {
        flowLogs: {
          found: [flowLogOf({ trafficType: 'REJECT' }), flowLogOf({ destination: 'arn:aws:s3:::logs/other' })],
        },
      },
    ],
    says: /^No active flow log of accepted traffic goes to s3:\/\/logs\/vpc\//,
    command:
      /^aws ec2 create-flow-logs --region eu-central-1 .*--resource-ids vpc-0123456789abcdef0 .*FileFormat=parquet,.*PerHourPartition=true /,
    well: [{ flowLogs: { found: [flowLogOf({ destination: 'arn:aws:s3:::logs/vpc/' })] } }],
  },
  lakeGoverns: {
    ill: [{ lake: { found: { governsNew: true, administrators: [] } } }],
    says: /^Lake Formation governs new databases or tables here/,
    command: /^aws lakeformation get-data-lake-settings --region eu-central-1$/,
    well: [{ lake: { found: { governsNew: true, administrators: [DEPLOYER] } } }, { lakeFormation: true }],
  },
  lakeAdminMissing: {
    ill: [
      { lake: { found: { governsNew: true, administrators: [`${DEPLOYER}-2`.replace('cfn-exec', 'deploy')] } } },
      { lakeFormation: true },
    ],
    says: /^With lakeFormation CDK's cfn-exec role must be an administrator/,
    command: /^aws lakeformation get-data-lake-settings --region eu-central-1 > settings\.json$/,
    well: [{ lake: { found: { governsNew: true, administrators: [DEPLOYER] } } }, { lakeFormation: true }],
  },
  deliveryFails: {
    ill: [{ flowLogs: { found: [flowLogOf({ deliveryError: 'Access error' })] } }],
    says: /^1 flow log could not be delivered last \(fl-1: Access error\)/,
    command: /^aws s3api get-bucket-policy --bucket logs /,
    well: [{ flowLogs: { found: [flowLogOf(), flowLogOf({ destination: '', deliveryError: 'Access error' })] } }],
  },
  uncoveredVpcs: {
    ill: [{ vpcs: both }],
    says: /^1 VPC of 2 \(vpc-0123456789abcdef1\) is in no flow log/,
    command: /^aws ec2 create-flow-logs --region eu-central-1 .*--resource-ids vpc-0123456789abcdef1 /,
    well: [{ vpcs: both }, makes(OTHER_VPC)],
  },
  poorFormat: {
    ill: [{ flowLogs: { found: [flowLogOf({ fields: ['srcaddr', 'log-status', 'vpc-id'] })] } }],
    says: /^1 flow log \(fl-1\) without tcp-flags, flow-direction, pkt-srcaddr, pkt-dstaddr:/,
    command: /^aws ec2 create-flow-logs --region eu-central-1 .*arn:aws:s3:.*tcp-flags/,
    well: [{}],
  },
  senderUnverified: {
    ill: [{ verified: nobodyVerified }],
    says: /^SES may not send from sg@mail\.example\.com in eu-central-1/,
    command: /^aws sesv2 create-email-identity --email-identity sg@mail\.example\.com --region eu-central-1$/,
    well: [{ verified: nobodyVerified, identities: { found: new Set() } }, asks('sg@mail.example.com')],
  },
  sandbox: {
    ill: [inSandbox],
    says: /^SES has the account in its sandbox, and 1 recipient \(network@example\.com\) is not verified/,
    command: /--email-identity network@example\.com /,
    well: [inSandbox, asks('network@example.com')],
  },
  sendingPaused: {
    ill: [{ mail: { found: { isProduction: true, maySend: false } } }],
    says: /^SES sends no mail for this account in eu-central-1/,
    command: /^aws sesv2 put-account-sending-attributes --sending-enabled /,
    well: [{ mail: undefined }],
  },
  securityHubOff: {
    ill: [{ hasHub: { found: false } }],
    says: /^The configuration has securityHub, which is not enabled in eu-central-1: it would be told nothing/,
    command: /^aws securityhub enable-security-hub --no-enable-default-standards --region eu-central-1$/,
    well: [{ hasHub: { missing: 'no' } }],
  },
  couldNotLook: {
    ill: [
      {
        vpcs: { missing: 'the right ec2:DescribeVpcs is missing' },
        mail: { missing: 'no' },
        flowLogs: { missing: 'no' },
      },
    ],
    says: /^Could not look at VPCs \(the right ec2:DescribeVpcs is missing\), flow logs \(no\), SES \(no\): nothing is said/,
    command: /^aws sts get-caller-identity$/,
    well: [{}],
  },
  noRecorder: {
    ill: [{ isRecording: { found: false } }],
    says: /^AWS Config records nothing here/,
    command: /^aws configservice describe-configuration-recorder-status --region eu-central-1$/,
    well: [{ isRecording: { missing: 'denied' } }],
  },
  coarseFlowLogs: {
    ill: [{ flowLogs: { found: [flowLogOf({ intervalSeconds: 600 })] } }],
    says: /^1 flow log \(fl-1\) with an interval of ten minutes/,
    command: /--max-aggregation-interval 60 /,
    well: [{}],
  },
  alreadyDeployed: {
    ill: [{ isDeployed: { found: true }, taken: { found: ['sg-analysis-state'] } }],
    says: /^sg-analysis is deployed here/,
    command: /^npx stale-sg doctor --tables sg-analysis --region eu-central-1$/,
    well: [{ isDeployed: { missing: 'denied' } }],
  },
};

const checkupOf = ([facts, config]: Situation) => checkup.parse(accountCheckup(accountFactsOf(facts, config)));

test('an account in which nothing ails', () => {
  const { ailments, facts } = checkupOf([{}]);
  expect(ailments).toEqual([]);
  expect(facts.slice(0, 4)).toEqual([
    { name: 'Deployment', value: 'sg-analysis into 111122223333, eu-central-1' },
    { name: 'VPCs', value: '1; 1 flow logs that it reads, 0 to be made' },
    { name: 'Bucket', value: 's3://logs/vpc/ (existing)' },
    { name: 'Mail', value: '1 recipient; SES out of its sandbox' },
  ]);
  expect(facts.at(-1)!.name).toBe('Not looked at');
});

eachAilment(ACCOUNT_AILMENTS, ROWS, checkupOf);

test('a flow log to a log group that is archived is read, and is none to the bucket', () => {
  const facts = (logGroups: string[]) =>
    accountFactsOf(
      { flowLogs: { found: [toGroup('/aws/vpc/a')] } },
      { flowLogs: { ...CONFIG.flowLogs, logGroups, enableOn: [{ vpcId: VPC }] } },
    );
  const kinds = (logGroups: string[]) => accountCheckup(facts(logGroups)).ailments.map(({ kind }) => kind);
  expect(JSON.stringify(accountCheckup(facts(['/aws/vpc/a'])).facts)).toContain('1 flow logs that it reads');
  expect(JSON.stringify(accountCheckup(facts([])).facts)).toContain('0 flow logs that it reads');
  // EC2 refuses a second one of the same destination only.
  expect(kinds(['/aws/vpc/a'])).not.toContain('flowLogTwice');
});

test('a flow log that is to be made writes beside those that are there, but for the one that it takes the place of', () => {
  const makesParquet = (vpcId: string, layout: string) => ({
    flowLogs: { ...CONFIG.flowLogs, enableOn: [{ vpcId, fileFormat: 'parquet', layout }] },
  });
  const mixed = (...[vpcId, layout]: Parameters<typeof makesParquet>) => {
    const { ailments } = accountCheckup(accountFactsOf({ vpcs: both }, makesParquet(vpcId, layout)));
    return ailments.find(({ kind }) => kind === 'mixedFormats')?.text;
  };
  expect(mixed(OTHER_VPC, 'default')).toContain(
    `fl-1 writes text into folders of s3://logs/vpc/ in which ${OTHER_VPC}`,
  );
  expect(mixed(OTHER_VPC, 'hourly')).toBeUndefined();
  expect(mixed(VPC, 'default')).toBeUndefined();
});
