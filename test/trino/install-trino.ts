import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';

export interface Installed {
  /** Its folder, with `lib` and `plugin/hive`. */
  readonly folder: string;
  readonly version: number;
  /** The program and its major version. */
  readonly java: string;
  readonly javaVersion: number;
}

/** Why there is no Trino here. */
export class NoTrino extends Error {
  override name = 'NoTrino';
}

const CACHE = process.env.STALE_SG_TRINO_CACHE ?? join(homedir(), '.cache', 'stale-sg', 'trino');
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';

/**
 * The newest Trino that this Java runs and Maven can get, by Maven's own settings. 435 is the last for Java 17, later ones
 * want Java 24. Another: `STALE_SG_TRINO=470`. Takes a gigabyte and a minute the first time.
 *
 * @throws NoTrino that says what is missing
 */
export function installTrino(): Installed {
  const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : 'java';
  const javaVersion = Number(/version "(\d+)/.exec(output(java, ['-version']))?.[1]);
  if (!(javaVersion >= 17)) throw new NoTrino('Trino needs Java 17');
  const wanted = process.env.STALE_SG_TRINO ?? (javaVersion >= 24 ? '[436,476]' : '[352,435]');
  const kept = join(CACHE, wanted.replaceAll(/\W+/g, '_'));
  if (!existsSync(kept)) download(wanted, kept);
  const jar = readdirSync(join(kept, 'lib')).find((name) => /trino-main-\d+\.jar$/.test(name));
  return { folder: kept, version: Number(/\d+/.exec(jar ?? '')?.[0]), java, javaVersion };
}

function download(version: string, into: string): void {
  if (output('mvn', ['-version']) === '') throw new NoTrino('Trino comes from Maven, which is not here');
  mkdirSync(CACHE, { recursive: true });
  const scratch = mkdtempSync(join(CACHE, 'download-'));
  try {
    writeFileSync(join(scratch, 'pom.xml'), pomOf(version));
    const maven = spawnSync('mvn', ['-q', '-B', COPY, `-DoutputDirectory=${scratch}`], { cwd: scratch });
    const file = readdirSync(scratch).find((name) => name.endsWith('.tar.gz'));
    if (maven.status !== 0 || file === undefined) {
      throw new NoTrino(`Maven cannot get io.trino:trino-server:${version}: ${firstError(String(maven.stdout))}`);
    }
    // All of it: what plugins have in common are hard links from one to the other.
    const tar = spawnSync('tar', ['xzf', file], { cwd: scratch });
    if (tar.status !== 0) throw new Error(`${file}: ${String(tar.stderr)}`);
    const folder = join(scratch, basename(file, '.tar.gz'));
    for (const plugin of readdirSync(join(folder, 'plugin'))) {
      if (plugin !== 'hive') rmSync(join(folder, 'plugin', plugin), { recursive: true });
    }
    renameSync(folder, into);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function pomOf(version: string): string {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>stale-sg</groupId><artifactId>trino</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>io.trino</groupId><artifactId>trino-server</artifactId><version>${version}</version><type>tar.gz</type>
      <exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>
    </dependency>
  </dependencies>
</project>
`;
}

function firstError(log: string): string {
  return /\[ERROR\] (.*)/.exec(log)?.[1]?.slice(0, 300) ?? 'no reason given';
}

/** Both outputs; empty where the program is not here. */
function output(program: string, parameters: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, parameters, { encoding: 'utf8' });
  return status === 0 ? stdout + stderr : '';
}
