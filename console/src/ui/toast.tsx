import { useEffect, useState } from "preact/hooks";
import { Icon } from "./icons";

interface Toast {
  id: number;
  text: string;
}

let next = 0;
let shown: Toast[] = [];
const observers = new Set<() => void>();

function set(toasts: Toast[]): void {
  shown = toasts;
  for (const f of observers) f();
}

const close = (id: number) => set(shown.filter((x) => x.id !== id));

/** Tells for some seconds, aloud too, what was done. */
export function toast(text: string): void {
  const id = ++next;
  set([...shown.slice(-2), { id, text }]);
  setTimeout(() => close(id), 8000);
}

export function Toasts() {
  const [toasts, setToasts] = useState(shown);
  useEffect(() => {
    const changed = () => setToasts(shown);
    observers.add(changed);
    return () => {
      observers.delete(changed);
    };
  }, []);
  return (
    <div class="toasts" role="status">
      {toasts.map(({ id, text }) => (
        <div key={id} class="notice ok">
          <Icon name="ok" />
          <div>
            <p>{text}</p>
          </div>
          <button
            type="button"
            class="twist"
            aria-label="Close"
            onClick={() => close(id)}
          >
            <Icon name="close" size={12} />
          </button>
        </div>
      ))}
    </div>
  );
}
