import { apiPath } from "../api/path";
import type { Nodes } from "../api/types";
import { useLive } from "../api/use";
import { setQuery } from "../router";
import { Card, PageHead, Search, Select } from "../ui/parts";
import type { PageProps } from "./lazy";
import { LogLines } from "./log_lines";

export function Logs({ query }: PageProps) {
  const node = query.get("node") ?? "";
  const level = query.get("level") ?? "";
  const q = query.get("q") ?? "";
  const nodes = useLive<Nodes>("/api/v1/nodes").data?.items ?? [];
  const names = [...new Set([...nodes.map((x) => x.name), node])]
    .filter(Boolean)
    .sort();
  return (
    <>
      <PageHead title="Logs" text="The newest lines of all nodes, live." />
      <Card flush>
        <header class="filters">
          <Search
            label="Part of a line"
            value={q}
            onInput={(x) => setQuery({ q: x })}
          />
          <Select
            label="Node"
            value={node}
            options={[["", "All nodes"], ...names.map((x) => [x, x] as const)]}
            onChoose={(x) => setQuery({ node: x })}
          />
          <Select
            label="Level"
            value={level}
            options={[
              ["", "All levels"],
              ["info", "Info and worse"],
              ["warning", "Warnings and errors"],
              ["error", "Errors"],
            ]}
            onChoose={(x) => setQuery({ level: x })}
          />
        </header>
        <LogLines path={apiPath(["logs"], { node, level, q, limit: 500 })} />
      </Card>
    </>
  );
}
