import * as z from 'zod';
import type { Immutable } from '../../../../shared/immutable.ts';
import { namesIn } from '../../../../shared/record-of.ts';

/** `blocks`: no answer, or a wrong one. `weakens`: rules will be `notObserved` that need not be. `note`: worth knowing. */
export const SEVERITIES = ['blocks', 'weakens', 'note'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Of an inventory and flow logs at hand; the worst first, as in the other tables. */
export const INPUT_AILMENTS = {
  noRecord: 'blocks',
  unreadableFile: 'blocks',
  onlyRejects: 'blocks',
  uncoveredInterfaces: 'weakens',
  silentFlowLogs: 'weakens',
  unknownInterfaces: 'weakens',
  missingDays: 'weakens',
  missingHours: 'weakens',
  lacksFlags: 'weakens',
  lacksStatus: 'weakens',
  lacksPacketAddresses: 'weakens',
  lacksDirection: 'weakens',
  fewerThan30Days: 'weakens',
  noHistory: 'weakens',
  lateSnapshots: 'weakens',
  oldSnapshots: 'weakens',
  noFlowLogList: 'weakens',
  noVpcList: 'weakens',
  listsWithoutEntries: 'weakens',
  absentGroups: 'weakens',
  foreignAccounts: 'weakens',
  foreignVpcs: 'weakens',
  unreadableLines: 'weakens',
  filesNotRead: 'weakens',
  oneSnapshot: 'note',
  coarseWindows: 'note',
  fewerThan90Days: 'note',
  unnamedFiles: 'note',
  filesPutTogether: 'note',
  lacksVpcId: 'note',
  quietInterfaces: 'note',
  inventoryProblems: 'note',
  otherLogs: 'note',
} as const satisfies Readonly<Record<string, Severity>>;
export type InputAilment = keyof typeof INPUT_AILMENTS;

/** Of a deployment. */
export const DEPLOYMENT_AILMENTS = {
  noSnapshot: 'blocks',
  snapshotsStopped: 'blocks',
  nightFailed: 'blocks',
  nightMissing: 'blocks',
  noNightYet: 'weakens',
  deadLetters: 'weakens',
  deadBatches: 'weakens',
  notSettled: 'weakens',
  markedDays: 'weakens',
  oldReport: 'weakens',
  unknownLeft: 'weakens',
  rulesNotWatched: 'weakens',
  couldNotLook: 'weakens',
  queueWaits: 'note',
  noReport: 'note',
  inventoryProblems: 'note',
  windowGrows: 'note',
} as const satisfies Readonly<Record<string, Severity>>;
export type DeploymentAilment = keyof typeof DEPLOYMENT_AILMENTS;

/** Of an account that a configuration is to be deployed to. */
export const ACCOUNT_AILMENTS = {
  wrongAccount: 'blocks',
  notBootstrapped: 'blocks',
  namesTaken: 'blocks',
  vpcMissing: 'blocks',
  flowLogTwice: 'blocks',
  identityExists: 'blocks',
  bucketMissing: 'blocks',
  keyNotNamed: 'blocks',
  eventsOff: 'blocks',
  logGroupsUnfit: 'blocks',
  mixedFormats: 'blocks',
  noFlowLogs: 'blocks',
  lakeGoverns: 'blocks',
  lakeAdminMissing: 'blocks',
  mayNotDeploy: 'weakens',
  deliveryFails: 'weakens',
  uncoveredVpcs: 'weakens',
  poorFormat: 'weakens',
  senderUnverified: 'weakens',
  sandbox: 'weakens',
  sendingPaused: 'weakens',
  securityHubOff: 'weakens',
  couldNotLook: 'weakens',
  noRecorder: 'note',
  coarseFlowLogs: 'note',
  alreadyDeployed: 'note',
} as const satisfies Readonly<Record<string, Severity>>;
export type AccountAilment = keyof typeof ACCOUNT_AILMENTS;

/** What a check says where something is wrong. */
export interface Complaint {
  /** Sentences: what is so, what it costs, and the way out where no command is one. May hold text of others. */
  readonly text: string;
  /** What mends it, a line of a shell each; words in capitals are for the reader to fill in. */
  readonly commands: readonly string[];
}

/** One check for each ailment: pure, and undefined where all is well. */
export type Checks<Kind extends string, Facts> = Readonly<Record<Kind, (facts: Facts) => Complaint | undefined>>;

const AILMENTS = { ...INPUT_AILMENTS, ...ACCOUNT_AILMENTS, ...DEPLOYMENT_AILMENTS };

const ailment = z.object({
  kind: z.enum(namesIn(AILMENTS)),
  severity: z
    .enum(SEVERITIES)
    .describe('`blocks`: no answer, or a wrong one; `weakens`: the answer could be surer; `note`: worth knowing.'),
  text: z.string().describe('What is so, and what it costs. Holds text of others: escape it where it is shown.'),
  commands: z.array(z.string()).describe('What mends it, a line of a shell each; CAPITALS are to be filled in.'),
});

/** What `stale-sg doctor --json` prints. Keys and kinds may be added. */
export const checkup = z.object({
  schemaVersion: z.literal(1),
  of: z
    .enum(['input', 'account', 'deployment'])
    .describe('What was looked at: an inventory and flow logs; an account, before a deployment; or a deployment.'),
  facts: z.array(z.object({ name: z.string(), value: z.string() })).describe('What there is, for people.'),
  ailments: z.array(ailment).describe('The worst first.'),
  next: z
    .object({ on: z.iso.date(), what: z.string() })
    .nullable()
    .describe('When the next better answer comes, if flow logs go on as they are; null where nobody can say.'),
});

export type Ailment = Immutable<z.output<typeof ailment>>;
export type Checkup = Immutable<z.output<typeof checkup>>;

/** Runs all checks, in the order of the table. */
export function ailmentsOf<Kind extends keyof typeof AILMENTS, Facts>(
  severities: Readonly<Record<Kind, Severity>>,
  checks: Checks<Kind, Facts>,
  facts: Facts,
): Ailment[] {
  return namesIn(severities).flatMap((kind): Ailment[] => {
    const complaint = checks[kind](facts);
    return complaint ? [{ kind, severity: severities[kind], ...complaint }] : [];
  });
}
