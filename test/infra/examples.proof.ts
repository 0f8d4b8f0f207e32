// Costs about half a minute where nobody has synthesized yet.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, matchesGlob } from 'node:path';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { readConfig } from '../../infra/config.ts';
import type { Config } from '../../shared/configuration/config.ts';
import { deployedDefinition } from '../services/reconcile-usage/state-machine.ts';
import { bundled } from './bundled.ts';
import { grantsOf } from './policies.ts';
import {
  all,
  EXAMPLES,
  hashesIn,
  one,
  plain,
  ROOT,
  synthesizeExample,
  type Resources,
  type Synthesized,
  type Template,
} from './synthesized.ts';
import { VARIANTS } from './variants.ts';

/** Other tests run beside this one, on a small machine. */
jest.setTimeout(120_000);

const names = readdirSync(EXAMPLES).map((file) => basename(file, '.json'));

const sha256 = (bytes: string): string => createHash('sha256').update(bytes).digest('hex');
const stemOf = (name: unknown, prefix: string): string => String(name).replace(`${prefix}-`, '');

/** What each function may call, whatever the resource. */
function actionsOf(services: Resources, prefix: string): Record<string, string[]> {
  return Object.fromEntries(
    all(services, 'AWS::Lambda::Function').map(({ FunctionName, Role }) => {
      const actions = grantsOf(Role, services).map((line) => line.split(' ')[1]!);
      return [stemOf(FunctionName, prefix), [...new Set(actions)].sort()];
    }),
  );
}

function variablesOf(services: Resources, prefix: string): Record<string, string[]> {
  return Object.fromEntries(
    all(services, 'AWS::Lambda::Function').map(({ FunctionName, Environment }) => {
      const { Variables } = Environment as { Variables: object };
      return [stemOf(FunctionName, prefix), Object.keys(Variables).sort()];
    }),
  );
}

test('there is an example of each way to deploy', () => {
  expect(names).toEqual(
    expect.arrayContaining(['existing-bucket', 'new-bucket', 'central-bucket', 'text', 'no-quicksight', 'stack-set']),
  );
});

/** With every function that there is. */
const { services: usual } = await synthesizeExample('no-quicksight');
const functions = all(usual, 'AWS::Lambda::Function').map(({ FunctionName }) => stemOf(FunctionName, 'sg-analysis'));
/** What other tests run, by function. */
const bundles = new Map<string, string>();
for (const service of functions) bundles.set(service, dirname((await bundled(service)).file));
const executed = {
  night: {
    withReport: await deployedDefinition(),
    told: await deployedDefinition(VARIANTS.told),
    without: await deployedDefinition({}),
  },
  backfill: {
    withReport: await deployedDefinition(VARIANTS.report, 'backfill'),
    told: await deployedDefinition(VARIANTS.told, 'backfill'),
    without: await deployedDefinition({}, 'backfill'),
  },
};

/** Of what each function has, that of the functions which this configuration deploys. */
function deployedOf(
  ofEach: Record<string, string[]>,
  { report, securityHub, webhook, flowLogs }: Config,
): Record<string, string[]> {
  const missing = [
    ...(report ? [] : ['send-report']),
    ...((securityHub ?? webhook) ? [] : ['send-findings']),
    ...(flowLogs.logGroups.length > 0 ? [] : ['archive-flow-logs', 'keep-dead-letters']),
  ];
  return Object.fromEntries(Object.entries(ofEach).filter(([service]) => !missing.includes(service)));
}

describe.each(names)('the example %s', (name) => {
  const config = readConfig(join(EXAMPLES, `${name}.json`));
  let made: Synthesized;
  /** Passes the rules of CloudFormation and cdk-nag, or throws. */
  beforeAll(async () => {
    made = await synthesizeExample(name);
  });

  test('deploys the bundles that other tests run', () => {
    for (const { FunctionName, Code } of all(made.services, 'AWS::Lambda::Function')) {
      const service = stemOf(FunctionName, config.prefix);
      const { S3Key } = Code as { S3Key: string };
      const deployed = made.assets[S3Key.replace(/\.zip$/, '')];
      expect([service, deployed]).toEqual([service, hashesIn(bundles.get(service)!)]);
    }
  });

  test.each(['night', 'backfill'] as const)('deploys the state machine %s that other tests execute', (which) => {
    const { DefinitionString } = one(made.services, 'AWS::StepFunctions::StateMachine', {
      StateMachineName: `${config.prefix}-${which}`,
    });
    const here = plain(DefinitionString, made.services)
      .replaceAll('<account>', '111122223333')
      .replaceAll(/<region>|eu-central-1/g, 'eu-west-1')
      .replaceAll(`${config.prefix}-`, 'sg-analysis-');
    const { withReport, told, without } = executed[which];
    const { report, securityHub } = config;
    expect(sha256(here)).toBe(sha256(report && securityHub ? told : report ? withReport : without));
  });

  test('allows functions the calls that are allowed elsewhere; to decrypt, where there are keys', () => {
    const expected = deployedOf(actionsOf(usual, 'sg-analysis'), config);
    if (config.flowLogs.kmsKeyArns.length > 0) {
      expected['count-usage'] = [...expected['count-usage']!, 'kms:Decrypt'].sort();
      const archives = expected['archive-flow-logs'];
      if (archives) expected['archive-flow-logs'] = [...archives, 'kms:GenerateDataKey'].sort();
    }
    if (config.webhook) {
      const more = ['dynamodb:DeleteItem', 'dynamodb:UpdateItem', 'secretsmanager:GetSecretValue', 'kms:Decrypt'];
      expected['send-findings'] = [...expected['send-findings']!, ...more].sort();
    }
    expect(actionsOf(made.services, config.prefix)).toEqual(expected);
  });

  test('tells functions what they are told elsewhere; what else some may know, where it is said', () => {
    const expected = deployedOf(variablesOf(usual, 'sg-analysis'), config);
    if (config.flowLogs.logGroups.length === 0) {
      expected['reconcile-usage'] = expected['reconcile-usage']!.filter((name) => name !== 'STALE_SG_LOG_GROUPS');
    }
    for (const service of config.flowLogs.keyPrefix === '' ? [] : ['reconcile-usage', 'archive-flow-logs']) {
      if (expected[service]) expected[service] = [...expected[service], 'STALE_SG_LOG_KEY_PREFIX'].sort();
    }
    const more = {
      STALE_SG_EXEMPTIONS: config.exemptions,
      STALE_SG_RULES_KNOWN_SINCE: config.rulesKnownSince,
      STALE_SG_OWNER_TAG: config.ownerTag,
    };
    const toOwners = {
      STALE_SG_OWNER_DOMAINS: config.report?.ownerMail?.domains,
      STALE_SG_OWNER_MAIL_EVERY: config.report?.ownerMail?.every,
      STALE_SG_OWNER_ADDRESSES: config.report?.ownerMail?.addresses,
    };
    const toChannel = {
      STALE_SG_WEBHOOK_KIND: config.webhook?.kind,
      STALE_SG_WEBHOOK_SECRET: config.webhook?.secretArn,
    };
    const added = { 'judge-rules': more, 'send-report': toOwners, 'send-findings': toChannel };
    for (const [service, what] of Object.entries(added)) {
      const told = Object.entries(what).flatMap(([name, value]) => (value === undefined ? [] : [name]));
      if (told.length > 0) expected[service] = [...expected[service]!, ...told].sort();
    }
    if (!config.dashboard) {
      for (const service of ['count-usage', 'judge-rules', 'recall-account', 'snapshot-groups']) {
        expected[service] = ['POWERTOOLS_METRICS_DISABLED', ...expected[service]!].sort();
      }
    }
    expect(variablesOf(made.services, config.prefix)).toEqual(expected);
  });
});

const stackSet = await synthesizeExample('stack-set');

describe('the templates for a StackSet', () => {
  const { templates } = stackSet;

  test('fit any account and region, and ask for nothing but the bucket of the bundles', () => {
    expect(templates.data.Parameters).toBeUndefined();
    expect(templates.services.Parameters).toEqual({
      BundleBucket: expect.objectContaining({ Type: 'String', AllowedPattern: '[a-z0-9][a-z0-9.-]{1,46}' }) as unknown,
    });
    for (const template of Object.values(templates)) {
      expect(template.Rules).toBeUndefined();
      expect(JSON.stringify(template)).not.toMatch(/cdk-|CDK|\b\d{12}\b|[a-z]{2}-[a-z]+-\d\b/);
    }
  });

  test('take every function from the bucket of its region, under the name of its bundle', () => {
    const codes = all(templates.services.Resources, 'AWS::Lambda::Function').map(({ Code }) => Code);
    const keyOf = (code: unknown) => (code as { S3Key: string }).S3Key;
    const others = all(usual, 'AWS::Lambda::Function').map(({ Code }) => keyOf(Code));
    expect(codes.length).toBeGreaterThan(3);
    expect(others).toEqual(expect.arrayContaining(codes.map(keyOf)));
    const bucket = ['BundleBucket', 'AWS::Region'].map((name) => `\${${name}}`).join('-');
    for (const code of codes) expect(code).toMatchObject({ S3Bucket: { 'Fn::Sub': bucket } });
  });

  test('come with a command that packs all that a bundle has', () => {
    const [, packed = ''] = /zip -qX - ([^)]+)\)/.exec(readFileSync(join(ROOT, 'infra/README.md'), 'utf8'))!;
    const patterns = packed.split(' ');
    const files = new Set([...bundles.values()].flatMap((folder) => readdirSync(folder)));
    expect([...files].sort()).toEqual(['index.mjs', 'page.js']);
    expect([...files].filter((file) => !patterns.some((pattern) => matchesGlob(file, pattern)))).toEqual([]);
  });

  test('are small enough to be put in by their address', () => {
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
    const bytes = (template: Template) => Buffer.byteLength(JSON.stringify(template));
    expect(Math.max(...Object.values(templates).map(bytes))).toBeLessThan(1e6);
  });
});
