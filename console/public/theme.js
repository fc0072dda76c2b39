// Before the first paint, or a dark page would flash white.
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const set = () => {
    let chosen = null;
    try {
      chosen = localStorage.getItem("tickerflow.theme");
    } catch {
      // Storage is forbidden: the system's choice holds.
    }
    const theme =
      chosen === "dark" || chosen === "light"
        ? chosen
        : dark.matches
          ? "dark"
          : "light";
    document.documentElement.dataset.theme = theme;
  };
  set();
  dark.addEventListener("change", set);
})();
