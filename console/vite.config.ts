import { defineConfig } from "vitest/config";
import { embed } from "./embed";
import { licences } from "./licences";

// Set by CMakeLists.txt: where the C++ source goes.
const folder = process.env.TICKERFLOW_PAGE_DIR;

export default defineConfig({
  base: "/",
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  plugins: [licences(process.cwd()), ...(folder ? [embed(folder)] : [])],
  build: {
    target: "es2022",
    // An inlined file would be a data: address, which the policy forbids.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 400,
  },
  server: {
    proxy: {
      "/api": {
        target: process.env.TICKERFLOW_CONSOLE ?? "http://127.0.0.1:8081",
        ws: true,
        // The server refuses what comes from another page than its own.
        changeOrigin: true,
        headers: {
          origin: process.env.TICKERFLOW_CONSOLE ?? "http://127.0.0.1:8081",
        },
      },
    },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
