import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** One right that a request needs: `dynamodb:GetItem on arn:aws:dynamodb:…:table/x`. */
type Need = string;

/** Servers that let through what a role allows and refuse the rest, as AWS does. */
export interface Guard {
  readonly dynamoDb: { readonly endpoint: string };
  readonly s3: { readonly endpoint: string };
  readonly ec2: { readonly endpoint: string };
  readonly athena: { readonly endpoint: string };
  readonly ses: { readonly endpoint: string };
  /** CloudTrail and AWS Config. */
  readonly histories: { readonly endpoint: string };
  readonly securityHub: { readonly endpoint: string };
  readonly secrets: { readonly endpoint: string };
  /** What was needed so far. */
  readonly needed: ReadonlySet<Need>;
  readonly refused: readonly Need[];
  stop(): Promise<void>;
}

export interface Guarded {
  readonly dynamoDb: { readonly endpoint: string };
  readonly s3: { readonly endpoint: string };
  /** What EC2 says to every call that is allowed: each reads the lists it knows. */
  readonly ec2Answer: () => string;
  /** Whose queries are all of one work group. */
  readonly athena: { readonly endpoint: string; readonly workGroup: string };
  /**
   * `identities`: those that are verified and that SES asks for: of the sender its address or a domain above; in the sandbox, of
   * each recipient as well.
   */
  readonly ses: { readonly endpoint: string; readonly identities: () => readonly string[] };
  /** What every secret holds. */
  readonly secret: string;
  readonly accountId: string;
  readonly region: string;
}

/** @param isAllowed whether the role has this right */
export async function startGuard(guarded: Guarded, isAllowed: (need: Need) => boolean): Promise<Guard> {
  const needed = new Set<Need>();
  const refused: Need[] = [];
  const place = `${guarded.region}:${guarded.accountId}`;
  const tables = `arn:aws:dynamodb:${place}:table/`;
  const lists = `arn:aws:ec2:${place}:prefix-list/`;
  const workGroup = `arn:aws:athena:${place}:workgroup/${guarded.athena.workGroup}`;

  /** A server in front of a service: what requests need, how they are answered if allowed, and how if not. */
  const front = ({ needs, pass, refusal: [status, text] }: Front): Server =>
    createServer((asked, answer) => {
      const respond = async (): Promise<void> => {
        const body = await buffer(asked);
        const rights = needs(asked, body);
        const lacking = rights.filter((need) => !isAllowed(need));
        for (const need of rights) needed.add(need);
        refused.push(...lacking);
        if (lacking.length === 0) pass(asked, body, answer);
        else answer.writeHead(status).end(text);
      };
      respond().catch((error: unknown) => answer.destroy(error as Error));
    });

  /** Whether it may be told that an object is not there; the answer if not. */
  const asRightToList = (asked: IncomingMessage): number => {
    const need = `s3:ListBucket on arn:aws:s3:::${asked.url!.split('/')[1]!}`;
    needed.add(need);
    return isAllowed(need) ? 404 : 403;
  };

  const servers = [
    front({
      needs: (asked, body) => needsOfDynamoDb(asked, body, tables),
      pass: (asked, body, answer) => forward(guarded.dynamoDb.endpoint, asked, body, answer),
      refusal: [400, '{"__type":"com.amazon.coral.service#AccessDeniedException"}'],
    }),
    front({
      needs: needsOfS3,
      pass: (asked, body, answer) => forward(guarded.s3.endpoint, asked, body, answer, { gone: asRightToList }),
      refusal: [403, '<Error><Code>AccessDenied</Code></Error>'],
    }),
    front({
      needs: (_asked, body) => needsOfEc2(new URLSearchParams(body.toString()), lists),
      pass: (_asked, _body, answer) => answer.end(guarded.ec2Answer()),
      refusal: [403, '<Response><Errors><Error><Code>UnauthorizedOperation</Code></Error></Errors></Response>'],
    }),
    front({
      needs: (asked) => [`athena:${callOf(asked)} on ${workGroup}`],
      pass: (asked, body, answer) => forward(guarded.athena.endpoint, asked, body, answer),
      refusal: [400, '{"__type":"AccessDeniedException"}'],
    }),
    front({
      needs: (_asked, body) => needsOfSes(body, guarded.ses.identities(), `arn:aws:ses:${place}`),
      pass: (asked, body, answer) => forward(guarded.ses.endpoint, asked, body, answer),
      refusal: [403, '{"__type":"AccessDeniedException"}'],
    }),
    front({
      needs: needsOfSecurityHub,
      pass: (asked, _body, answer) => answer.end(HUB_ANSWERS[asked.url!]!),
      refusal: [403, '{"Message":"not authorized","Code":"AccessDeniedException"}'],
    }),
    front({
      needs: (asked, body) => [
        `secretsmanager:${callOf(asked)} on ${(JSON.parse(body.toString()) as { SecretId: string }).SecretId}`,
      ],
      pass: (_asked, _body, answer) => answer.end(JSON.stringify({ SecretString: guarded.secret })),
      refusal: [400, '{"__type":"AccessDeniedException"}'],
    }),
    front({
      needs: (asked) => [`${historyOf(asked)}:${callOf(asked)} on *`],
      pass: (asked, _body, answer) => answer.end(JSON.stringify(HISTORY_ANSWERS[callOf(asked)] ?? {})),
      refusal: [400, '{"__type":"AccessDeniedException"}'],
    }),
  ];
  const endpoints = await Promise.all(
    servers.map(async (server) => {
      await once(server.listen(0, '127.0.0.1'), 'listening');
      return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
    }),
  );
  const stop = async (): Promise<void> => {
    for (const server of servers) server.closeAllConnections();
    await Promise.all(servers.map(async (server) => once(server.close(), 'close')));
  };
  return {
    dynamoDb: endpoints[0]!,
    s3: endpoints[1]!,
    ec2: endpoints[2]!,
    athena: endpoints[3]!,
    ses: endpoints[4]!,
    securityHub: endpoints[5]!,
    secrets: endpoints[6]!,
    histories: endpoints[7]!,
    needed,
    refused,
    stop,
  };
}

/** One in which nothing stands, and that takes all. */
const HUB_ANSWERS: Readonly<Record<string, string>> = {
  '/findings': '{"Findings":[]}',
  '/findings/import': '{"FailedCount":0,"SuccessCount":1,"FailedFindings":[]}',
};

function needsOfSecurityHub(asked: IncomingMessage, body: Buffer): Need[] {
  if (asked.url === '/findings') return ['securityhub:GetFindings on *'];
  const { Findings } = JSON.parse(body.toString()) as { Findings: { ProductArn: string }[] };
  return Findings.map(({ ProductArn }) => `securityhub:BatchImportFindings on ${ProductArn}`);
}

interface Front {
  readonly needs: (asked: IncomingMessage, body: Buffer) => readonly Need[];
  readonly pass: (asked: IncomingMessage, body: Buffer, answer: ServerResponse) => void;
  readonly refusal: readonly [status: number, text: string];
}

interface Forwarding {
  /** The status in place of 404. */
  readonly gone?: (asked: IncomingMessage) => number;
}

function forward(
  endpoint: string,
  asked: IncomingMessage,
  body: Buffer,
  answer: ServerResponse,
  { gone = () => 404 }: Forwarding = {},
): void {
  const { method, headers } = asked;
  const passed = request(new URL(asked.url!, endpoint), { method, headers }, (got) => {
    answer.writeHead(got.statusCode === 404 ? gone(asked) : got.statusCode!, got.headers);
    got.pipe(answer);
  });
  passed.on('error', (error) => answer.destroy(error));
  passed.end(body);
}

/** Of protocols that name it in a header. */
function callOf(asked: IncomingMessage): string {
  return String(asked.headers['x-amz-target']).split('.').at(-1)!;
}

/** The prefix of its actions: the name that Config's target has is its first one. */
function historyOf(asked: IncomingMessage): string {
  return String(asked.headers['x-amz-target']).startsWith('StarlingDoveService') ? 'config' : 'cloudtrail';
}

/** Of an account in which AWS Config records, and which tells nothing. */
const HISTORY_ANSWERS: Readonly<Record<string, object>> = {
  LookupEvents: { Events: [] },
  DescribeConfigurationRecorderStatus: { ConfigurationRecordersStatus: [{ recording: true, lastStartTime: 1 }] },
  ListDiscoveredResources: { resourceIdentifiers: [{ resourceId: 'eni-1' }] },
  GetResourceConfigHistory: { configurationItems: [] },
};

interface Named {
  readonly TableName: string;
  readonly IndexName?: string;
}

interface DynamoDbInput extends Partial<Named> {
  readonly RequestItems?: Readonly<Record<string, unknown>>;
  readonly TransactItems?: readonly Readonly<Record<string, Named>>[];
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html */
const OF_TRANSACTION: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
};

function needsOfDynamoDb(asked: IncomingMessage, body: Buffer, tables: string): Need[] {
  const call = callOf(asked);
  const { TransactItems, RequestItems, TableName, IndexName } = JSON.parse(body.toString()) as DynamoDbInput;
  if (TransactItems) {
    const items = TransactItems.flatMap((item) => Object.entries(item));
    return items.map(([kind, named]) => `dynamodb:${OF_TRANSACTION[kind]!} on ${tables}${named.TableName}`);
  }
  const index = IndexName === undefined ? '' : `/index/${IndexName}`;
  return (RequestItems ? Object.keys(RequestItems) : [TableName!]).map(
    (name) => `dynamodb:${call} on ${tables}${name}${index}`,
  );
}

const OF_S3: Readonly<Record<string, string>> = {
  GET: 's3:GetObject',
  HEAD: 's3:GetObject',
  PUT: 's3:PutObject',
  DELETE: 's3:DeleteObject',
};

function needsOfS3(asked: IncomingMessage): Need[] {
  const { pathname } = new URL(asked.url!, 'http://s3');
  const [, bucket, key] = /^\/([^/]+)\/?(.*)$/.exec(decodeURIComponent(pathname))!;
  if (key === '') return [`s3:ListBucket on arn:aws:s3:::${bucket!}`];
  return [`${OF_S3[asked.method!] ?? `s3:${asked.method!}`} on arn:aws:s3:::${bucket!}/${key!}`];
}

/** Only what names a prefix list is about a resource. */
function needsOfEc2(input: URLSearchParams, lists: string): Need[] {
  const list = input.get('PrefixListId');
  return [`ec2:${String(input.get('Action'))} on ${list === null ? '*' : lists + list}`];
}

/**
 * `SendEmail` with a message made beforehand is both actions, on the identities and on the configuration set.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsimpleemailservicev2.html
 */
function needsOfSes(body: Buffer, identities: readonly string[], ses: string): Need[] {
  const { Content, ConfigurationSetName } = JSON.parse(body.toString()) as {
    Content: { Raw?: unknown };
    ConfigurationSetName?: string;
  };
  const resources = identities.map((identity) => `identity/${identity}`);
  if (ConfigurationSetName !== undefined) resources.push(`configuration-set/${ConfigurationSetName}`);
  const actions = ['SendEmail', ...(Content.Raw === undefined ? [] : ['SendRawEmail'])];
  return actions.flatMap((action) => resources.map((resource) => `ses:${action} on ${ses}:${resource}`));
}
