import { partitionOf } from '../console-links.ts';
import { secondsFromIso } from '../time.ts';
import { SECURITY_FINDINGS, type SecurityFinding, type FindingSeverity } from './security-finding.ts';

/** https://schema.ocsf.io/1.5.0/classes/compliance_finding */
const VERSION = '1.5.0';
const FINDINGS = 2;
const COMPLIANCE_FINDING = 2003;
const CREATE = 1;
const NEW = 1;
const FAIL = 3;
const SEVERITIES: Readonly<Record<FindingSeverity, readonly [id: number, name: string]>> = {
  low: [2, 'Low'],
  medium: [3, 'Medium'],
  high: [4, 'High'],
};

/** A Compliance Finding of OCSF 1.5, as Security Lake and SIEMs take them. */
export function ocsfOf(finding: SecurityFinding, { asOf, version }: { asOf: string; version: string }) {
  const { kind, id, rule, severity, priority, detail, remedy } = finding;
  const { groupId, groupName, ruleId, accountId, region, owner } = rule;
  const time = 1000 * secondsFromIso(asOf);
  const [severityId, severityName] = SEVERITIES[severity];
  return {
    activity_id: CREATE,
    activity_name: 'Create',
    category_uid: FINDINGS,
    category_name: 'Findings',
    class_uid: COMPLIANCE_FINDING,
    class_name: 'Compliance Finding',
    type_uid: 100 * COMPLIANCE_FINDING + CREATE,
    type_name: 'Compliance Finding: Create',
    severity_id: severityId,
    severity: severityName,
    status_id: NEW,
    status: 'New',
    time,
    message: detail,
    metadata: {
      version: VERSION,
      product: { name: 'stale-sg', vendor_name: 'stale-sg', version },
      ...(region !== undefined && accountId !== undefined && { profiles: ['cloud'] }),
    },
    ...(region !== undefined &&
      accountId !== undefined && {
        cloud: { provider: 'AWS', region, account: { uid: accountId, type: 'AWS Account', type_id: 10 } },
      }),
    compliance: {
      control: kind,
      desc: SECURITY_FINDINGS[kind].title,
      standards: ['stale-sg'],
      status_id: FAIL,
      status: 'Fail',
    },
    finding_info: { uid: id, title: SECURITY_FINDINGS[kind].title, desc: detail, types: [kind], created_time: time },
    remediation: { desc: remedy },
    resources: [
      {
        uid: groupId,
        name: groupName,
        type: 'AwsEc2SecurityGroup',
        ...(region !== undefined && { region, cloud_partition: partitionOf(region) }),
        ...(owner && { owner: { name: owner.name } }),
        data: { rule_id: ruleId, priority },
      },
    ],
  };
}
