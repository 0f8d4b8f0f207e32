/** Region of everything in the beds. DynamoDB Local and fauxqs believe any. */
export const BED_REGION = 'eu-central-1';

/** DynamoDB Local refuses access key ids that are not alphanumeric. */
export const BED_CREDENTIALS = { accessKeyId: 'testbed', secretAccessKey: 'testbed' } as const;

/** Nothing listens here: the discard port, below all that is handed out. */
const NOWHERE = 'http://127.0.0.1:9';

interface Endpoint {
  readonly endpoint: string;
}

/**
 * Environment in which every SDK client made without options talks to these beds: for child processes (spread it over
 * `process.env`) and for bundles loaded in-process. A service without a bed here is refused at once: nothing reaches
 * AWS. Name others yourself (`AWS_ENDPOINT_URL_EC2`), they win over the refusal.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export function bedEnvironment(beds: {
  dynamoDb?: Endpoint;
  fauxqs?: Endpoint;
  ses?: Endpoint;
}): Record<string, string> {
  return {
    AWS_REGION: BED_REGION,
    AWS_ACCESS_KEY_ID: BED_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: BED_CREDENTIALS.secretAccessKey,
    AWS_SESSION_TOKEN: '',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL: NOWHERE,
    AWS_ENDPOINT_URL_DYNAMODB: beds.dynamoDb?.endpoint ?? NOWHERE,
    AWS_ENDPOINT_URL_S3: beds.fauxqs?.endpoint ?? NOWHERE,
    AWS_ENDPOINT_URL_SQS: beds.fauxqs?.endpoint ?? NOWHERE,
    AWS_ENDPOINT_URL_SESV2: beds.ses?.endpoint ?? NOWHERE,
  };
}
