import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { count, plural } from "../format";
import { Icon } from "./icons";
import { sorted, visibleRows, type Sortable, type Sorting } from "./sort";

export interface Column<T> {
  key: string;
  title: string;
  cell: (row: T) => ComponentChildren;
  /** Makes the column sortable. */
  value?: (row: T) => Sortable;
  right?: boolean;
  /** px; the columns without one share what is left. */
  width?: number;
  /** On narrower screens 0 goes first, 3 last. */
  drop?: 0 | 1 | 2 | 3;
  hint?: string;
}

export interface TreeRow {
  depth: number;
  open: boolean | null; // null: has nothing below it
  toggle: () => void;
}

interface TableProps<T> {
  label: string;
  rows: readonly T[];
  columns: readonly Column<T>[];
  rowKey: (row: T) => string | number;
  sorting?: Sorting;
  onSort?: (x: Sorting) => void;
  empty: string;
  short?: boolean;
  rowClass?: (row: T) => string | undefined;
  tree?: (row: T) => TreeRow;
}

const rowHeight = (): number =>
  matchMedia("(pointer: coarse)").matches ? 40 : 32;

/**
 * A table that holds only the rows which can be seen. Rows are of one height;
 * arrow keys go from row to row once one of their links has the focus.
 */
export function Table<T>(props: TableProps<T>) {
  const { columns, sorting, tree } = props;
  const box = useRef<HTMLDivElement>(null);
  const [row_px] = useState(rowHeight);
  const [scrolled, setScrolled] = useState(0);
  const [height, setHeight] = useState(600);
  const wanted = useRef(-1);

  useEffect(() => {
    const element = box.current!;
    const seen = new ResizeObserver(() => setHeight(element.clientHeight));
    seen.observe(element);
    return () => seen.disconnect();
  }, []);

  const by = columns.find((x) => x.key === sorting?.key)?.value;
  const rows =
    by && !tree ? sorted(props.rows, by, sorting!.descending) : props.rows;
  const part = visibleRows(scrolled, height, row_px, rows.length);

  useLayoutEffect(() => {
    if (wanted.current < 0) return;
    const next = box.current!.querySelector<HTMLElement>(
      `[data-index="${wanted.current}"] :is(a, button)`,
    );
    if (next) {
      wanted.current = -1;
      next.focus({ preventScroll: true });
    }
  });

  const move = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: 10,
      PageUp: -10,
      Home: -rows.length,
      End: rows.length,
    };
    const target = event.target as HTMLElement;
    const at = target.closest<HTMLElement>("[data-index]");
    if (tree && at && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
      const { open, toggle } = tree(rows[Number(at.dataset.index)]);
      if (open === (event.key === "ArrowLeft")) toggle();
      return;
    }
    if (!at || !(event.key in steps)) return;
    event.preventDefault();
    const index = Math.min(
      rows.length - 1,
      Math.max(0, Number(at.dataset.index) + steps[event.key]),
    );
    wanted.current = index;
    const head = row_px;
    const top = index * row_px;
    const { scrollTop, clientHeight } = box.current!;
    if (top < scrollTop) box.current!.scrollTop = top;
    else if (top + row_px + head > scrollTop + clientHeight)
      box.current!.scrollTop = top + row_px + head - clientHeight;
    // Nothing scrolled: the row is there already.
    setScrolled(box.current!.scrollTop + 0.001);
  };

  const drop = (x: Column<T>) =>
    [x.drop !== undefined && `drop-${x.drop}`, x.right && "right"].filter(Boolean).join(" ");

  return (
    <div
      class={props.short ? "table-box short" : "table-box"}
      ref={box}
      tabIndex={0}
      role="group"
      aria-label={props.label}
      onScroll={(event) => setScrolled(event.currentTarget.scrollTop)}
      onKeyDown={move}
    >
      <table
        aria-label={props.label}
        aria-rowcount={rows.length + 1}
        role={tree ? "treegrid" : undefined}
      >
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((x) => (
              <Head
                key={x.key}
                column={x as Column<unknown>}
                class={drop(x)}
                sorting={sorting}
                onSort={tree ? undefined : props.onSort}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {part.above_px > 0 && <Spacer height={part.above_px} />}
          {rows.slice(part.first, part.end).map((row, i) => {
            const at = tree?.(row);
            return (
              <tr
                key={props.rowKey(row)}
                data-index={part.first + i}
                aria-rowindex={part.first + i + 2}
                aria-level={at && at.depth + 1}
                aria-expanded={at?.open ?? undefined}
                class={props.rowClass?.(row)}
              >
                {columns.map((x, column) => (
                  <td key={x.key} class={drop(x)}>
                    {at && column === 0 && <Twist {...at} />}
                    {x.cell(row)}
                  </td>
                ))}
              </tr>
            );
          })}
          {part.below_px > 0 && <Spacer height={part.below_px} />}
        </tbody>
      </table>
      {rows.length === 0 && <p class="empty">{props.empty}</p>}
    </div>
  );
}

const Spacer = ({ height }: { height: number }) => (
  <tr class="spacer" aria-hidden="true">
    <td style={{ height: `${height}px` }} />
  </tr>
);

function Twist({ depth, open, toggle }: TreeRow) {
  const indent = { marginLeft: `${depth * 18}px` };
  if (open === null) return <span class="twist" style={indent} />;
  return (
    <button
      type="button"
      class="twist"
      style={indent}
      aria-expanded={open}
      aria-label={open ? "Fold" : "Unfold"}
      onClick={toggle}
    >
      <Icon name="right" size={12} />
    </button>
  );
}

function Head(props: {
  column: Column<unknown>;
  class: string;
  sorting?: Sorting;
  onSort?: (x: Sorting) => void;
}) {
  const { column, sorting, onSort } = props;
  const active = sorting?.key === column.key;
  const width =
    column.width === undefined ? undefined : { width: `${column.width}px` };
  if (!column.value || !onSort)
    return (
      <th scope="col" class={props.class} style={width} title={column.hint}>
        {column.title}
      </th>
    );
  return (
    <th
      scope="col"
      class={props.class}
      style={width}
      title={column.hint}
      aria-sort={
        !active ? "none" : sorting.descending ? "descending" : "ascending"
      }
    >
      <button
        type="button"
        class="button"
        onClick={() =>
          onSort({
            key: column.key,
            // Figures are looked at from the highest down.
            descending: active ? !sorting.descending : !!column.right,
          })
        }
      >
        <span>{column.title}</span>
        {active && (
          <Icon
            name={sorting.descending ? "arrow_down" : "arrow_up"}
            size={11}
          />
        )}
      </button>
    </th>
  );
}

/** How many of how many rows there are; `of` is the name of one. */
export function TableFoot(props: {
  shown: number;
  total: number;
  of: string;
  children?: ComponentChildren;
}) {
  return (
    <div class="table-foot">
      <span role="status">
        {props.shown !== props.total && `${count(props.shown)} of `}
        {plural(props.total, props.of)}
      </span>
      {props.children}
    </div>
  );
}
