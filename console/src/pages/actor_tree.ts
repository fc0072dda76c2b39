// The supervision tree as rows: a node, below it the actors that no actor
// there supervises, below each the ones that it does.
import type { Actor } from "../api/types";

export interface TreeItem {
  key: string;
  depth: number;
  /** Absent: the row is a node's. */
  actor?: Actor;
  node: string;
  below: number;
}

export const actorKey = (x: Actor) => `${x.node}/${x.serial}`;

/**
 * Rows in order, those below a key in `folded` left out. Supervisors that are
 * not among the actors are as none; a circle of them, which no actor system
 * has, hangs on no root and is left out.
 */
export function treeRows(
  actors: readonly Actor[],
  folded: ReadonlySet<string>,
): TreeItem[] {
  const keys = new Set(actors.map(actorKey));
  const below = new Map<string, Actor[]>();
  for (const x of actors) {
    const supervisor = `${x.node}/${x.supervisor}`;
    const parent =
      x.supervisor !== null && keys.has(supervisor) && x.supervisor !== x.serial
        ? supervisor
        : x.node;
    const list = below.get(parent);
    if (list) list.push(x);
    else below.set(parent, [x]);
  }
  const rows: TreeItem[] = [];
  const seen = new Set<string>();
  const add = (item: TreeItem) => {
    rows.push(item);
    if (folded.has(item.key)) return;
    for (const actor of below.get(item.key) ?? []) {
      const key = actorKey(actor);
      if (seen.has(key)) continue;
      seen.add(key);
      add({
        key,
        depth: item.depth + 1,
        actor,
        node: actor.node,
        below: below.get(key)?.length ?? 0,
      });
    }
  };
  for (const node of [...new Set(actors.map((x) => x.node))].sort())
    add({ key: node, depth: 0, node, below: below.get(node)?.length ?? 0 });
  return rows;
}
