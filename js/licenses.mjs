// What a build bundled -> the licence of every package in it, as one text to go along with the bundles.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** @param {string} folder with node_modules; @param {Record<string, unknown>} inputs of esbuild's metafile */
export function licenses(folder, inputs) {
  const names = new Set();
  for (const path of Object.keys(inputs)) {
    const found = path.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)\//);
    if (found) names.add(found[1]);
  }
  return [...names]
    .sort()
    .map((name) => text(folder, name))
    .join(`\n${"-".repeat(80)}\n\n`);
}

function text(folder, name) {
  const root = join(folder, "node_modules", name);
  if (!existsSync(root)) throw new Error(`${name} is bundled, but not found in ${root}`);
  const { version, license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const file = readdirSync(root).find((one) => /^licen[cs]e/i.test(one));
  if (!file) throw new Error(`${name} is bundled and has no licence file`);
  return `${name} ${version} (${license})\n\n${readFileSync(join(root, file), "utf8").trim()}\n`;
}
