import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';

export interface AssumedRole {
  readonly roleArn: string;
  /** That the role asks for: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html */
  readonly externalId?: string | undefined;
  /** Of the STS that is asked. The caller's own: one that a member has opted into may be closed to the caller. */
  readonly region?: string | undefined;
}

/**
 * Credentials of a role, for the `credentials` of a client: whose profile or default chain assumes it, and again before they
 * expire. They are good for an hour, the longest there is where a role assumes another.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining
 */
export function assumedRole({ roleArn, externalId, region }: AssumedRole) {
  return fromTemporaryCredentials({
    params: { RoleArn: roleArn, RoleSessionName: 'stale-sg', ...(externalId && { ExternalId: externalId }) },
    ...(region && { clientConfig: { region } }),
  });
}
