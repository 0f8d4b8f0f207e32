import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, posix } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { FOLDER_LAW } from './folder-law.ts';

/** Source files by their path from the root of the repository, with `/` between the parts. */
type Sources = ReadonlyMap<string, string>;

interface Import {
  readonly line: number;
  /** A path from the root, `node:…` for what Node brings along, or the specifier of a package. */
  readonly target: string;
  /** Gone after compilation: it couples the reader of the code, but not the running program. */
  readonly typeOnly: boolean;
}

interface Facts {
  readonly imports: readonly Import[];
  /** Uses of the clock, of chance and of the process, as written. */
  readonly impure: readonly { readonly line: number; readonly text: string }[];
}

const SDK = /^(@aws-sdk|@smithy)\//;
const CDK = /^(aws-cdk-lib|constructs)(\/|$)/;
const OUTSIDE_WORLD = /^node:(fs|process|os|child_process|net|http|https|http2|dns|tls|dgram)(\/|$)/;
const ADAPTER = /(^|\/)([^/]+-adapter|adapter|aws)\.ts$/;

function importTarget(from: string, specifier: string): string {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier);
  return isBuiltin(specifier) && !specifier.startsWith('node:') ? `node:${specifier}` : specifier;
}

/** With `verbatimModuleSyntax`, `import { type A }` still loads its module; only `import type` does not. */
function importedBy(node: ts.Node): { name: ts.Node | undefined; typeOnly: boolean } | undefined {
  if (ts.isImportDeclaration(node)) {
    return { name: node.moduleSpecifier, typeOnly: node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword };
  }
  if (ts.isExportDeclaration(node)) return { name: node.moduleSpecifier, typeOnly: node.isTypeOnly };
  if (ts.isImportTypeNode(node)) {
    return { name: ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, typeOnly: true };
  }
  if (ts.isCallExpression(node)) {
    const loads =
      node.expression.kind === ts.SyntaxKind.ImportKeyword ||
      (ts.isIdentifier(node.expression) && node.expression.text === 'require');
    if (loads) return { name: node.arguments[0], typeOnly: false };
  }
  return undefined;
}

function isImpure(node: ts.Node): boolean {
  const named = (of: ts.Node | undefined, name: string) => of !== undefined && ts.isIdentifier(of) && of.text === name;
  if (ts.isNewExpression(node)) return named(node.expression, 'Date') && (node.arguments ?? []).length === 0;
  if (ts.isCallExpression(node)) return named(node.expression, 'Date');
  if (ts.isVariableDeclaration(node)) return named(node.initializer, 'process');
  if (ts.isElementAccessExpression(node)) return named(node.expression, 'process');
  if (!ts.isPropertyAccessExpression(node)) return false;
  const member = node.name.text;
  return (
    named(node.expression, 'process') ||
    (named(node.expression, 'globalThis') && member === 'process') ||
    (named(node.expression, 'Date') && member === 'now') ||
    (named(node.expression, 'performance') && member === 'now') ||
    (named(node.expression, 'Math') && member === 'random')
  );
}

function factsOf(path: string, text: string): Facts {
  const imports: Import[] = [];
  const impure: { line: number; text: string }[] = [];
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  const visit = (node: ts.Node): void => {
    const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
    const imported = importedBy(node);
    if (imported?.name !== undefined && ts.isStringLiteralLike(imported.name)) {
      imports.push({ line, target: importTarget(path, imported.name.text), typeOnly: imported.typeOnly });
    }
    if (isImpure(node)) impure.push({ line, text: node.getText(source) });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { imports, impure };
}

const areaOf = (path: string): string => path.split('/')[0]!;
const serviceOf = (path: string): string => path.split('/')[1]!;
/** They bring the world to the services; the pure core knows neither of them. */
const ADAPTERS = /^shared\/(?:aws|disk)\//;
const isPure = (path: string): boolean => areaOf(path) === 'shared' && !ADAPTERS.test(path);

/** Why the file must not import the target; undefined where it may. */
function forbidden(from: string, target: string): string | undefined {
  const to = areaOf(target);
  const isOurs = ['services', 'infra', 'shared', 'test'].includes(to);
  switch (areaOf(from)) {
    case 'shared':
      if (isOurs && to !== 'shared') return 'shared/ imports nothing from outside shared/';
      if (from.startsWith('shared/aws/')) return undefined;
      if (SDK.test(target) || CDK.test(target)) return 'only shared/aws/ may import the SDK';
      if (!isPure(from)) return undefined;
      if (ADAPTERS.test(target)) return 'the pure core does not know the adapters of shared/aws/ and shared/disk/';
      return OUTSIDE_WORLD.test(target) ? 'the pure core does not touch the outside world' : undefined;
    case 'services': {
      if (to === 'infra' || to === 'test') return 'a service imports only shared/ and itself';
      const isCommandLine = serviceOf(from) === 'command-line';
      if (isCommandLine) return undefined;
      if (to === 'services' && serviceOf(target) !== serviceOf(from)) return 'services do not import each other';
      return SDK.test(target) && !ADAPTER.test(from) ? 'only the adapter of a service may import the SDK' : undefined;
    }
    case 'infra':
      return isOurs &&
        to !== 'infra' &&
        !/^shared\/((names|time|console-links)\.ts$|node-bundle\.json$|configuration\/|flowlogs\/fields\.ts$|export\/(tables|data-set)\.ts$)/.test(
          target,
        )
        ? 'infra/ imports only shared/names, shared/time, shared/console-links, how bundles are made, the configuration, the fields of flow logs and the tables of shared/export'
        : undefined;
    default:
      return undefined;
  }
}

function violations(sources: Sources): string[] {
  return [...sources].flatMap(([path, text]) => {
    const { imports, impure } = factsOf(path, text);
    const wrongImports = imports.flatMap(({ line, target }) => {
      const why = forbidden(path, target);
      return why === undefined ? [] : [`${path}:${line} imports ${target}: ${why}`];
    });
    const wrongUses = isPure(path) ? impure.map(({ line, text }) => `${path}:${line} ${text}: pass it in`) : [];
    return [...wrongImports, ...wrongUses];
  });
}

/** Every ring of files that load each other, as its shortest path, told once from its first file by name. */
function cycles(sources: Sources): string[] {
  const loads = new Map(
    [...sources].map(([path, text]) => {
      const targets = factsOf(path, text).imports.filter((i) => !i.typeOnly && sources.has(i.target));
      return [path, targets.map((i) => i.target)] as const;
    }),
  );
  const found = new Set<string>();
  for (const start of loads.keys()) {
    const seen = new Set<string>();
    let frontier: string[][] = [[start]];
    while (frontier.length > 0) {
      const longer = frontier.flatMap((way) => loads.get(way.at(-1)!)!.map((next) => [...way, next]));
      const ring = longer.find((way) => way.at(-1) === start);
      if (ring !== undefined) {
        const files = ring.slice(1);
        const first = files.indexOf([...files].sort()[0]!);
        found.add([...files.slice(first), ...files.slice(0, first + 1)].join(' → '));
        break;
      }
      frontier = longer.filter((way) => {
        const isNew = !seen.has(way.at(-1)!);
        seen.add(way.at(-1)!);
        return isNew;
      });
    }
  }
  return [...found];
}

type FolderLaw = Readonly<Record<string, readonly string[]>>;

/** What the imports of other folders have against the law: the ones it does not name, and names that none needs. */
function unlawful(sources: Sources, law: FolderLaw): string[] {
  const needed = new Map<string, Set<string>>();
  const forbidden: string[] = [];
  for (const [path, text] of sources) {
    const folder = posix.dirname(path);
    const targets = needed.get(folder) ?? new Set();
    needed.set(folder, targets);
    for (const { line, target } of factsOf(path, text).imports) {
      const to = posix.dirname(target);
      if (!sources.has(target) || to === folder) continue;
      targets.add(to);
      if (law[folder]?.includes(to) !== true) forbidden.push(`${path}:${line} imports ${target}: ${folder} must not`);
    }
  }
  const stale = Object.entries(law).flatMap(([folder, targets]) =>
    targets
      .filter((target) => needed.get(folder)?.has(target) !== true)
      .map((target) => `${folder} → ${target}: nothing needs it, take it out of the law`),
  );
  return [...forbidden, ...stale];
}

/** Every folder that can be reached from itself, each with the shortest way around. */
function circles(law: FolderLaw): string[] {
  return Object.keys(law).flatMap((start) => {
    const seen = new Set<string>();
    let frontier = [[start]];
    while (frontier.length > 0) {
      const longer = frontier.flatMap((way) => (law[way.at(-1)!] ?? []).map((next) => [...way, next]));
      const ring = longer.find((way) => way.at(-1) === start);
      if (ring) return [ring.join(' → ')];
      frontier = longer.filter((way) => !seen.has(way.at(-1)!));
      for (const way of frontier) seen.add(way.at(-1)!);
    }
    return [];
  });
}

/** Names that every service gives to its own: its handler, what wires it, and its environment. */
const ALIKE = ['handler', 'readEnvironment', 'wire', 'Covers', 'Seen'];

/** Every exported name that stands for more than one idea, with the files that export it. */
function homonyms(sources: Sources): string[] {
  const homes = new Map<string, string[]>();
  for (const [path, text] of sources) {
    for (const statement of ts.createSourceFile(path, text, ts.ScriptTarget.Latest).statements) {
      if (!ts.canHaveModifiers(statement)) continue;
      if (ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) !== true) continue;
      for (const name of declaredBy(statement)) {
        const known = homes.get(name) ?? [];
        homes.set(name, known);
        if (!known.includes(path)) known.push(path);
      }
    }
  }
  return [...homes].filter(([, paths]) => paths.length > 1).map(([name, paths]) => `${name}: ${paths.join(', ')}`);
}

function declaredBy(statement: ts.Statement): string[] {
  const declarations: readonly ts.Node[] = ts.isVariableStatement(statement)
    ? statement.declarationList.declarations
    : [statement];
  return declarations.flatMap((declaration) => {
    const name = ts.getNameOfDeclaration(declaration as ts.Declaration);
    return name && ts.isIdentifier(name) ? [name.text] : [];
  });
}

function sourcesUnder(...folders: string[]): Sources {
  const root = join(import.meta.dirname, '..');
  return new Map(
    readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && folders.includes(entry.name))
      .flatMap((folder) =>
        readdirSync(join(root, folder.name), { recursive: true, encoding: 'utf8' }).map((path) =>
          posix.join(folder.name, path),
        ),
      )
      .filter((path) => /\.(ts|js)$/.test(path) && !path.includes('node_modules/'))
      .map((path) => [path, readFileSync(join(root, path), 'utf8')]),
  );
}

describe('the sources', () => {
  const sources = sourcesUnder('services', 'infra', 'shared');
  /** The generator is not part of the program: it has words of its own for AWS, so that it shares no mistake. */
  const named = new Map([...sources].filter(([path]) => !path.startsWith('services/generate-account/')));

  test('are found', () => {
    expect(sources.has('shared/inventory/inventory.ts')).toBe(true);
  });

  test('import in the allowed directions only', () => {
    expect(violations(sources)).toEqual([]);
  });

  test('load each other in no ring', () => {
    expect(cycles(sources)).toEqual([]);
  });

  test('keep to the law of folders, which names nothing that is not needed', () => {
    expect(unlawful(sources, FOLDER_LAW)).toEqual([]);
  });

  test('lie in folders without a circle', () => {
    expect(circles(FOLDER_LAW)).toEqual([]);
  });

  test('give two ideas two names', () => {
    expect(homonyms(named).filter((found) => !ALIKE.includes(found.split(':')[0]!))).toEqual([]);
  });

  test('share no more names than the list allows', () => {
    const shared = homonyms(named).map((found) => found.split(':')[0]!);
    expect(ALIKE.filter((name) => !shared.includes(name))).toEqual([]);
  });
});

describe('the law of folders', () => {
  const sources = new Map([
    ['shared/a/a.ts', `import type { B } from '../b/b.ts';`],
    ['shared/b/b.ts', `export const load = () => import('../c/c.ts'); import './own.ts'; import 'node:zlib';`],
    ['shared/b/own.ts', ''],
    ['shared/c/c.ts', ''],
  ]);
  const law = { 'shared/a': ['shared/b'], 'shared/b': ['shared/c'], 'shared/c': [] };

  test.each<[why: string, law: FolderLaw, complaints: string[]]>([
    ['every import is named', law, []],
    ['a type counts', { ...law, 'shared/a': [] }, ['shared/a/a.ts:1 imports shared/b/b.ts: shared/a must not']],
    [
      'an import at run time counts',
      { ...law, 'shared/b': [] },
      ['shared/b/b.ts:1 imports shared/c/c.ts: shared/b must not'],
    ],
    [
      'a name that nothing needs is stale',
      { ...law, 'shared/c': ['shared/a'] },
      ['shared/c → shared/a: nothing needs it, take it out of the law'],
    ],
    [
      'so is a folder that is gone',
      { ...law, 'shared/d': ['shared/a'] },
      ['shared/d → shared/a: nothing needs it, take it out of the law'],
    ],
  ])('%s', (_why, given, complaints) => {
    expect(unlawful(sources, given)).toEqual(complaints);
  });

  test('notices a circle', () => {
    expect(circles({ a: ['b'], b: ['c'], c: ['b'] })).toEqual(['b → c → b', 'c → b → c']);
  });
});

describe('the check of names', () => {
  test('finds a name that two files export, types and constants alike', () => {
    const sources = new Map([
      ['a.ts', 'export const KEPT = 1, LEFT = 2; export interface Place { x: number }'],
      ['b.ts', 'export type Place = string; const LEFT = 3; export function kept() {}'],
    ]);
    expect(homonyms(sources)).toEqual(['Place: a.ts, b.ts']);
  });
});

describe('the check of directions', () => {
  const PURE = 'shared/usage/usage.ts';
  const SERVICE = 'services/count-flows/count-flows.ts';

  test.each<[path: string, text: string, complaint: RegExp]>([
    [PURE, `import { a } from '../../services/report/a.ts';`, /services\/report\/a\.ts: shared\/ imports nothing/],
    [PURE, `import type { A } from '../../infra/a.ts';`, /infra\/a\.ts: shared\/ imports nothing/],
    [PURE, `export * from '../../test/a.ts';`, /test\/a\.ts: shared\/ imports nothing/],
    ['shared/aws/rules.ts', `import '../../services/a/a.ts';`, /shared\/ imports nothing/],
    [PURE, `import { readObject } from '../aws/objects.ts';`, /shared\/aws\/objects\.ts: the pure core/],
    [PURE, `import { FileSet } from '../disk/file-set.ts';`, /shared\/disk\/file-set\.ts: the pure core/],
    ['shared/disk/file-set.ts', `import '@aws-sdk/client-s3';`, /client-s3: only shared\/aws\//],
    [PURE, `import { S3Client } from '@aws-sdk/client-s3';`, /client-s3: only shared\/aws\//],
    [PURE, `import { Stack } from 'aws-cdk-lib';`, /aws-cdk-lib: only shared\/aws\//],
    [PURE, `type S3 = import('@aws-sdk/client-s3').S3Client;`, /client-s3: only shared\/aws\//],
    [PURE, `import { readFileSync } from 'node:fs';`, /node:fs: the pure core/],
    [PURE, `import { readFile } from 'fs/promises';`, /node:fs\/promises: the pure core/],
    [PURE, `import process from 'node:process';`, /node:process: the pure core/],
    [PURE, `const os = await import('node:os');`, /node:os: the pure core/],
    [PURE, `const { exec } = require('child_process');`, /node:child_process: the pure core/],
    [PURE, `\n\nconst region = process.env.AWS_REGION;`, /:3 process\.env: pass it in/],
    [PURE, `const region = process['env'];`, /process\['env'\]: pass it in/],
    [PURE, `const { env } = process;`, /\{ env \} = process: pass it in/],
    [PURE, `const { env } = globalThis.process;`, /globalThis\.process: pass it in/],
    [PURE, `const clock = Date.now;`, /Date\.now: pass it in/],
    [PURE, `const now = new Date();`, /new Date\(\): pass it in/],
    [PURE, `const now = new Date;`, /new Date: pass it in/],
    [PURE, `const now = Date();`, /Date\(\): pass it in/],
    [PURE, `const ms = performance.now();`, /performance\.now: pass it in/],
    [PURE, `const coin = Math.random() < 0.5;`, /Math\.random: pass it in/],
    [SERVICE, `import { b } from '../report/b.ts';`, /services\/report\/b\.ts: services do not import each other/],
    [SERVICE, `import { b } from '../../infra/b.ts';`, /infra\/b\.ts: a service imports only/],
    ['services/command-line/main.ts', `import '../../test/b.ts';`, /test\/b\.ts: a service imports only/],
    [SERVICE, `import { S3Client } from '@aws-sdk/client-s3';`, /client-s3: only the adapter/],
    ['services/count-flows/laws.ts', `import '@aws-sdk/client-s3';`, /client-s3: only the adapter/],
    ['infra/stack.ts', `import { usage } from '../shared/usage/usage.ts';`, /infra\/ imports only shared\/names/],
    ['infra/stack.ts', `import { b } from '../services/report/b.ts';`, /infra\/ imports only shared\/names/],
  ])('%s: %s', (path, text, complaint) => {
    const found = violations(new Map([[path, text]]));
    expect(found).toEqual([expect.stringMatching(complaint)]);
  });

  test.each<[path: string, text: string]>([
    [
      PURE,
      `import { gunzipSync } from 'node:zlib'; import { parse } from 'csv-parse/sync'; import '../rules/rule.ts';`,
    ],
    [PURE, `const day = new Date(seconds * 1000); const at = Date.UTC(2026, 0); const own = { process: 1 }.process;`],
    [PURE, `// Date.now() and process.env in a comment\nconst text = "import 'node:fs'";`],
    [
      'shared/aws/objects.ts',
      `import { S3Client } from '@aws-sdk/client-s3'; import '../rules/rule.ts'; process.env.A;`,
    ],
    ['shared/disk/file-set.ts', `import { mkdirSync } from 'node:fs'; process.platform;`],
    [SERVICE, `import '../../shared/aws/objects.ts'; import './ports.ts'; import 'node:fs'; Date.now();`],
    ['services/count-flows/counters-adapter.ts', `import '@aws-sdk/client-dynamodb';`],
    ['services/count-flows/adapter.ts', `import '@aws-sdk/client-dynamodb';`],
    ['services/count-flows/aws.ts', `import '@aws-sdk/client-dynamodb';`],
    ['services/command-line/main.ts', `import '../report/report.ts'; import '@aws-sdk/client-ec2';`],
    ['infra/stack.ts', `import 'aws-cdk-lib'; import '../shared/names.ts'; import './tables.ts';`],
  ])('lets pass %s: %s', (path, text) => {
    expect(violations(new Map([[path, text]]))).toEqual([]);
  });
});

describe('the check for rings', () => {
  const ring = (files: Record<string, string>) => cycles(new Map(Object.entries(files)));

  test.each<[why: string, files: Record<string, string>, found: string[]]>([
    ['two files', { 'a.ts': `import './b.ts';`, 'b.ts': `export * from './a.ts';` }, ['a.ts → b.ts → a.ts']],
    [
      'three files beside a blameless one',
      {
        'o.ts': `import './b.ts';`,
        'b.ts': `import './c.ts';`,
        'c.ts': `import './a.ts';`,
        'a.ts': `import './b.ts';`,
      },
      ['a.ts → b.ts → c.ts → a.ts'],
    ],
    ['a file that loads itself', { 'a.ts': `import('./a.ts');` }, ['a.ts → a.ts']],
    [
      'an inline type still loads',
      { 'a.ts': `import { type B } from './b.ts';`, 'b.ts': `import './a.ts';` },
      ['a.ts → b.ts → a.ts'],
    ],
    ['a type alone does not', { 'a.ts': `import type { B } from './b.ts';`, 'b.ts': `import './a.ts';` }, []],
    ['nor does a re-exported type', { 'a.ts': `export type { B } from './b.ts';`, 'b.ts': `import './a.ts';` }, []],
    [
      'two ways to one file are no ring',
      { 'a.ts': `import './b.ts'; import './c.ts';`, 'b.ts': `import './c.ts';`, 'c.ts': '' },
      [],
    ],
  ])('%s', (_why, files, found) => {
    expect(ring(files)).toEqual(found);
  });
});
