/** A series as a line without axes; nulls are gaps in it. */
export function Spark(props: {
  values: readonly (number | null | undefined)[];
  label: string;
  height?: number;
}) {
  const width = 300;
  const height = props.height ?? 44;
  const known = props.values.filter((x): x is number => x != null);
  const top = Math.max(1, ...known);
  const step = width / Math.max(1, props.values.length - 1);
  const y = (x: number) => height - 2 - (x / top) * (height - 5);
  let line = "";
  let area = "";
  let begin = -1;
  props.values.forEach((x, i) => {
    if (x == null) {
      if (begin >= 0) area += `L${(i - 1) * step},${height}Z`;
      begin = -1;
      return;
    }
    const point = `${(i * step).toFixed(1)},${y(x).toFixed(1)}`;
    line += (begin < 0 ? "M" : "L") + point;
    area += begin < 0 ? `M${(i * step).toFixed(1)},${height}L${point}` : `L${point}`;
    if (begin < 0) begin = i;
  });
  if (begin >= 0)
    area += `L${((props.values.length - 1) * step).toFixed(1)},${height}Z`;
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${props.label}: the last minutes, at most ${Math.round(top)}`}
    >
      <path class="area" d={area} />
      <path class="line" d={line} vector-effect="non-scaling-stroke" />
    </svg>
  );
}
