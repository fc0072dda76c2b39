import { useEffect, useState } from "preact/hooks";
import type { Nodes, Tickers } from "./api/types";
import { useGet } from "./api/use";
import { pages } from "./pages";
import { go, href } from "./router";
import { Dialog } from "./ui/dialog";
import { matches } from "./ui/sort";

interface Target {
  kind: string;
  text: string;
  to: string;
}

const most = 12;

/** A search over all that has a page of its own. */
export function Jump({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const nodes = useGet<Nodes>("/api/v1/nodes").data?.items ?? [];
  const asked = useGet<Tickers>("/api/v1/tickers?limit=10000");
  const tickers = asked.data?.items ?? [];
  // Whoever types fast is done before the tickers are here.
  const [entered, setEntered] = useState(false);
  const targets: Target[] = [
    ...pages.map((x) => ({ kind: "page", text: x.title, to: href([x.name]) })),
    ...tickers.map((x) => ({
      kind: "ticker",
      text: x.symbol,
      to: href(["tickers", x.symbol]),
    })),
    ...nodes.map((x) => ({
      kind: "node",
      text: x.name,
      to: href(["actors"], { node: x.name }),
    })),
    ...(text.trim()
      ? [
          {
            kind: "actors",
            text: `Actors with "${text.trim()}"`,
            to: href(["actors"], { q: text.trim() }),
          },
        ]
      : []),
  ];
  const found = targets
    .filter((x) => x.kind === "actors" || matches(`${x.text} ${x.kind}`, text))
    .slice(0, most);
  const chosen = Math.min(at, found.length - 1);
  const choose = (x?: Target) => {
    if (!x) return;
    onClose();
    go(x.to);
  };
  useEffect(() => {
    if (entered && !asked.busy) choose(found[chosen]);
  }, [entered, asked.busy]);
  return (
    <Dialog title="Jump to" onClose={onClose}>
      <input
        class="input"
        type="text"
        role="combobox"
        aria-label="Page, ticker or node"
        aria-expanded="true"
        aria-controls="jump-list"
        aria-activedescendant={found.length ? `jump-${chosen}` : undefined}
        autocomplete="off"
        spellcheck={false}
        value={text}
        autofocus
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
          if (step) {
            event.preventDefault();
            setAt((chosen + step + found.length) % Math.max(1, found.length));
          } else if (event.key === "Enter") {
            event.preventDefault();
            setEntered(true);
          }
        }}
      />
      <ul id="jump-list" class="jump" role="listbox" aria-label="Found">
        {found.map((x, i) => (
          <li
            key={x.to}
            id={`jump-${i}`}
            role="option"
            aria-selected={i === chosen}
            onClick={() => choose(x)}
          >
            <span>{x.text}</span>
            <span class="muted small">{x.kind}</span>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
