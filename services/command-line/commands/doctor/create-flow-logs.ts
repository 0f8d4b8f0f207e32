import { RECOMMENDED_FIELDS } from '../../../../shared/flowlogs/fields.ts';
import { partitionOf } from '../../../../shared/console-links.ts';
import { shellWords } from './complaint.ts';

const FORMAT = RECOMMENDED_FIELDS.map((field) => `\${${field}}`).join(' ');

/** As deployments make them: in folders of hours they lie apart from the text that a flow log is by default. */
const LAYOUT = 'FileFormat=parquet,HiveCompatiblePartitions=false,PerHourPartition=true';

/** Makes a flow log of each VPC that tells all there is to tell, every minute. The bucket is to be filled in. */
export function createFlowLogs(vpcIds: Iterable<string>, region?: string): string {
  const ids = [...new Set(vpcIds)].sort();
  return (
    `aws ec2 create-flow-logs${region === undefined ? '' : ` ${shellWords(['--region', region])}`} --resource-type VPC --resource-ids ${ids.length > 0 ? shellWords(ids) : 'VPC'} ` +
    `--traffic-type ALL --log-destination-type s3 --log-destination arn:${partitionOf(region ?? '')}:s3:::BUCKET ` +
    `--destination-options ${LAYOUT} --max-aggregation-interval 60 --log-format '${FORMAT}'`
  );
}
