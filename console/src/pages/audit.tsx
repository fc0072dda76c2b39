import type { AuditLine, Items } from "../api/types";
import { useLive } from "../api/use";
import * as f from "../format";
import { Awaited, Card, PageHead, Stale } from "../ui/parts";
import { Table, TableFoot, type Column } from "../ui/table";

const columns: Column<AuditLine & { index: number }>[] = [
  { key: "at", title: "At", cell: (x) => f.clock(x.at), width: 170 },
  { key: "role", title: "Role", cell: (x) => x.role, width: 100, drop: 3 },
  { key: "who", title: "From", cell: (x) => x.who, width: 170, drop: 2 },
  { key: "action", title: "Action", cell: (x) => <span title={x.action}>{x.action}</span> },
  { key: "result", title: "Result", cell: (x) => <span title={x.result}>{x.result}</span> },
];

export function Audit() {
  const answer = useLive<Items<AuditLine>>("/api/v1/audit?limit=1000");
  return (
    <>
      <PageHead
        title="Audit"
        text="Who did what since the master started, newest first."
      >
        <Stale at={answer.at} />
      </PageHead>
      <Awaited answer={answer}>
        {({ items }) => (
          <Card flush>
            <Table
              label="Actions"
              rows={items.map((x, index) => ({ ...x, index }))}
              columns={columns}
              rowKey={(x) => items.length - x.index}
              empty="Nobody has done anything."
            />
            <TableFoot shown={items.length} total={items.length} of="action" />
          </Card>
        )}
      </Awaited>
    </>
  );
}
