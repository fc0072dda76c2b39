import { useEffect, useRef, useState } from "preact/hooks";
import { logOut } from "./api/client";
import { silence } from "./api/live";
import type { Alert, Items, Overview } from "./api/types";
import { live, useConnection, useLive, useNow } from "./api/use";
import { seconds } from "./format";
import { Help, useShortcuts } from "./keyboard";
import { pages } from "./pages";
import { Jump } from "./jump";
import { href, useRoute } from "./router";
import { useSession } from "./session";
import { Icon } from "./ui/icons";
import { Empty, PageHead } from "./ui/parts";
import { chooseTheme, useTheme } from "./ui/theme";
import { Toasts } from "./ui/toast";
import { worst } from "./ui/words";

export function Shell({ onLogOut }: { onLogOut: () => void }) {
  const { parts, query } = useRoute();
  const name = parts[0] ?? "overview";
  const page = pages.find((x) => x.name === name);
  const [menu, setMenu] = useState(false);
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  const keys = useShortcuts();
  const place = parts.join("/");

  useEffect(() => {
    const thing = parts.slice(1).join(" ");
    const title = page?.title ?? "No such page";
    document.title = `${thing || title} · Tickerflow`;
    setMenu(false);
    // Whoever cannot see the new page hears its heading.
    if (!first.current)
      main.current?.querySelector<HTMLElement>("h1")?.focus();
    first.current = false;
  }, [place]);

  const Shown = parts.length > 1 ? page?.one : page?.list;
  return (
    <div class="shell">
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault(); // the address names the page
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <Top
        menu={menu}
        onMenu={() => setMenu(!menu)}
        onJump={() => keys.open("jump")}
        onHelp={() => keys.open("help")}
        onLogOut={onLogOut}
      />
      {menu && (
        <button
          type="button"
          class="backdrop"
          aria-label="Close the menu"
          onClick={() => setMenu(false)}
        />
      )}
      <Menu open={menu} current={name} onClose={() => setMenu(false)} />
      <main class="content" id="main" tabIndex={-1} ref={main}>
        <Lost />
        {Shown ? (
          <Shown key={place} parts={parts.slice(1)} query={query} />
        ) : (
          <>
            <PageHead title="No such page" />
            <Empty>
              There is nothing at this address.{" "}
              <a href={href(["overview"])}>Go to the overview</a>
            </Empty>
          </>
        )}
      </main>
      <Toasts />
      {keys.shown === "help" && <Help onClose={() => keys.open(null)} />}
      {keys.shown === "jump" && <Jump onClose={() => keys.open(null)} />}
    </div>
  );
}

function Top(props: {
  menu: boolean;
  onMenu: () => void;
  onJump: () => void;
  onHelp: () => void;
  onLogOut: () => void;
}) {
  const session = useSession();
  const theme = useTheme();
  const overview = useLive<Overview>("/api/v1/overview").data;
  const other = theme === "dark" ? "light" : "dark";
  return (
    <header class="top">
      <button
        type="button"
        class="button icon plain menu-button"
        aria-label="Menu"
        aria-expanded={props.menu}
        aria-controls="menu"
        onClick={props.onMenu}
      >
        <Icon name="menu" />
      </button>
      <a class="brand" href={href(["overview"])}>
        <img src="/icon.svg" alt="" />
        <span class="optional">Tickerflow</span>
        <span class="hidden">Overview</span>
      </a>
      <div class="health">
        {overview && (
          <>
            <span class={overview.level}>
              <Icon name={overview.level} />
              <span class="hidden">{overview.level}</span>
            </span>
            <span title={overview.headline}>{overview.headline}</span>
          </>
        )}
      </div>
      <button
        type="button"
        class="button"
        aria-label="Jump to Ctrl K: a page, ticker or node"
        onClick={props.onJump}
      >
        <Icon name="search" size={14} />
        <span class="optional">
          Jump to <kbd>Ctrl K</kbd>
        </span>
      </button>
      <button
        type="button"
        class="button icon plain"
        aria-label={`Switch to ${other}`}
        title={`Switch to ${other}`}
        onClick={() => chooseTheme(other)}
      >
        <Icon name={theme === "dark" ? "sun" : "moon"} />
      </button>
      <button
        type="button"
        class="button icon plain optional"
        aria-label="Keyboard"
        title="Keyboard (?)"
        onClick={props.onHelp}
      >
        <Icon name="help" />
      </button>
      <span class="badge optional" title={`Version ${session.version}`}>
        {session.role}
      </span>
      <button
        type="button"
        class="button icon plain"
        aria-label="Log out"
        title="Log out"
        onClick={() => void logOut().finally(props.onLogOut)}
      >
        <Icon name="exit" />
      </button>
    </header>
  );
}

function Menu(props: { open: boolean; current: string; onClose: () => void }) {
  const alerts = useLive<Items<Alert>>("/api/v1/alerts").data?.items ?? [];
  const loud = alerts.filter((x) => x.level !== "info" && x.level !== "ok");
  return (
    <nav
      id="menu"
      class={props.open ? "side open" : "side"}
      aria-label="Pages"
      onKeyDown={(event) => event.key === "Escape" && props.onClose()}
    >
      {(["Pipeline", "Market", "Records"] as const).map((group) => (
        <div key={group}>
          <h2>{group}</h2>
          <ul>
            {pages
              .filter((x) => x.group === group)
              .map((x) => (
                <li key={x.name}>
                  <a
                    href={href([x.name])}
                    aria-current={x.name === props.current ? "page" : undefined}
                    onClick={props.onClose}
                  >
                    <Icon name={x.icon} />
                    {x.title}
                    {x.name === "alerts" && loud.length > 0 && (
                      <span
                        class={`count ${worst(loud.map((y) => y.level))}`}
                      >
                        {loud.length}
                      </span>
                    )}
                  </a>
                </li>
              ))}
          </ul>
        </div>
      ))}
      <p class="small menu-foot">
        <a href={href(["licences"])}>Licences</a>
      </p>
    </nav>
  );
}

/** Tells that what is shown is not being renewed, and what is done about it. */
function Lost() {
  const { state, heardAt, retryAt } = useConnection();
  const now = useNow();
  const quiet = (now - heardAt) / 1000;
  const silent = state === "open" && now - heardAt > silence;
  // The first connecting of a page takes no notice.
  if (!heardAt ? state !== "lost" : state === "open" && !silent) return null;
  return (
    <div class="lost">
      <Icon name="warning" />
      <span role="status">
        {silent ? "The master gives no answer." : "The connection is lost."}
      </span>
      <span>
        {heardAt ? `What you see is as of ${seconds(quiet)} ago. ` : ""}
        {state === "lost" &&
          `Next try in ${seconds(Math.max(0, (retryAt - now) / 1000))}.`}
        {state === "connecting" && "Connecting …"}
      </span>
      {state === "lost" && (
        <button type="button" class="button" onClick={() => live.retry()}>
          Try now
        </button>
      )}
    </div>
  );
}
