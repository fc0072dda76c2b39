// Puts the licences of the libraries in the page beside it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

export function licences(root: string): Plugin {
  return {
    name: "tickerflow-licences",
    apply: "build",
    generateBundle() {
      const { dependencies } = JSON.parse(
        readFileSync(join(root, "package.json"), "utf8"),
      ) as { dependencies: Record<string, string> };
      const texts = [...Object.keys(dependencies), "@dagrejs/graphlib", "fancy-canvas"]
        .sort()
        .map((name) => {
          const folder = join(root, "node_modules", name);
          const { version, license } = JSON.parse(
            readFileSync(join(folder, "package.json"), "utf8"),
          ) as { version: string; license: string };
          let text = "";
          try {
            text = readFileSync(join(folder, "LICENSE"), "utf8");
          } catch {
            text = `(its package has only the name: ${license})\n`;
          }
          return `${name} ${version}, ${license}\n\n${text}`;
        });
      this.emitFile({
        type: "asset",
        fileName: "licences.txt",
        source: texts.join(`\n${"-".repeat(78)}\n\n`),
      });
    },
  };
}
