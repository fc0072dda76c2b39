import { useEffect, useState } from "preact/hooks";
import { pages } from "./pages";
import { go, href } from "./router";
import { Dialog } from "./ui/dialog";
import { chooseTheme, currentTheme } from "./ui/theme";

type Shown = "help" | "jump" | null;

const stored = "tickerflow.letters";

/** Single letters can be turned off: speech input sets them off by chance. */
function lettersOn(): boolean {
  try {
    return localStorage.getItem(stored) !== "off";
  } catch {
    return true;
  }
}

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.matches("input, textarea, select, [contenteditable]")
  );
}

/** Keys that work on every page. */
export function useShortcuts(): { shown: Shown; open: (x: Shown) => void } {
  const [shown, open] = useState<Shown>(null);
  useEffect(() => {
    let g_at = 0;
    const pressed = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key === "k") {
        event.preventDefault();
        open("jump");
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (typing(event.target) || document.querySelector("dialog[open]")) return;
      if (!lettersOn()) return;
      const after_g = Date.now() - g_at < 1500;
      g_at = event.key === "g" && !after_g ? Date.now() : 0;
      if (after_g) {
        const page = pages.find((x) => x.letter === event.key);
        if (page) go(href([page.name]));
        return;
      }
      if (event.key === "/") {
        const field = document.querySelector<HTMLElement>("[data-search]");
        if (!field) return;
        event.preventDefault();
        field.focus();
      } else if (event.key === "?") {
        open("help");
      } else if (event.key === "t") {
        chooseTheme(currentTheme() === "dark" ? "light" : "dark");
      }
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
  return { shown, open };
}

export function Help({ onClose }: { onClose: () => void }) {
  const [on, setOn] = useState(lettersOn());
  const row = (keys: string[], text: string) => (
    <div key={text}>
      <dt>
        {keys.map((x) => (
          <kbd key={x}>{x}</kbd>
        ))}
      </dt>
      <dd>{text}</dd>
    </div>
  );
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <dl class="keys">
        {row(["Ctrl", "K"], "jump to a page, ticker or node")}
        {row(["/"], "search on this page")}
        {row(["?"], "this list")}
        {row(["t"], "dark or light")}
        {row(["↑", "↓"], "row by row in a table")}
        {row(["←", "→"], "fold and unfold in a tree; move in a chart")}
        {pages.map((x) => x.letter && row(["g", x.letter], x.title))}
      </dl>
      <label class="row">
        <input
          type="checkbox"
          checked={on}
          onChange={(event) => {
            const next = event.currentTarget.checked;
            setOn(next);
            try {
              localStorage.setItem(stored, next ? "on" : "off");
            } catch {
              // Storage is forbidden: they stay on.
            }
          }}
        />
        Single letters are shortcuts
      </label>
      <div class="actions">
        <button type="button" class="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
