import { useState } from "preact/hooks";
import type { Point } from "../chart/points";
import * as f from "../format";
import { Card } from "../ui/parts";
import type { Sorting } from "../ui/sort";
import { Table, TableFoot, type Column } from "../ui/table";

const columns: Column<Point>[] = [
  { key: "start", title: "Start, New York", value: (x) => x.time, cell: (x) => f.newYork(x.start), width: 160 },
  { key: "session", title: "Session", value: (x) => x.session, cell: (x) => x.session, width: 90, drop: 2 },
  { key: "open", title: "Open", right: true, value: (x) => x.open, cell: (x) => f.price(x.open), drop: 3 },
  { key: "high", title: "High", right: true, value: (x) => x.high, cell: (x) => f.price(x.high), drop: 3 },
  { key: "low", title: "Low", right: true, value: (x) => x.low, cell: (x) => f.price(x.low), drop: 3 },
  { key: "close", title: "Close", right: true, value: (x) => x.close, cell: (x) => f.price(x.close) },
  { key: "volume", title: "Volume", right: true, value: (x) => x.volume, cell: (x) => f.count(x.volume) },
  { key: "revision", title: "Revision", right: true, value: (x) => x.revision, cell: (x) => x.revision, width: 90, drop: 1 },
  {
    key: "state",
    title: "State",
    value: (x) => (x.unfinished ? "open" : x.suspect ? "suspect" : ""),
    cell: (x) => (x.unfinished ? "open" : x.suspect ? "suspect" : "final"),
    width: 90,
    drop: 2,
  },
];

/** The chart's figures, for whoever cannot see it or wants them exactly. */
export function PointTable({ points }: { points: readonly Point[] }) {
  const [open, setOpen] = useState(false);
  const [sorting, setSorting] = useState<Sorting>({
    key: "start",
    descending: true,
  });
  return (
    <Card
      title="Figures"
      flush
      side={
        <button
          type="button"
          class="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {open ? "Hide the table" : "Show as a table"}
        </button>
      }
    >
      {open && (
        <>
          <Table
            label="Figures of the chart"
            rows={points}
            columns={columns}
            rowKey={(x) => x.time}
            sorting={sorting}
            onSort={setSorting}
            empty="None."
            short
          />
          <TableFoot shown={points.length} total={points.length} of="row" />
        </>
      )}
    </Card>
  );
}
