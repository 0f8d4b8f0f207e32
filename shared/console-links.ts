/**
 * Where the consoles of AWS are: each partition has its own, and a region's is in front of it.
 * https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
 */
export const CONSOLES = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
} as const;

/** Of a region by its name, as `eu-central-1`. */
export function consoleHost(region: string): string {
  return `${region}.${CONSOLES[partitionOf(region)]}`;
}

/** What ARNs of the region begin with, behind `arn:`. */
export function partitionOf(region: string): keyof typeof CONSOLES {
  return region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** An execution of a state machine. */
export function executionLink(region: string, executionArn: string): string {
  return `https://${consoleHost(region)}/states/home?region=${encodeURIComponent(region)}#/v2/executions/details/${encodeURIComponent(executionArn)}`;
}

/** Of partitions whose consoles are none of {@link CONSOLES}: `aws-iso` and its like, and the European Sovereign Cloud. */
const ELSEWHERE = /^(?:us|eu)-iso|^eusc-/;

/** A security group, in the list of its region; undefined where its console is not known. */
export function groupLink(region: string, groupId: string): string | undefined {
  if (ELSEWHERE.test(region)) return undefined;
  return `https://${consoleHost(region)}/ec2/home?region=${encodeURIComponent(region)}#SecurityGroup:groupId=${encodeURIComponent(groupId)}`;
}
