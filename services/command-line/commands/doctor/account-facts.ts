import type { Config } from '../../../../shared/configuration/config.ts';
import type { FileLayout } from '../../../../shared/configuration/flow-log-config.ts';
import type { Looked } from './looked.ts';

/** A flow log as EC2 describes it; its layout means something only where it goes to a bucket. */
export interface FlowLogOfAccount extends FileLayout {
  readonly flowLogId: string;
  /** VPC, subnet or interface. */
  readonly resourceId: string;
  readonly trafficType: string;
  readonly isActive: boolean;
  /** ARN of a bucket and what keys begin with; `''` where it is none. */
  readonly destination: string;
  /** The log group of CloudWatch Logs that it publishes to; `''` where it goes elsewhere. */
  readonly logGroup: string;
  /** Fields, with hyphens. */
  readonly fields: readonly string[];
  /** 60 or 600. */
  readonly intervalSeconds: number;
  /** Why its files could not be delivered last; `''` where they were. Text of AWS. */
  readonly deliveryError: string;
}

/** The bucket that flow logs are delivered to. */
export interface BucketOfLogs {
  readonly sendsEvents: boolean;
  /** What new objects are encrypted with by default, where it is a key of KMS. */
  readonly kmsKey: string | undefined;
}

/** What SES says of the account in this region. */
export interface MailAccount {
  /** Out of the sandbox. */
  readonly isProduction: boolean;
  readonly maySend: boolean;
}

/** What Lake Formation says of the account in this region. */
export interface DataLake {
  /** New databases and tables are not open to whom IAM lets in. */
  readonly governsNew: boolean;
  /** ARNs. */
  readonly administrators: readonly string[];
}

export interface VpcOfAccount {
  readonly vpcId: string;
  /** It belongs to this account; others are shared with it. */
  readonly isOwn: boolean;
}

/** A configuration, and what the account shows that it is to be deployed to. */
export interface AccountFacts {
  readonly config: Config;
  /** As the user gave it. */
  readonly file: string;
  readonly region: string;
  /** Of the credentials. */
  readonly account: string;
  readonly vpcs: Looked<readonly VpcOfAccount[]>;
  readonly flowLogs: Looked<readonly FlowLogOfAccount[]>;
  /** Undefined where there is no such bucket; asked for only where one of this account is configured. */
  readonly bucket: Looked<BucketOfLogs | undefined> | undefined;
  /** Names of tables and the data bucket that are there already. */
  readonly taken: Looked<readonly string[]>;
  /** Whether the state machine of the deployment is there. */
  readonly isDeployed: Looked<boolean>;
  readonly isBootstrapped: Looked<boolean>;
  /** Names of CDK's roles that the credentials may not take on. */
  readonly refusedRoles: Looked<readonly string[]>;
  readonly lake: Looked<DataLake>;
  /** Asked for only where mails are configured. */
  readonly mail: Looked<MailAccount> | undefined;
  /** By address, those of the configuration: whether SES may send from it or, in the sandbox, to it. */
  readonly verified: Looked<ReadonlyMap<string, boolean>> | undefined;
  /** Addresses that are identities by themselves, verified or not. */
  readonly identities: Looked<ReadonlySet<string>> | undefined;
  /** Whether Security Hub is enabled in the region; asked for only where it is to be told of findings. */
  readonly hasHub: Looked<boolean> | undefined;
  readonly isRecording: Looked<boolean>;
  /** Whether CloudTrail's event history may be asked. */
  readonly mayAskEvents: Looked<boolean>;
}
