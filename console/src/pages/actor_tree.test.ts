import { describe, expect, it } from "vitest";
import type { Actor } from "../api/types";
import { treeRows } from "./actor_tree";

const actor = (node: string, serial: number, supervisor: number | null) =>
  ({ node, serial, supervisor, name: `${serial}` }) as Actor;

const shown = (actors: Actor[], folded: string[] = []) =>
  treeRows(actors, new Set(folded)).map((x) => `${x.depth} ${x.key}`);

describe("treeRows", () => {
  const actors = [
    actor("w2", 1, null),
    actor("w1", 1, null),
    actor("w1", 2, 1),
    actor("w1", 3, 2),
    actor("w1", 4, 1),
  ];

  it("puts actors below their supervisor, and roots below their node", () => {
    expect(shown(actors)).toEqual([
      "0 w1", "1 w1/1", "2 w1/2", "3 w1/3", "2 w1/4", "0 w2", "1 w2/1",
    ]);
  });

  it("leaves out what is below a folded row", () => {
    expect(shown(actors, ["w1/2", "w2"])).toEqual([
      "0 w1", "1 w1/1", "2 w1/2", "2 w1/4", "0 w2",
    ]);
  });

  it("shows an actor whose supervisor is gone as a root", () => {
    expect(shown([actor("w1", 7, 99)])).toEqual(["0 w1", "1 w1/7"]);
  });

  it("takes serials of another node for other actors", () => {
    expect(shown([actor("w1", 1, null), actor("w2", 2, 1)])).toEqual([
      "0 w1", "1 w1/1", "0 w2", "1 w2/2",
    ]);
  });

  it("ends where supervisors form a circle", () => {
    expect(shown([actor("w1", 1, 2), actor("w1", 2, 1)])).toEqual(["0 w1"]);
    expect(shown([actor("w1", 1, 1)])).toEqual(["0 w1", "1 w1/1"]);
  });
});
