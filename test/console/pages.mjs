/** Every page of the console, as places behind the "#". */
export async function places(pipeline) {
  const { items: actors } = await pipeline.ask("actors?limit=10000");
  const actor = actors.find((x) => x.kind === "aggregator");
  const { items: letters } = await pipeline.ask("dead-letters?limit=1");
  return {
    overview: "overview",
    actors: "actors",
    tree: "actors?view=tree",
    actor: `actors/${encodeURIComponent(actor.node)}/${actor.serial}`,
    flow: "flow",
    "flow-kinds": "flow?by=kind",
    nodes: "nodes",
    tickers: "tickers",
    ticker: "tickers/TSLA",
    "ticker-windows": "tickers/TSLA?view=15m",
    "ticker-days": "tickers/TSLA?view=1d",
    trace: "trace/TSLA",
    budget: "budget",
    alerts: "alerts",
    "dead-letters": "dead-letters",
    "dead-letter": `dead-letters/${letters[0].topic}/${letters[0].shard}/${letters[0].offset}`,
    logs: "logs",
    audit: "audit",
    licences: "licences",
    nothing: "no-such-page",
  };
}
