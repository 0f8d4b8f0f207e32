import {
  BatchImportFindingsCommand,
  InvalidAccessException,
  paginateGetFindings,
  SecurityHubClient,
  type SecurityHubClientConfig,
} from '@aws-sdk/client-securityhub';
import { generatorPrefix, productArn, type AsffPlace } from '../../shared/security-findings/asff.ts';
import { standingFinding } from './standing-finding.ts';
import { HUB_BATCH, HubMissing, type FindingsHub } from './sync-findings.ts';

/**
 * `GetFindings` may be called 3 times a second, `BatchImportFindings` 10 times, by all of the account and region together: the
 * client waits longer and longer where others do.
 * https://docs.aws.amazon.com/securityhub/1.0/APIReference/Welcome.html
 */
export function createHubClient(config: SecurityHubClientConfig = {}): SecurityHubClient {
  return new SecurityHubClient({ ...config, maxAttempts: 10 });
}

/** @param warn what is not as we would have imported it, and is left alone */
export function securityHub(
  client: SecurityHubClient,
  place: AsffPlace,
  warn: (what: string, why: unknown) => void,
): FindingsHub {
  return {
    active: async () => {
      const filters = {
        ProductArn: [{ Value: productArn(place), Comparison: 'EQUALS' as const }],
        GeneratorId: [{ Value: generatorPrefix(place), Comparison: 'PREFIX' as const }],
        RecordState: [{ Value: 'ACTIVE', Comparison: 'EQUALS' as const }],
      };
      const found = [];
      for await (const { Findings = [] } of orMissing(
        paginateGetFindings({ client, pageSize: HUB_BATCH }, { Filters: filters }),
      )) {
        for (const one of Findings) {
          const { success, data, error } = standingFinding.safeParse(one);
          if (success) found.push(data);
          else warn('a finding of Security Hub is not as we import them', { id: one.Id, error: error.message });
        }
      }
      return found;
    },
    importBatch: async (findings) => {
      const { FailedFindings = [] } = await client
        .send(new BatchImportFindingsCommand({ Findings: [...findings] }))
        .catch(asMissing);
      return FailedFindings.map(({ Id = '', ErrorCode = '', ErrorMessage = '' }) => ({
        id: Id,
        code: ErrorCode,
        message: ErrorMessage,
      }));
    },
  };
}

async function* orMissing<T>(pages: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* pages;
  } catch (error) {
    asMissing(error);
  }
}

/** https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetFindings.html */
function asMissing(error: unknown): never {
  if (!(error instanceof InvalidAccessException)) throw error;
  throw new HubMissing(`Security Hub is not enabled here: ${error.message}`, { cause: error });
}
