// Turns what Vite wrote into one C++ source: each file compressed, taken in by
// the assembler's .incbin, with type and etag. The names hold hashes, so CMake
// cannot list them beforehand as tickerflow_embed() wants.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { extname, join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const types: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
};

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) =>
      entry.isDirectory()
        ? filesBelow(join(folder, entry.name))
        : [join(folder, entry.name)],
    )
    .sort();
}

function source(rows: { symbol: string; gz: string; row: string }[]): string {
  const blocks = rows.map(
    ({ symbol, gz }) => `__asm__(".section .rodata\\n"
  ".global ${symbol}\\n" ".balign 16\\n" "${symbol}:\\n"
  ".incbin \\"${gz}\\"\\n"
  ".global ${symbol}_end\\n" "${symbol}_end:\\n" ".byte 0\\n"
  ".previous\\n");
extern "C" const char ${symbol}[];
extern "C" const char ${symbol}_end[];`,
  );
  return `// Made by console/embed.ts.
#include "console/page.hpp"

${blocks.join("\n")}

namespace tickerflow {

const std::vector<page_file>& page_files() {
  static const std::vector<page_file> files{
${rows.map(({ row }) => row).join("\n")}
  };
  return files;
}

} // namespace tickerflow
`;
}

/**
 * Writes page_files.cpp, and page.d with what the page was made of, into
 * `folder` after each build.
 */
export function embed(folder: string): Plugin {
  let root = "";
  let written = "";
  let publicDir = "";
  const inputs = new Set<string>();
  return {
    name: "tickerflow-embed",
    apply: "build",
    configResolved(config) {
      root = config.root;
      written = config.build.outDir;
      publicDir = config.publicDir;
    },
    buildEnd() {
      for (const id of this.getModuleIds()) {
        const path = id.replace(/^\0/, "").split("?")[0];
        if (path.startsWith(root) && !path.includes("/node_modules/"))
          inputs.add(path);
      }
      for (const path of filesBelow(publicDir)) inputs.add(path);
    },
    closeBundle() {
      const compressed = join(folder, "compressed");
      rmSync(compressed, { recursive: true, force: true });
      mkdirSync(compressed, { recursive: true });
      const rows = filesBelow(written).map((file, index) => {
        const path = "/" + relative(written, file);
        const type = types[extname(file)];
        if (!type) throw new Error(`${path}: no content type known for it`);
        const body = gzipSync(readFileSync(file), { level: 9 });
        body[9] = 255; // the system it was made on, which differs by zlib
        const gz = join(compressed, `${index}.gz`);
        writeFileSync(gz, body);
        const hash = createHash("sha256").update(body).digest("hex");
        const symbol = `tickerflow_page_${index}`;
        const immutable = path.startsWith("/assets/");
        return {
          symbol,
          gz,
          row: `      {"${path}", "${type}",
       {${symbol}, static_cast<std::size_t>(${symbol}_end - ${symbol})},
       "\\"${hash.slice(0, 32)}\\"", ${immutable}},`,
        };
      });
      const target = join(folder, "page_files.cpp");
      writeFileSync(target, source(rows));
      writeFileSync(
        join(folder, "page.d"),
        `${target}: ${[...inputs].sort().join(" ")}\n`,
      );
    },
  };
}
