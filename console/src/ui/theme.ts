import { useEffect, useState } from "preact/hooks";

export type Theme = "dark" | "light";

export const currentTheme = (): Theme =>
  document.documentElement.dataset.theme === "dark" ? "dark" : "light";

export function chooseTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem("tickerflow.theme", theme);
  } catch {
    // Storage is forbidden: it holds for this page alone.
  }
}

/** The theme, renewed when it changes: for what CSS does not reach. */
export function useTheme(): Theme {
  const [theme, setTheme] = useState(currentTheme());
  useEffect(() => {
    const seen = new MutationObserver(() => setTheme(currentTheme()));
    seen.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => seen.disconnect();
  }, []);
  return theme;
}

/** A colour of tokens.css. */
export const token = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
