import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import manifest from '../../../package.json' with { type: 'json' };

/**
 * The formula by which Homebrew installs a package that `npm pack` made, for a tap: `node …/formula.ts FILE URL > stale-sg.rb`.
 * https://docs.brew.sh/Node-for-Formula-Authors
 */
const [file, url] = process.argv.slice(2);
if (file === undefined || url === undefined || !/^https:\/\/[\w./@%+-]+\.tgz$/.test(url)) {
  process.stderr.write('formula: give the package, and the https:// address from which Homebrew is to fetch it\n');
  process.exitCode = 2;
} else {
  process.stdout.write(`class StaleSg < Formula
  desc "Which AWS security group rules carry traffic, which none, and how sure"
  homepage "${new URL('.', url).href}"
  url "${url}"
  sha256 "${createHash('sha256').update(readFileSync(file)).digest('hex')}"
  license "${manifest.license}"

  depends_on "node"

  def install
    system "npm", "install", *std_npm_args
    bin.install_symlink libexec.glob("bin/*")
  end

  test do
    system bin/"stale-sg", "demo", "--no-open", "--out", testpath
    assert_path_exists testpath/"usage.json"
  end
end
`);
}
