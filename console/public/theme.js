// Before the first paint, or a dark page would flash white.
try {
  const theme = localStorage.getItem("tickerflow.theme");
  if (theme === "dark" || theme === "light")
    document.documentElement.dataset.theme = theme;
} catch {
  // Storage is forbidden: the system's choice holds.
}
