// What the states that the API names mean, as levels.
import type { Actor, Level, Node, Shard } from "../api/types";

const nodeLevels: Record<Node["state"], Level | "none"> = {
  alive: "ok",
  leads: "ok",
  waits: "ok",
  suspect: "warning",
  dead: "critical",
  leaving: "info",
  drained: "info",
  gone: "none",
};

export const nodeLevel = (x: Node): Level | "none" =>
  nodeLevels[x.state] ?? "none";

const actorLevels: Record<Actor["state"], Level | "none"> = {
  idle: "none",
  busy: "ok",
  stuck: "critical",
  dead: "critical",
};

export const actorLevel = (x: Actor): Level | "none" =>
  actorLevels[x.state] ?? "none";

export function shardLevel(x: Shard): Level {
  if (!x.owner) return "critical";
  return x.state === "running" ? "ok" : "info";
}

const order: Level[] = ["critical", "warning", "info", "ok"];

export function worst(levels: readonly Level[]): Level {
  return order.find((x) => levels.includes(x)) ?? "ok";
}
