import {
  BatchImportFindingsCommand,
  GetFindingsCommand,
  InvalidAccessException,
  SecurityHubClient,
  type AwsSecurityFinding,
  type BatchImportFindingsCommandInput,
  type GetFindingsCommandInput,
} from '@aws-sdk/client-securityhub';
import { mockClient } from 'aws-sdk-client-mock';
import { PLACE } from './reports-of-findings.ts';

/**
 * Security Hub, as far as its pages tell: what is imported again wants a later time, what people have set stays theirs, pages and
 * batches are bounded, filters hold.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchimportfindings.html
 */
export class PlayedHub {
  readonly stored = new Map<string, AwsSecurityFinding>();
  /** Ids of each call. */
  readonly imports: string[][] = [];
  pages = 0;
  enabled = true;
  /** What it says of these, and does not take. */
  readonly refuses = new Map<string, string>();
  readonly client: SecurityHubClient;

  constructor() {
    this.client = new SecurityHubClient({ region: PLACE.region });
    const mock = mockClient(this.client);
    mock.on(GetFindingsCommand).callsFake(async (input: GetFindingsCommandInput) => this.#page(input));
    mock
      .on(BatchImportFindingsCommand)
      .callsFake(async ({ Findings }: BatchImportFindingsCommandInput) => this.#import(Findings!));
  }

  active(): AwsSecurityFinding[] {
    return [...this.stored.values()].filter(({ RecordState }) => RecordState === 'ACTIVE');
  }

  #check(): void {
    if (this.enabled) return;
    throw new InvalidAccessException({ message: 'Account is not subscribed to AWS Security Hub', $metadata: {} });
  }

  #page({ Filters = {}, NextToken: token = '0', MaxResults: size = 10 }: GetFindingsCommandInput) {
    this.#check();
    this.pages++;
    if (size > 100) throw new Error('100 findings a page');
    const holds = (one: AwsSecurityFinding): boolean =>
      Object.entries(Filters).every(([field, tests]) =>
        (tests as { Value: string; Comparison: string }[]).some(({ Value, Comparison }) => {
          const value = one[field as 'ProductArn' | 'GeneratorId' | 'RecordState'] ?? '';
          return Comparison === 'PREFIX' ? value.startsWith(Value) : value === Value;
        }),
      );
    const found = [...this.stored.values()].filter(holds);
    const from = Number(token);
    const NextToken = from + size < found.length ? { NextToken: String(from + size) } : {};
    return { Findings: structuredClone(found.slice(from, from + size)), ...NextToken };
  }

  #import(findings: AwsSecurityFinding[]) {
    this.#check();
    const bytes = Buffer.byteLength(JSON.stringify(findings));
    if (findings.length > 100 || bytes > 6e6) throw new Error('100 findings, 6 MB a batch');
    this.imports.push(findings.map(({ Id }) => Id!));
    if (new Set(findings.map(({ Id }) => Id)).size < findings.length) throw new Error('an id twice');
    const FailedFindings = findings.flatMap((one) => {
      const code = this.refuses.get(one.Id!);
      if (code !== undefined) return [{ Id: one.Id, ErrorCode: code, ErrorMessage: 'no' }];
      if (one.AwsAccountId !== PLACE.accountId) throw new Error('of another account');
      const before = this.stored.get(one.Id!);
      if (before && !(one.UpdatedAt! > before.UpdatedAt!)) return [];
      const { Severity, Workflow, Note } = before ?? {
        Severity: one.FindingProviderFields!.Severity,
        Workflow: { Status: 'NEW' as const },
      };
      const added = { 'aws/securityhub/ProductName': 'Default' };
      this.stored.set(one.Id!, {
        ...structuredClone(one),
        ...(Severity && { Severity: { ...Severity, Normalized: 1 } }),
        ...(Workflow && { Workflow }),
        ...(Note && { Note }),
        ProductFields: { ...one.ProductFields, ...added },
      });
      return [];
    });
    return {
      FailedCount: FailedFindings.length,
      SuccessCount: findings.length - FailedFindings.length,
      FailedFindings,
    };
  }
}
