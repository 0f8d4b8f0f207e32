import {
  SECURITY_FINDING_KINDS,
  SECURITY_FINDINGS,
  type SecurityFinding,
  type FindingSeverity,
} from './security-finding.ts';

/** Where the rule is written. */
export interface DeclaredAt {
  /** From the root of the repository. */
  readonly file: string;
  readonly line: number;
}

/** https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html#_Toc141790898 */
const LEVELS: Readonly<Record<FindingSeverity, string>> = { high: 'error', medium: 'warning', low: 'note' };

/**
 * SARIF 2.1.0, as code scanning of GitHub and others read it. A result is at the line that declares the rule; where nobody knows that,
 * in the first line of `elsewhere`, since places are demanded.
 * https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support-for-code-scanning
 *
 * @param places by rule id
 */
export function sarifOf(
  findings: readonly SecurityFinding[],
  { version, places, elsewhere }: { version: string; places: ReadonlyMap<string, DeclaredAt>; elsewhere: string },
) {
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'stale-sg',
            semanticVersion: version,
            rules: SECURITY_FINDING_KINDS.map((kind) => {
              const { name, title, remedy } = SECURITY_FINDINGS[kind];
              const shortDescription = { text: title };
              return { id: kind, name, shortDescription, fullDescription: shortDescription, help: { text: remedy } };
            }),
          },
        },
        results: findings.map(({ kind, id, rule, priority, severity, detail, remedy }) => {
          const place = places.get(rule.ruleId) ?? { file: elsewhere, line: 1 };
          return {
            ruleId: kind,
            ruleIndex: SECURITY_FINDING_KINDS.indexOf(kind),
            level: LEVELS[severity],
            rank: priority,
            message: { text: unlinked(`${detail} (${rule.ruleId}). ${remedy}`) },
            locations: [
              {
                physicalLocation: { artifactLocation: { uri: uriOf(place.file) }, region: { startLine: place.line } },
                logicalLocations: [
                  { name: rule.ruleId, fullyQualifiedName: `${rule.groupId}/${rule.ruleId}`, kind: 'resource' },
                ],
              },
            ],
            partialFingerprints: { 'contentOfRule/v1': id },
          };
        }),
      },
    ],
  };
}

/** A relative reference: each part as a segment of a path. https://www.rfc-editor.org/rfc/rfc3986#section-4.2 */
function uriOf(path: string): string {
  return path.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/');
}

/**
 * Viewers make links of `[text](address)` also in plain text: names of others are to be none. SARIF 2.1.0, 3.11.6.
 */
function unlinked(text: string): string {
  return text.replaceAll('](', '] (');
}
