import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');

/** All documents that git knows or would. */
export function markdownFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '*.md'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return listed
    .split('\0')
    .filter((path) => path !== '' && existsSync(join(ROOT, path)))
    .map((path) => join(ROOT, path));
}

/** Links of documents to files that are not there, or to headings that a document does not have. Addresses of the web are not asked. */
export function brokenLinks(documents: readonly string[]): string[] {
  return documents.flatMap((document) => {
    const prose = readFileSync(document, 'utf8')
      .replaceAll(/^( *)```.*?^\1```$/gms, '')
      .replaceAll(/`[^`\n]*`/g, 'code');
    const links = [...prose.matchAll(/\]\(([^()\s]+(?:\([^()\s]*\))?[^()\s]*)\)/g)].map(([, link]) => link!);
    return links
      .filter((link) => !/^[a-z]+:/.test(link) && !leadsSomewhere(link, document))
      .map((link) => `${document.replace(`${ROOT}/`, '')}: ${link}`);
  });
}

function leadsSomewhere(link: string, document: string): boolean {
  const [path = '', heading] = link.split('#');
  const file = path === '' ? document : resolve(dirname(document), decodeURI(path));
  if (!existsSync(file)) return false;
  return heading === undefined || (statSync(file).isFile() && anchorsOf(file).includes(heading));
}

/** As GitHub names them. https://docs.github.com/en/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#section-links */
function anchorsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8').replaceAll(/^```.*?^```$/gms, '');
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
